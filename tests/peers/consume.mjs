// Reads a topic from its beginning with kafkajs until COUNT records have come, and prints each as a line of JSON.
// usage: node consume.mjs BROKER TOPIC COUNT
import { Kafka, logLevel } from 'kafkajs';

const [broker, topic, count] = process.argv.slice(2);
const base64 = (bytes) => (bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('base64'));

const kafka = new Kafka({ clientId: 'rdvctl-tests', brokers: [broker], logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: `rdvctl-tests-${process.pid}-${Date.now()}`, allowAutoTopicCreation: false });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
let left = Number(count);
await new Promise((done, failed) => {
  consumer.on(consumer.events.CRASH, ({ payload }) => failed(payload.error));
  consumer
    .run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        if (left === 0) return;
        // kafkajs gives a repeated header as an array: order across distinct names is kept, not across repeats.
        const headers = Object.entries(message.headers ?? {}).flatMap(([name, value]) =>
          (Array.isArray(value) ? value : [value]).map((one) => [name, base64(one)]),
        );
        const { offset, timestamp } = message;
        console.log(JSON.stringify({ partition, offset, timestamp, key: base64(message.key), headers, value: base64(message.value) }));
        left -= 1;
        if (left === 0) done();
      },
    })
    .catch(failed);
});
await consumer.disconnect();
