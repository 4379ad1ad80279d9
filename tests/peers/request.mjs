// A NestJS request and its reply: one process is the service (handlers that answer and that fail) and the client that asks.
// usage: node request.mjs BROKER TOPIC     TOPIC and TOPIC.reply exist, with one partition each
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientKafka, MessagePattern, Payload, RpcException, Transport } from '@nestjs/microservices';
import { logLevel } from 'kafkajs';
import { lastValueFrom } from 'rxjs';

const [broker, topic] = process.argv.slice(2);
const client = { clientId: 'appointment-service', brokers: [broker], logLevel: logLevel.NOTHING };
const group = `appointment-consumer-group-${process.pid}-${Date.now()}`;

class Handlers {
  handle(payload) {
    if (payload.fail) throw new RpcException('no such doctor');
    return { ok: true, doctorId: payload.doctorId };
  }
}
Controller()(Handlers);
MessagePattern(topic)(Handlers.prototype, 'handle', Object.getOwnPropertyDescriptor(Handlers.prototype, 'handle'));
Payload()(Handlers.prototype, 'handle', 0);
class Service {}
Module({ controllers: [Handlers] })(Service);

const service = await NestFactory.createMicroservice(Service, {
  logger: false,
  transport: Transport.KAFKA,
  options: { client: { ...client }, consumer: { groupId: group }, subscribe: { fromBeginning: true } },
});
await service.listen();
const asker = new ClientKafka({ client: { ...client }, consumer: { groupId: group } });
asker.subscribeToResponseOf(topic);
await asker.connect();
console.log(JSON.stringify(await lastValueFrom(asker.send(topic, { key: 'k', value: { doctorId: 'doctor-7' } }))));
try {
  await lastValueFrom(asker.send(topic, { key: 'k', value: { fail: true } }));
} catch (error) {
  console.log(JSON.stringify({ error }));
}
await asker.close();
await service.close();
