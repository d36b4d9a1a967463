import { afterEach, describe, expect, test } from "vitest";
import { trainOnOneMachine } from "../../../../e2e/proofs/scenarios/regression-reference.ts";
import { createWasmKernels } from "../../../../shared/compute/field/wasm-kernels.ts";
import { MODULUS } from "../../../../shared/field/modulus.ts";
import { matrixProduct } from "../../../../shared/field/products.ts";
import type { RegressionEvaluation } from "../../../../shared/kinds/regression/evaluation.ts";
import { decodeFrame } from "../../../../shared/protocol/frame.ts";
import { encodeNpy, parseNpy } from "../../../../shared/protocol/npy.ts";
import { normal, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { planRun } from "../../../coded/core/run-plan.ts";
import { type CodedEngine, engineHere } from "../../../coded/engine/coded-engine.ts";
import type { FramedShard } from "../../../coded/engine/rounds-engine.ts";
import { spawnEngine } from "../../../coded/engine/spawn-engine.ts";
import { numericsOf, type RegressionFiles } from "./regression-engine.ts";
import type { TableJob } from "./table/table-numerics.ts";
import { trainingInput } from "./training-data.ts";

const [ROWS, COLUMNS] = [37, 11];
const CODE = { generation: 1, blockCount: 3, maskCount: 0 };

function someJob(changes: Partial<RegressionFiles> = {}): RegressionFiles {
  const random = simulationRandom(5);
  const features = Float64Array.from({ length: ROWS * COLUMNS }, () => normal(random));
  const labels = Uint8Array.from({ length: ROWS }, (_, row) => (features[row * COLUMNS]! > 0 ? 9 : 4));
  return {
    kind: "logistic",
    featuresNpy: encodeNpy({ dtype: "F64", shape: [ROWS, COLUMNS], data: features }),
    labelsNpy: encodeNpy({ dtype: "U8", shape: [ROWS], data: labels }),
    inputScale: 1,
    rounding: null,
    validationShare: 0.2,
    splitSeed: 3,
    plan: planRun({ scheme: "avcc", dataVolunteers: 3, stragglers: 1, liars: 1, colluders: 0 }),
    optimizer: { rate: 0.5, momentum: 0.9, l2: 0.01 },
    ...changes,
  };
}

/** What honest tabs answer to a broadcast. */
function products(
  shards: readonly FramedShard[],
  product: "forward" | "backward",
  broadcast: Uint8Array,
  width: number,
) {
  const vector = decodeFrame(broadcast).vector!.data as Uint32Array;
  return shards.map(({ shardIndex, frame, [product]: shape }) => {
    const { rows, columns } = shape!;
    const shard = decodeFrame(frame)[product]!.data as Uint32Array;
    return { shardIndex, residues: matrixProduct(shard, rows, columns, vector, width, MODULUS) };
  });
}

/** @returns how the updated weights do on the rows held out */
async function iterate(engine: CodedEngine, shards: readonly FramedShard[]) {
  for (const product of ["forward", "backward"] as const) {
    const { frame, width } = await engine.broadcast(product);
    const results = products(shards, product, frame, width);
    for (const result of results) expect(await engine.verify(1, product, result)).toBe(true);
    const forged = { ...results[0]!, residues: results[0]!.residues.map((value) => (value + 1) % MODULUS) };
    expect(await engine.verify(1, product, forged)).toBe(false);
    const short = { ...results[0]!, residues: results[0]!.residues.subarray(1) };
    expect(await engine.verify(1, product, short)).toBe(false);
    expect(await engine.decode(1, product, results.slice(-3), false)).toEqual({ kind: "decoded", wrongShards: [] });
    if (product === "forward") await engine.link();
  }
  const held = (await engine.update())!;
  expect(held.accuracy).toBeGreaterThan(0);
  return held;
}

/** The same as a table whose labels are words. */
function tableJob(): TableJob {
  const { optimizer: _optimizer, labelsNpy: _labels, ...files } = someJob();
  const labels = Uint8Array.from(parseNpy(someJob().labelsNpy).data as Uint8Array, (label) => (label === 9 ? 1 : 0));
  return {
    ...{ ...files, labelsNpy: encodeNpy({ dtype: "U8", shape: [ROWS], data: labels }) },
    table: {
      ...{ standardise: true, intercept: true, categories: [], gap: null, columnNames: null },
      ...{ labelNames: ["four", "nine"], rate: null, momentum: 0.9, l2: 0.01, tolerance: 1e-4 },
    },
  };
}

describe.each([
  ["here", async () => engineHere(numericsOf, await createWasmKernels(), simulationRandom(1))],
  ["in a thread of its own", async () => spawnEngine({ url: new URL("./regression-engine.ts", import.meta.url).href })],
])("the engine of a regression, %s", (_name, open) => {
  let engine: CodedEngine | undefined;
  afterEach(() => engine?.close());

  test("trains to the weights of one machine, bit for bit, also when it goes on from a checkpoint", {
    timeout: 60_000,
  }, async () => {
    engine = await open();
    const job = someJob();
    expect(await engine.prepare(job, null)).toEqual([]);
    const shards = await engine.encodeShards(CODE, [0, 1, 2, 3, 4]);
    for (let i = 0; i < 4; i++) await iterate(engine, shards);
    const half = await engine.checkpoint();
    await engine.close();

    engine = await open();
    await engine.prepare(job, { iteration: 4, arrays: half });
    // Plain shards and parities are the same again: nobody needs to fetch what it kept.
    const again = await engine.encodeShards(CODE, [0, 1, 2, 3, 4]);
    expect(again.map(({ sha256 }) => sha256)).toEqual(shards.map(({ sha256 }) => sha256));
    for (let i = 0; i < 4; i++) await iterate(engine, again);
    const { features, labels } = trainingInput(job);
    const { rounding, optimizer } = job;
    const expected = trainOnOneMachine({ kind: "logistic", features, labels, rounding, optimizer }, 8);
    expect((await engine.checkpoint()).weights).toEqual(expected);
  });

  test.each([
    ["columns as they are", () => someJob(), ["4", "9"]],
    ["a table", tableJob, ["four", "nine"]],
  ])(
    "says of kept weights how good they are on the rows held out, as the update did: %s",
    {
      timeout: 60_000,
    },
    async (_what, jobOf, labels) => {
      engine = await open();
      await engine.prepare(jobOf(), null);
      const shards = await engine.encodeShards(CODE, [0, 1, 2, 3, 4]);
      await iterate(engine, shards);
      const { accuracy } = await iterate(engine, shards);
      const kept = { iteration: 2, arrays: await engine.checkpoint() };
      await iterate(engine, shards);
      await iterate(engine, shards);
      const found = (await engine.evaluation(kept)) as RegressionEvaluation;
      expect(found).toMatchObject({ weightsOf: 2, of: "held-out", rows: 7, byNumber: null });
      expect(found.byClass!.classes.map(({ label }) => label)).toEqual(labels);
      expect(found.byClass!.classes.reduce((sum, { right }) => sum + right, 0) / 7).toBe(accuracy);
      // Kept with the job, it takes the room of a small picture.
      expect(JSON.stringify(found).length).toBeLessThan(2_000);
    },
  );

  test("data that cannot be trained on is refused in words for the submitter", async () => {
    engine = await open();
    const labelsNpy = encodeNpy({ dtype: "U8", shape: [ROWS - 1], data: new Uint8Array(ROWS - 1) });
    await expect(engine.prepare(someJob({ labelsNpy }), null)).rejects.toThrow(
      /^y: expected 37 numbers, one for each row of X, got 36$/,
    );
  });
});

test("rows that are held out are drawn by the seed, and every row is trained on or held out", () => {
  const { features, validation } = trainingInput(someJob());
  const again = trainingInput(someJob());
  const other = trainingInput(someJob({ splitSeed: 4 }));
  expect(again.features.values).toEqual(features.values);
  expect(other.features.values).not.toEqual(features.values);
  expect([features.rows, validation!.features.rows]).toEqual([30, 7]);
  const all = [...(features.values as Float64Array), ...(validation!.features.values as Float64Array)].sort();
  const uploaded = trainingInput(someJob({ validationShare: 0 }));
  expect(uploaded.validation).toBeUndefined();
  expect(all).toEqual([...(uploaded.features.values as Float64Array)].sort());
});
