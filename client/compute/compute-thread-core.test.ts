import { expect, test } from "vitest";
import { MODULUS } from "../../shared/field/modulus.ts";
import { matrixProduct } from "../../shared/field/products.ts";
import { randomResidues } from "../../shared/field/random-residues.ts";
import { encodeFrame } from "../../shared/protocol/frame.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { createComputeThread } from "./compute-thread-core.ts";

test("a thread loads shards and multiplies them, in the order in which it is asked, whatever it was started for", async () => {
  const [rows, columns] = [67, 131];
  const random = simulationRandom(30_401);
  const [forward, backward] = [
    randomResidues(rows * columns, MODULUS, random),
    randomResidues(rows * columns, MODULUS, random),
  ];
  const vector = randomResidues(columns, MODULUS, random);
  const residuals = randomResidues(rows * 3, MODULUS, random);
  const frame = encodeFrame({
    forward: { dtype: "U32", shape: [rows, columns], data: forward },
    backward: { dtype: "U32", shape: [columns, rows], data: backward },
  });
  const thread = createComputeThread();
  expect(await thread.holdsShard("s")).toBe(false);
  const common = { shardSha256: "s", jobId: "j", roundIndex: 0 };
  // Nothing is awaited in between: calls take turns.
  const [, first, second] = await Promise.all([
    thread.addShard("s", frame),
    thread.multiply({ ...common, product: "forward", vector, width: 1 }),
    thread.multiply({ ...common, product: "backward", vector: residuals, width: 3 }),
  ]);
  expect(first.residues).toEqual(matrixProduct(forward, rows, columns, vector, 1, MODULUS));
  expect(second.residues).toEqual(matrixProduct(backward, columns, rows, residuals, 3, MODULUS));
  // Node has no WebGL: that candidate is put aside.
  for (const { backend } of [first, second]) expect(["wasm", "plain"]).toContain(backend);
  expect(await thread.holdsShard("s")).toBe(true);
});
