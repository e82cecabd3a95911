import { createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import { bits, boolean, integer, NULL, octets, oid, sequence, set, tagged, time, utf8 } from './der.ts';

const SHA256_WITH_RSA = sequence(oid('1.2.840.113549.1.1.11'), NULL);
const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
/** digitalSignature, and nothing else. */
const DIGITAL_SIGNATURE = Buffer.from([0x03, 0x02, 0x07, 0x80]);

const YEARS = 20;
const YEAR_MS = 365 * 86_400_000;

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), boolean(true), octets(value));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** A self-signed X.509 v3 certificate (RFC 5280) of this RSA key, PEM, valid from an hour before `now` (epoch ms) for twenty years. */
export function selfSigned(privateKey: KeyObject, commonName: string, now: number): string {
  const name = sequence(set(sequence(oid(COMMON_NAME), utf8(commonName))));
  // The first bit stays clear: a serial number is positive.
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const certificate = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serial),
    SHA256_WITH_RSA,
    name,
    sequence(time(now - 3_600_000), time(now + YEARS * YEAR_MS)),
    name,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(extension(BASIC_CONSTRAINTS, sequence()), extension(KEY_USAGE, DIGITAL_SIGNATURE))),
  );
  return pem(sequence(certificate, SHA256_WITH_RSA, bits(sign('sha256', certificate, privateKey))));
}

export function privateKeyOf(text: string): KeyObject {
  return createPrivateKey(text);
}
