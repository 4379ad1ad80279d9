// A NestJS microservice as the appointment service would run it: prints what its handler of TOPIC sees, until COUNT records have come.
// usage: node service.mjs BROKER TOPIC COUNT
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload, Transport } from '@nestjs/microservices';
import { logLevel } from 'kafkajs';

const [broker, topic, count] = process.argv.slice(2);
let left = Number(count);
let finish;
const finished = new Promise((resolve) => (finish = resolve));

class Handlers {
  handle(payload, context) {
    if (left === 0) return;
    const { key, headers } = context.getMessage();
    console.log(JSON.stringify({ topic: context.getTopic(), key, headers, type: typeof payload, payload }));
    left -= 1;
    if (left === 0) finish();
  }
}
// The decorators by hand: this is plain JavaScript.
Controller()(Handlers);
EventPattern(topic)(Handlers.prototype, 'handle', Object.getOwnPropertyDescriptor(Handlers.prototype, 'handle'));
Payload()(Handlers.prototype, 'handle', 0);
Ctx()(Handlers.prototype, 'handle', 1);
class Service {}
Module({ controllers: [Handlers] })(Service);

const service = await NestFactory.createMicroservice(Service, {
  logger: false,
  transport: Transport.KAFKA,
  options: {
    client: { clientId: 'appointment-service', brokers: [broker], logLevel: logLevel.NOTHING },
    consumer: { groupId: `appointment-consumer-group-${process.pid}-${Date.now()}`, allowAutoTopicCreation: false },
    subscribe: { fromBeginning: true },
  },
});
await service.listen();
await finished;
await service.close();
