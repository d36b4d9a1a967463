import { expect, test } from "vitest";
import { LagrangeCode } from "../../coding/lagrange-code.ts";
import { MODULUS } from "../../field/modulus.ts";
import { randomResidues } from "../../field/random-residues.ts";
import { simulationRandom } from "../../random/simulation-random.ts";
import { makeVerificationKey, verifyWithAll } from "../../verify/freivalds.ts";
import { createPlainKernels } from "./plain-kernels.ts";
import { createWasmKernels } from "./wasm-kernels.ts";

test("a whole round with the kernels: encode, key, multiply, check and decode, the same on every back-end", async () => {
  const [rows, columns, blockCount] = [13, 21, 4];
  for (const kernels of [createPlainKernels(), await createWasmKernels()]) {
    const code = new LagrangeCode({ blockCount, maskCount: 1, workerCount: 7, degree: 1, modulus: MODULUS });
    const random = simulationRandom(30_120);
    const blocks = Array.from({ length: blockCount }, () => randomResidues(rows * columns, MODULUS, random));
    const coded = [...blocks, ...code.drawMasks(rows * columns, random)];
    const all = kernels.loadMatrix(
      Uint32Array.from(coded.flatMap((block) => [...block])),
      coded.length,
      rows * columns,
    );
    const vector = randomResidues(columns, MODULUS, random);
    const secret = randomResidues(rows, MODULUS, random);
    const results: Uint32Array[] = [];
    for (let i = 0; i < 7; i++) {
      const shard = await all.vecMat(code.encodeRow(i));
      expect(shard).toEqual(code.encode(i, coded));
      const held = kernels.loadMatrix(shard, rows, columns);
      const key = { secret, product: await held.vecMat(secret) };
      expect(key).toEqual(makeVerificationKey(secret, shard, rows, columns, MODULUS));
      const result = await held.matVec(vector);
      expect(verifyWithAll([key], vector, result, MODULUS)).toBe(true);
      results.push(result);
    }
    const expected = await Promise.all(blocks.map((block) => kernels.loadMatrix(block, rows, columns).matVec(vector)));
    const arrived = [0, 2, 3, 5, 6];
    expect(
      code.decode(
        arrived,
        arrived.map((i) => results[i]!),
      ),
    ).toEqual(expected);
    kernels.dispose();
  }
});
