// Where kafkajs's default partitioner puts 10,000 keys: the golden vectors of tests/golden/partitions.csv.
// usage: node partition.mjs > ../golden/partitions.csv
import { createHash } from 'node:crypto';
import { Partitioners } from 'kafkajs';

const partitioner = Partitioners.DefaultPartitioner();
const metadata = (partitions) => Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 1 }));
const three = metadata(3);
const twentyFour = metadata(24);
const place = (key, partitionMetadata) => partitioner({ topic: 't', partitionMetadata, message: { key } });

// Keys by SHA-256 of their number, so that every run makes the same ones.
const letters = ['a', 'Z', '0', '-', '.', ' ', 'é', 'ß', 'ж', '漢', '字', '🙂', '\u0301', '\ud7ff', '\n', '\0'];
function key(number) {
  const seed = createHash('sha256').update(`rdvctl ${number}`).digest();
  if (number === 0) return Buffer.alloc(0);
  if (number < 20) return Buffer.alloc(number * 100, seed);
  switch (seed[31] % 4) {
    case 0:
      return Buffer.from(`doctor-${seed.readUInt32LE(0) % 100000}`);
    case 1:
      return Buffer.from(seed.readBigUInt64LE(0).toString(36).slice(0, 9));
    case 2:
      return Buffer.from([...seed.subarray(1, 2 + (seed[0] % 8))].map((byte) => letters[byte % letters.length]).join(''));
    default:
      return seed.subarray(1, 2 + (seed[0] % 12));
  }
}

const lines = ['# key in base64, its partition of 3, its partition of 24; made by tests/peers/partition.mjs with kafkajs 2.2.4'];
for (let number = 0; number < 10000; number += 1) {
  const bytes = key(number);
  lines.push(`${bytes.toString('base64')},${place(bytes, three)},${place(bytes, twentyFour)}`);
}
process.stdout.write(lines.join('\n') + '\n');
