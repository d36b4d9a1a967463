import fc from "fast-check";
import { expect, test } from "vitest";
import { createPlainKernels } from "../../../../shared/compute/field/plain-kernels.ts";
import { CENTRED_MAX, MODULUS } from "../../../../shared/field/modulus.ts";
import { matrixProduct } from "../../../../shared/field/products.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { planRun } from "../../../coded/core/run-plan.ts";
import type { HeldArrays } from "../../../coded/engine/kind-numerics.ts";
import type { NumberTable } from "../../../coded/engine/number-table.ts";
import { RoundsEngine } from "../../../coded/engine/rounds-engine.ts";
import { type MatmulJob, MatmulNumerics } from "./matmul-engine.ts";

const table = (values: readonly number[], rows: number, columns: number): NumberTable => ({
  values: Float64Array.from(values),
  rows,
  columns,
});

function someJob(left: NumberTable, right: NumberTable, changes: Partial<MatmulJob> = {}): MatmulJob {
  const plan = planRun({ scheme: "avcc", dataVolunteers: 2, stragglers: 1, liars: 0, colluders: 0 });
  return { plan, left, right, leftFractionBits: 0, rightFractionBits: 0, sliceColumns: 2, ...changes };
}

type Engine = RoundsEngine<MatmulJob>;

function newEngine(random: RandomSource = simulationRandom(3)): Engine {
  return new RoundsEngine((job) => new MatmulNumerics(job), createPlainKernels(), random);
}

/** All slices, the last shards answering; every result is checked, and a changed one is refused. */
async function multiply(job: MatmulJob, maskCount = 0, engine = newEngine()): Promise<number[]> {
  engine.prepare(job, null);
  await runSlices(engine, Math.ceil(job.right.columns / 2), maskCount);
  return productOf(engine);
}

function productOf(engine: Engine): number[] {
  return [...engine.checkpoint().product!];
}

async function runSlices(engine: Engine, count: number, maskCount = 0): Promise<void> {
  const shards = await engine.shardsOf(
    { generation: 1, blockCount: 2, maskCount },
    [0, 1, 2, 3].slice(0, 3 + maskCount),
  );
  const { forward } = engine.shapesOf(1);
  for (let slice = 0; slice < count; slice++) {
    const { residues, width } = engine.vectorOf("forward");
    const results = shards.slice(-2 - maskCount).map(({ shardIndex, forward: shard }) => ({
      shardIndex,
      residues: matrixProduct(shard, forward.height, forward.columns, residues, width, MODULUS),
    }));
    for (const result of results) {
      expect(engine.verify(1, "forward", result)).toBe(true);
      const forged = result.residues.with(0, (result.residues[0]! + 1) % MODULUS);
      expect(engine.verify(1, "forward", { ...result, residues: forged })).toBe(false);
    }
    expect(engine.decode(1, "forward", results, false)).toEqual({ kind: "decoded", wrongShards: [] });
    engine.link();
  }
}

function exactProduct(left: NumberTable, right: NumberTable): number[] {
  return Array.from({ length: left.rows * right.columns }, (_, at) => {
    const [r, c] = [Math.floor(at / right.columns), at % right.columns];
    let sum = 0n;
    for (let i = 0; i < left.columns; i++) {
      sum += BigInt(left.values[r * left.columns + i]!) * BigInt(right.values[i * right.columns + c]!);
    }
    return Number(sum);
  });
}

test("A times B is exact for whole numbers of either sign and every shape, in as many chunks as that takes", async () => {
  let chunked = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        rows: fc.integer({ min: 2, max: 7 }),
        inner: fc.integer({ min: 1, max: 9 }),
        columns: fc.integer({ min: 1, max: 5 }),
        size: fc.constantFrom(3, 1_000, 30_000),
        seed: fc.integer({ min: 0, max: 2 ** 31 }),
      }),
      async ({ rows, inner, columns, size, seed }) => {
        const random = simulationRandom(seed);
        const numbers = (count: number) => Array.from({ length: count }, () => random.integer(2 * size + 1) - size);
        const [left, right] = [
          table(numbers(rows * inner), rows, inner),
          table(numbers(inner * columns), inner, columns),
        ];
        const job = someJob(left, right);
        if (new MatmulNumerics(job).prepare().chunkCount > 1) chunked++;
        expect(await multiply(job, 0, newEngine(random))).toEqual(exactProduct(left, right));
      },
    ),
    { numRuns: 60 },
  );
  expect(chunked).toBeGreaterThan(5);
});

test("with T = 1 shards are masked, and the product is the same", async () => {
  const left = table([1, -2, 3, 4, 5, -6], 3, 2);
  const right = table([7, 8, -9, 10], 2, 2);
  const plan = planRun({ scheme: "avcc", dataVolunteers: 2, stragglers: 1, liars: 0, colluders: 1 });
  expect(await multiply(someJob(left, right, { plan }), 1)).toEqual(exactProduct(left, right));
});

test("fixed-point entries are rounded half up to their fraction bits, and exact from there on", async () => {
  const left = table([0.5, -0.25, 1.125, 3], 2, 2);
  const right = table([1.5, -2.5], 2, 1);
  const job = someJob(left, right, { leftFractionBits: 2, rightFractionBits: 1 });
  // 1.125 becomes 1.25 (half up); units of 2^-3
  expect((await multiply(job)).map((whole) => whole / 8)).toEqual([0.5 * 1.5 + 0.25 * 2.5, 1.25 * 1.5 - 3 * 2.5]);
});

test("a job goes on from the slices that are in", async () => {
  const random = simulationRandom(8);
  const left = table(
    Array.from({ length: 12 }, () => random.integer(100)),
    4,
    3,
  );
  const right = table(
    Array.from({ length: 15 }, () => random.integer(100)),
    3,
    5,
  );
  const engine = newEngine(random);
  engine.prepare(someJob(left, right), null);
  await runSlices(engine, 2);
  const half: HeldArrays = { iteration: 2, arrays: engine.checkpoint() };
  const again = newEngine(random);
  again.prepare(someJob(left, right), half);
  await runSlices(again, 1);
  expect(productOf(again)).toEqual(exactProduct(left, right));
});

test.each([
  [
    "sizes that do not fit",
    table([1, 2], 1, 2),
    table([1], 1, 1),
    /A's columns to be as many as B's rows, got 1 x 2 and 1 x 1/,
  ],
  [
    "a fraction where whole numbers are asked for",
    table([0.5], 1, 1),
    table([1], 1, 1),
    /A: expected whole numbers .* got 0.5 in row 0, column 0/,
  ],
  [
    "an entry that is too large",
    table([1], 1, 1),
    table([2 ** 30], 1, 1),
    /B: expected numbers of at most 1.07374e\+9 .* got 1073741824/,
  ],
  ["not a number", table([Number.NaN], 1, 1), table([1], 1, 1), /A: expected numbers of at most .* got NaN/],
  [
    "single products beyond the field",
    table([40_000], 1, 1),
    table([40_000], 1, 1),
    /expected products of two entries of at most 1073741823 \(2\^30 - 1\), got larger ones; divide by a common factor/,
  ],
  [
    "sums beyond Float64",
    table([CENTRED_MAX], 1, 1),
    table([CENTRED_MAX], 1, 1),
    /sums below 2\^53, .* may reach 2\^60\.0; divide/,
  ],
])("%s is refused with what was expected and what came", (_name, left, right, message) => {
  expect(() => newEngine().prepare(someJob(left, right), null)).toThrow(message);
});

test("fewer fraction bits are advised only where there are some", () => {
  const large = table([100_000], 1, 1);
  const fractions = { leftFractionBits: 4, rightFractionBits: 4 };
  expect(() => newEngine().prepare(someJob(large, large, fractions), null)).toThrow(/; take fewer fraction bits$/);
});
