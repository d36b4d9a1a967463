import { beforeAll, expect, test } from "vitest";
import { LagrangeCode } from "../../../shared/coding/lagrange-code.ts";
import { createPlainKernels } from "../../../shared/compute/field/plain-kernels.ts";
import { MODULUS } from "../../../shared/field/modulus.ts";
import { matrixProduct } from "../../../shared/field/products.ts";
import { randomResidues } from "../../../shared/field/random-residues.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { KeyVault } from "./key-vault.ts";

const [HEIGHT, COLUMNS, K, T, N] = [6, 10, 3, 1, 7];
const random = simulationRandom(42_001);
const code = new LagrangeCode({ blockCount: K, maskCount: T, workerCount: N, degree: 1, modulus: MODULUS });
const blocks = Array.from({ length: K + T }, () => randomResidues(HEIGHT * COLUMNS, MODULUS, random));
const shards = Array.from({ length: N }, (_, i) => code.encode(i, blocks));
const vault = new KeyVault();

beforeAll(() => vault.draw(createPlainKernels(), blocks, { height: HEIGHT, columns: COLUMNS }, 2, random));

const productOf = (shard: number, vector: Uint32Array, width = 1) =>
  matrixProduct(shards[shard]!, HEIGHT, COLUMNS, vector, width, MODULUS);
const verify = (shard: number, vector: Uint32Array, result: Uint32Array) =>
  vault.verify(shard, code.encodeRow(shard), vector, result);

test("no honest result is rejected: 20,000 of every shard and width", () => {
  for (let round = 0; round < 20_000; round++) {
    const width = 1 + (round % 3);
    const vector = randomResidues(COLUMNS * width, MODULUS, random);
    const shard = round % N;
    if (!verify(shard, vector, productOf(shard, vector, width))) throw new Error(`round ${round} was rejected`);
  }
});

test("of 105,000 forged results, every attack by every shard, none is accepted", () => {
  const counts = { tried: 0, accepted: 0 };
  let previous: Uint32Array = new Uint32Array(HEIGHT);
  for (let round = 0; round < 3_000; round++) {
    const vector = randomResidues(COLUMNS, MODULUS, random);
    for (let shard = 0; shard < N; shard++) {
      const honest = productOf(shard, vector);
      const at = random.integer(HEIGHT);
      const forgeries = [
        honest.map((residue) => (residue === 0 ? 0 : MODULUS - residue)),
        new Uint32Array(HEIGHT).fill(random.integer(MODULUS)),
        honest.with(at, (honest[at]! + 1 + random.integer(MODULUS - 1)) % MODULUS),
        previous,
        productOf((shard + 1) % N, vector),
      ];
      for (const forged of forgeries) {
        counts.tried++;
        if (verify(shard, vector, forged)) counts.accepted++;
      }
      previous = honest;
    }
  }
  expect(counts).toEqual({ tried: 105_000, accepted: 0 });
});

test("what is too short, too long or no residue is a wrong result, not an error", () => {
  const vector = randomResidues(COLUMNS, MODULUS, random);
  const honest = productOf(0, vector);
  expect(verify(0, vector, honest)).toBe(true);
  for (const wrong of [honest.slice(1), Uint32Array.of(...honest, 0), honest.with(0, MODULUS), new Uint32Array(0)]) {
    expect(verify(0, vector, wrong)).toBe(false);
  }
});

test("nothing of the keys can be read from outside", () => {
  expect(JSON.stringify(vault)).toBe("{}");
  expect(Object.keys(vault)).toEqual([]);
});
