/** Rounds that were kept of a real engine, done again from the data; and what a coordinator that cheats in one of them is found by. */
import { expect, test } from "vitest";
import { createPlainKernels } from "../../../../shared/compute/field/plain-kernels.ts";
import { MODULUS } from "../../../../shared/field/modulus.ts";
import { matrixProduct } from "../../../../shared/field/products.ts";
import { encodeNpy } from "../../../../shared/protocol/npy.ts";
import { normal, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import {
  type Checkpoint,
  type RoundLine,
  readCheckpoints,
  readRoundLine,
} from "../../../../shared/receipts/round-lines.ts";
import { planRun } from "../../../coded/core/run-plan.ts";
import type { EngineJob } from "../../../coded/engine/kind-numerics.ts";
import { RoundsEngine } from "../../../coded/engine/rounds-engine.ts";
import { RunTrace } from "../../../coded/run-trace.ts";
import { secretRandom } from "../../../numerics/secret-random.ts";
import { sha256Hex } from "../../../sha256-hex.ts";
import { numericsOf, type RegressionFiles } from "../engine/regression-engine.ts";
import { type TableJob, tableArraySizes } from "../engine/table/table-numerics.ts";
import { recomputeRounds } from "./recompute-rounds.ts";

const [ROWS, COLUMNS, ITERATIONS] = [23, 7, 12];
const random = simulationRandom(15_002);
const values = Float64Array.from({ length: ROWS * COLUMNS }, () => normal(random));
const labels = Int32Array.from({ length: ROWS }, (_, r) => (values[r * COLUMNS]! > 0 ? 1 : 0));

/** As most people's: prepared, with an intercept, at a rate that is found. */
function tableOf(rate: number | null): TableJob {
  const { optimizer: _optimizer, ...files } = jobOf(0);
  const settings = {
    standardise: true,
    intercept: true,
    categories: [],
    gap: null,
    labelNames: null,
    columnNames: null,
  };
  return { ...files, table: { ...settings, rate, momentum: 0.5, l2: 0.05, tolerance: 1e-12 } };
}

function jobOf(colluders: number): RegressionFiles {
  return {
    ...{ kind: "logistic", inputScale: 1, rounding: null, validationShare: 0.1, splitSeed: 5 },
    featuresNpy: encodeNpy({ dtype: "F64", shape: [ROWS, COLUMNS], data: values }),
    labelsNpy: encodeNpy({ dtype: "I32", shape: [ROWS], data: labels }),
    plan: planRun({ scheme: "avcc", dataVolunteers: 3, stragglers: 1, liars: 1, colluders }),
    optimizer: { rate: 0.1, momentum: 0.5, l2: 0.01 },
  };
}

interface Kept {
  readonly lines: RoundLine[];
  readonly checkpoints: Checkpoint[];
}

/** A run without tabs: shards are multiplied here. @param spoil changes the weights after an iteration, as a coordinator that cheats does */
async function trained(
  job: RegressionFiles | TableJob,
  spoil: (iteration: number, weights: Float64Array) => void = () => {},
): Promise<Kept> {
  const engine = new RoundsEngine((of: EngineJob) => numericsOf(of), createPlainKernels(), secretRandom);
  engine.prepare(job, null);
  const { blockCount, maskCount, resultsNeeded } = job.plan;
  const code = { generation: 1, blockCount, maskCount };
  const trace = new RunTrace([]);
  trace.code(code);
  // The last ones, mixtures among them.
  const used = Array.from({ length: resultsNeeded }, (_, i) => job.plan.shardCount - resultsNeeded + i);
  const shards = await engine.shardsOf(code, used);
  const blobs = new Map<string, Uint8Array>();
  const putBlob = async (bytes: Uint8Array) => {
    blobs.set(sha256Hex(bytes), bytes);
    return sha256Hex(bytes);
  };
  for (let iteration = 1; iteration <= ITERATIONS; iteration++) {
    for (const product of ["forward", "backward"] as const) {
      const { residues, width } = engine.vectorOf(product);
      const { height, columns } = engine.shapesOf(1)[product]!;
      const results = used.map((shardIndex, i) => ({
        shardIndex,
        residues: matrixProduct(shards[i]![product]!, height, columns, residues, width, MODULUS),
      }));
      expect(engine.decode(1, product, results, false)).toEqual({ kind: "decoded", wrongShards: [] });
      const taken = results.map(({ shardIndex, residues: own }) => ({
        ...{ shardIndex, volunteerId: `v${shardIndex}`, signed: null },
        sha256: sha256Hex(new Uint8Array(own.buffer, own.byteOffset, own.byteLength)),
      }));
      trace.decoded(product, 1, taken);
      if (product === "forward") engine.link();
      else engine.update();
    }
    const arrays = engine.checkpoint();
    spoil(iteration, arrays.weights!);
    engine.restore({ iteration, arrays });
    trace.updated(iteration, engine.digests());
    if (iteration % 5 === 0 || iteration === ITERATIONS) await trace.written({ iteration, arrays }, putBlob);
  }
  const texts = trace.segments.flatMap(({ rounds }) =>
    new TextDecoder().decode(blobs.get(rounds)).split("\n").slice(0, -1),
  );
  const file = Buffer.concat(trace.segments.map(({ arrays }) => blobs.get(arrays)!));
  return {
    lines: texts.map((text) => readRoundLine(text)!),
    checkpoints: readCheckpoints(file, file.length / trace.segments.length - 8)!,
  };
}

const ALL = Array.from({ length: ITERATIONS }, (_, i) => i + 1);

test.each([0, 2])("[RC10] of an honest run, T = %i, every round is what the data gives", async (colluders) => {
  const job = jobOf(colluders);
  const { lines, checkpoints } = await trained(job);
  expect(lines.map(({ iteration }) => iteration)).toEqual(ALL);
  expect(checkpoints.map(({ iteration }) => iteration)).toEqual([5, 10, 12]);
  const perRound = 2 * job.plan.resultsNeeded;
  // Products of masked shards say nothing to whoever has no masks, and nobody opens them.
  const products = colluders === 0 ? perRound * ITERATIONS : 0;
  expect(lines.every((line) => line.products.length === perRound)).toBe(true);
  expect(recomputeRounds(job, lines, checkpoints, ALL)).toEqual({ rounds: ITERATIONS, products, problem: null });
  // From the latest checkpoint before a drawn round on.
  expect(recomputeRounds(job, lines, checkpoints, [7]).rounds).toBe(2);
  expect(recomputeRounds(job, lines, checkpoints, [3, 4, 12]).rounds).toBe(6);
});

test.each([null, 0.1])("[RC10] rounds of a table follow too, with the memory of the descent: rate %j", async (rate) => {
  const job = tableOf(rate);
  const { lines, checkpoints } = await trained(job);
  const sizes = tableArraySizes(COLUMNS, 1, job.table);
  expect(lines[0]!.arrays.map(([name]) => name)).toEqual(Object.keys(sizes).sort());
  expect(checkpoints[0]!.bytes.length).toBe(8 * Object.values(sizes).reduce((a, b) => a + b));
  expect(recomputeRounds(job, lines, checkpoints, ALL).problem).toBeNull();
  expect(recomputeRounds(job, lines, checkpoints, [7])).toMatchObject({ rounds: 2, problem: null });
  const other = { ...job, table: { ...job.table, l2: 0.06 } };
  expect(recomputeRounds(other, lines, checkpoints, [7]).problem).toMatch(/^iteration 6: its /);
});

test("[RC10] weights that were changed in one round are found by drawing it, and by no other one", async () => {
  const job = jobOf(0);
  const { lines, checkpoints } = await trained(job, (iteration, weights) => {
    if (iteration === 5) weights[2]! += 1e-9;
  });
  expect(recomputeRounds(job, lines, checkpoints, [5]).problem).toBe("iteration 5: its weights are others");
  expect(recomputeRounds(job, lines, checkpoints, [4, 7, 10, 12]).problem).toBeNull();
});

test("[RC10] a product that went in and is wrong, or is another shard's, is named with its volunteer", async () => {
  const job = jobOf(0);
  const { lines, checkpoints } = await trained(job);
  const told = lines.map((line) => ({ ...line, products: line.products.map((product) => ({ ...product })) }));
  const [first, second] = told[6]!.products as [RoundLine["products"][number], RoundLine["products"][number]];
  told[6]!.products[0] = { ...first, sha256: second.sha256 };
  expect(recomputeRounds(job, told, checkpoints, [7]).problem).toBe(
    `iteration 7: the forward product of shard ${first.shardIndex}, of ${first.volunteerId}, is another`,
  );
});

test("[RC10] rounds of a run that goes on after a restart follow those that were durable, each once", async () => {
  const arrays = { weights: Float64Array.of(1, 2) };
  const blobs: string[] = [];
  const putBlob = async (bytes: Uint8Array) => `${blobs.push(new TextDecoder().decode(bytes))}`;
  const update = (trace: RunTrace, iteration: number) => trace.updated(iteration, { weights: "0".repeat(64) });
  const before = new RunTrace([]);
  for (const iteration of [1, 2, 3]) update(before, iteration);
  await before.written({ iteration: 2, arrays }, putBlob);
  const [segment] = before.segments;
  const after = new RunTrace(before.segments);
  for (const iteration of [3, 4]) update(after, iteration);
  // The store refused the first time, and is asked again.
  const refusing = () => Promise.reject(new Error("disk full"));
  await expect(after.written({ iteration: 4, arrays }, refusing)).rejects.toThrow("disk full");
  await after.written({ iteration: 4, arrays }, putBlob);
  await after.written({ iteration: 4, arrays }, putBlob);
  expect(after.segments).toEqual([segment, { iteration: 4, rounds: "3", arrays: "4" }]);
  const iterations = [blobs[0]!, blobs[2]!].map((text) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)[0]),
  );
  expect(iterations).toEqual([
    [1, 2],
    [3, 4],
  ]);
});
