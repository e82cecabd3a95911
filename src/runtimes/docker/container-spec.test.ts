import { expect, it } from 'vitest';
import { containerSpec, limitsOf } from './container-spec.ts';

const GIB = 1024 ** 3;
const LARGE = { NCPU: 64, MemTotal: 256 * GIB, MemoryLimit: true, CpuCfsQuota: true };

it.each([
  ['BUILD_GENERAL1_SMALL', LARGE, { Memory: 4 * GIB, MemorySwap: 4 * GIB, NanoCpus: 2e9 }],
  ['BUILD_GENERAL1_2XLARGE', LARGE, { Memory: 144 * GIB, MemorySwap: 144 * GIB }],
  ['BUILD_GENERAL1_LARGE', { ...LARGE, NCPU: 8, MemTotal: 16 * GIB }, {}],
  ['BUILD_GENERAL1_SMALL', { ...LARGE, MemoryLimit: false, CpuCfsQuota: false }, {}],
  ['ATTRIBUTE_BASED_COMPUTE', LARGE, {}],
  ['BUILD_GENERAL1_SMALL', {}, {}],
])('limits %s', (computeType, info, limits) => {
  expect(limitsOf(computeType, info)).toEqual(limits);
});

it('gives the engine’s socket to privileged builds alone', () => {
  const wish = {
    id: 'i',
    owner: 'o',
    image: 'x',
    computeType: '',
    network: 'host',
    workspace: '/w',
    socketPath: '/engine.sock',
    command: [],
  };
  expect(JSON.stringify(containerSpec({ ...wish, privileged: true }, {}))).toContain('/engine.sock');
  expect(JSON.stringify(containerSpec({ ...wish, privileged: false }, {}))).not.toContain('/engine.sock');
});
