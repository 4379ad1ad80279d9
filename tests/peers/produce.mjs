// Writes the cases of the service's contract with the service's own libraries, in order, to partition 0 of a topic.
// usage: node produce.mjs BROKER TOPIC     prints the name of each case, a line each
import 'reflect-metadata';
import { ClientKafka } from '@nestjs/microservices';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { lastValueFrom } from 'rxjs';

const [broker, topic] = process.argv.slice(2);

const envelope = (data) => ({
  eventType: data.eventType,
  occurredOn: data.occurredOn,
  data,
  metadata: { source: 'appointment-service', version: '1.0.0', timestamp: new Date('2024-01-10T09:00:00.005Z') },
});
const created = () =>
  envelope({
    occurredOn: new Date('2024-01-10T09:00:00.000Z'),
    appointmentId: 'k3j9x0q2z',
    title: 'Consultation cardiologie',
    startDate: new Date('2024-02-15T10:00:00.000Z'),
    endDate: new Date('2024-02-15T11:00:00.000Z'),
    patientId: 'patient-123',
    doctorId: 'doctor-456',
    eventType: 'AppointmentCreatedEvent',
  });
const cancelled = () =>
  envelope({
    occurredOn: new Date('2024-01-11T09:00:00.000Z'),
    appointmentId: 'k3j9x0q2z',
    cancelledAt: new Date('2024-01-11T09:00:00.000Z'),
    reason: undefined,
    eventType: 'AppointmentCancelledEvent',
  });
const patient = () => ({
  patientId: 'patient-123',
  name: 'Zoé Testère',
  email: 'zoe@example.test',
  phone: '+33 1 99 00 00 00',
  registeredAt: new Date('2024-01-09T08:00:00.000Z'),
});
const timestamp = '1704877200000';
class Named {
  constructor(name) {
    this.name = name;
  }
  toString() {
    return `Named(${this.name})`;
  }
}

// What is given to ClientKafka.emit: contracts of the Nest serializer.
const nest = {
  'nest-envelope': { key: 'k3j9x0q2z', value: created(), timestamp },
  'nest-envelope-undefined-field': { key: 'k3j9x0q2z', value: cancelled(), timestamp },
  'nest-plain-object': patient(),
  'nest-array': [1, 'two', null],
  'nest-string': 'plain text, not quoted: été',
  'nest-string-of-json': ' {"leading": "blank"}',
  'nest-buffer': Buffer.from([0x00, 0x01, 0xff, 0xfe, 0x0a]),
  'nest-number': 42,
  'nest-boolean': true,
  'nest-date': new Date('2024-01-10T09:00:00.000Z'),
  'nest-null-value': { key: 'k3j9x0q2z', value: null },
  'nest-map': new Map([['lost', true]]),
  'nest-class-with-to-string': new Named('x'),
  'nest-object-key': { key: { appointmentId: 'k3j9x0q2z' }, value: { a: 1 } },
  'nest-number-key': { key: 5, value: { a: 1 } },
  'nest-payload-with-a-field-key': { key: 'k', name: 'n' },
  'nest-headers': { key: 'k', value: { a: 1 }, headers: { trace: 'abc', json: '{"x":1}', repeated: ['1', '2'] } },
};

// What is given to the producer of kafkajs.
const plain = {
  'kafkajs-envelope': { key: 'k3j9x0q2z', value: JSON.stringify(created()), timestamp },
  'kafkajs-flat': { key: 'patient-123', value: JSON.stringify(patient()), timestamp },
  'kafkajs-null-key': { value: '{"a":1}' },
  'kafkajs-empty-key': { key: '', value: '{"a":1}' },
  'kafkajs-tombstone': { key: 'k3j9x0q2z', value: null },
  'kafkajs-empty-value': { key: 'k3j9x0q2z', value: '' },
  'kafkajs-binary': { key: Buffer.from([0xff, 0x00]), value: Buffer.from([0xc3, 0x28, 0x00]) },
  'kafkajs-confluent-wire-format': { key: 'k', value: Buffer.from([0, 0, 0, 0, 7, 0x0a, 0x0b]) },
  'kafkajs-headers': {
    key: 'k',
    value: '{}',
    headers: { text: 'été', empty: '', int32: Buffer.from([0, 0, 0, 2]), repeated: ['1', '2', '1'] },
  },
  'kafkajs-request': {
    key: 'k',
    value: '{"a":1}',
    headers: { kafka_correlationId: 'a1b2c3d4e5f6g7h8i9j0k', kafka_replyTopic: 'patient.registered.reply', kafka_replyPartition: '0' },
  },
  'kafkajs-reply': {
    key: 'k',
    value: '{"ok":true}',
    headers: { kafka_correlationId: 'a1b2c3d4e5f6g7h8i9j0k', 'kafka_nest-is-disposed': Buffer.alloc(1) },
  },
  'kafkajs-error-reply': {
    key: 'k',
    value: null,
    headers: {
      kafka_correlationId: 'a1b2c3d4e5f6g7h8i9j0k',
      'kafka_nest-err': '{"status":"error","message":"Internal server error"}',
      'kafka_nest-is-disposed': Buffer.alloc(1),
    },
  },
};

const client = { clientId: 'rdvctl-tests', brokers: [broker], logLevel: logLevel.NOTHING };

const service = new ClientKafka({ client, producerOnlyMode: true });
await service.connect();
for (const [name, input] of Object.entries(nest)) {
  await lastValueFrom(service.emit(topic, input));
  console.log(name);
}
await service.close();

const producer = new Kafka(client).producer({ allowAutoTopicCreation: false });
await producer.connect();
for (const [name, message] of Object.entries(plain)) {
  await producer.send({ topic, messages: [{ ...message, partition: 0 }] });
  console.log(name);
}
await producer.send({
  topic,
  compression: CompressionTypes.GZIP,
  messages: [{ key: 'k3j9x0q2z', value: JSON.stringify(created()), timestamp, partition: 0 }],
});
console.log('kafkajs-gzip');
await producer.disconnect();
