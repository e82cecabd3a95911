import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const [COST, BLOCK, PARALLEL] = [16_384, 8, 1];
const SALT_BYTES = 16;
const HASH_BYTES = 32;

function derive(password: string, salt: Buffer, [N, r, p]: readonly number[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, { N: N!, r: r!, p: p! }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, [COST, BLOCK, PARALLEL]);
  return ['scrypt', COST, BLOCK, PARALLEL, salt.toString('base64'), hash.toString('base64')].join('$');
}

export async function passwordMatches(password: string, stored: string): Promise<boolean> {
  const [, N, r, p, salt, hash] = stored.split('$');
  const derived = await derive(password, Buffer.from(salt!, 'base64'), [Number(N), Number(r), Number(p)]);
  return timingSafeEqual(derived, Buffer.from(hash!, 'base64'));
}
