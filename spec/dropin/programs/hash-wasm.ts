/** hash-wasm (C, one small module per hash): digests, checked by node:crypto too, and password hashes. */
import { createHash, createHmac, pbkdf2Sync, scryptSync } from 'node:crypto';
import type { Program } from '../../real/program.js';

const names = ['md4', 'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'ripemd160', 'blake2b', 'sm3'] as const;
const nodeNames: Record<string, string> = { blake2b: 'blake2b512' };
const others = [
  'sha3',
  'keccak',
  'blake2s',
  'blake3',
  'crc32',
  'xxhash32',
  'xxhash64',
  'xxhash3',
  'whirlpool',
] as const;

export const program: Program<typeof import('hash-wasm')> = {
  load: () => import('hash-wasm'),
  async work(hashes) {
    const lines: string[] = [];
    const inputs = [0, 1, 55, 64, 1000, 100_003].map((length) => Buffer.alloc(length, 'Beamline'));
    for (const name of names) {
      for (const input of inputs) {
        const found = await hashes[name](input);
        // md4 is missing in OpenSSL 3 without its legacy provider.
        if (
          name !== 'md4' &&
          found !==
            createHash(nodeNames[name] ?? name)
              .update(input)
              .digest('hex')
        ) {
          throw new Error(`${name} of ${input.length} bytes: ${found}`);
        }
        lines.push(found);
      }
    }
    for (const name of others) for (const input of inputs) lines.push(await hashes[name](input));
    const incremental = await hashes.createSHA256();
    for (let i = 0; i < 1000; i++) incremental.update(`part ${i};`);
    lines.push(incremental.digest());
    const hmac = await hashes.createHMAC(hashes.createSHA512(), 'key');
    lines.push(hmac.init().update('text').digest());
    if (lines.at(-1) !== createHmac('sha512', 'key').update('text').digest('hex')) throw new Error('hmac');

    const salt = Buffer.alloc(16, 7);
    const password = 'correct horse';
    const scrypt = await hashes.scrypt({
      password,
      salt,
      costFactor: 256,
      blockSize: 8,
      parallelism: 1,
      hashLength: 32,
    });
    const plain = scryptSync(password, salt, 32, { N: 256, r: 8, p: 1 }).toString('hex');
    if (scrypt !== plain) throw new Error('scrypt');
    const pbkdf2 = await hashes.pbkdf2({
      password,
      salt,
      iterations: 100,
      hashLength: 32,
      hashFunction: hashes.createSHA1(),
    });
    if (pbkdf2 !== pbkdf2Sync(password, salt, 100, 32, 'sha1').toString('hex')) throw new Error('pbkdf2');
    const argon2 = { password, salt, parallelism: 2, iterations: 2, memorySize: 512, hashLength: 32 };
    lines.push(scrypt, pbkdf2, await hashes.argon2id(argon2), await hashes.argon2d(argon2));
    lines.push(await hashes.bcrypt({ password, salt, costFactor: 5 }));
    return lines.join('\n');
  },
};
