import { expect, test } from "vitest";
import type { ComputeTask } from "../../../../shared/compute/compute-thread-api.ts";
import { inSlices } from "./in-slices.ts";

/** Rows of two numbers; the model gives their sum. */
function play(
  rowCount: number,
  msPerRow: number | null,
  msOf: (row: number) => number,
  neededFor = Number.POSITIVE_INFINITY,
  needed: (() => number) | undefined = undefined,
) {
  const task: ComputeTask = {
    ...{ modelSha256: "m", jobId: "j", roundIndex: 0, isProbe: false, rowCount },
    rows: Float32Array.from({ length: 2 * rowCount }, (_, i) => i),
  };
  const sizes: number[] = [];
  const learned: number[] = [];
  let [done, looks] = [0, 0];
  const outcome = inSlices(task, {
    msPerRow,
    async run({ rows, rowCount: count }) {
      sizes.push(count);
      let computeMs = 0;
      for (let row = 0; row < count; row++) computeMs += msOf(done++);
      const outputs = Float32Array.from({ length: count }, (_, row) => rows[2 * row]! + rows[2 * row + 1]!);
      return { outputs, computeMs, backend: "wasm" };
    },
    look() {
      if (++looks >= neededFor) throw new Error("no longer needed");
    },
    onRows: async () => {},
    ...(needed === undefined ? {} : { needed }),
    learned: (ms) => learned.push(ms),
  });
  return { outcome, sizes, learned, done: () => done };
}

const sums = (rowCount: number) => Float32Array.from({ length: rowCount }, (_, row) => 4 * row + 1);

test("[PR98] what takes two seconds at most is computed at once, and so is the first batch of a model", async () => {
  for (const msPerRow of [null, 1, 50]) {
    const { outcome, sizes, learned } = play(40, msPerRow, () => 3);
    expect(await outcome).toMatchObject({ computeMs: 120, backend: "wasm", outputs: sums(40) });
    expect(sizes).toEqual([40]);
    expect(learned).toEqual([3]);
  }
});

test("[PR98] what takes longer is computed in slices of a second, all rows once and in their order", async () => {
  const { outcome, sizes } = play(40, 100, () => 100);
  expect(await outcome).toMatchObject({ computeMs: 4_000, outputs: sums(40) });
  expect(sizes).toEqual([10, 10, 20]);
});

test("[PR98] a tab that becomes ten times as slow within a batch goes on with slices of a tenth", async () => {
  const { outcome, sizes } = play(40, 100, (row) => (row < 10 ? 100 : 1_000));
  expect((await outcome).outputs).toEqual(sums(40));
  expect(sizes.slice(0, 2)).toEqual([10, 10]);
  expect(Math.max(...sizes.slice(2, -2))).toBe(1);
});

test("[PR98] what nobody waits for any more is not gone on with", async () => {
  const { outcome, done } = play(40, 1_000, () => 1_000, 3);
  await expect(outcome).rejects.toThrow("no longer needed");
  expect(done()).toBe(3);
});

test("[PR113] rows that are not needed any more are not begun, and what is computed by then is the answer", async () => {
  for (const [needs, computed] of [
    [25, 25],
    [12, 12],
    [0, 10],
  ] as const) {
    let runs = 0;
    const { outcome, sizes } = play(
      40,
      100,
      () => 100,
      undefined,
      () => (runs++ === 0 ? 40 : needs),
    );
    const { outputs, computed: rows } = await outcome;
    expect(rows).toBe(computed);
    expect(outputs).toEqual(sums(computed));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(computed);
  }
});

test("[PR113] what is shortened before it begins is computed as far as it is needed", async () => {
  const { outcome, sizes } = play(
    40,
    null,
    () => 3,
    undefined,
    () => 8,
  );
  expect((await outcome).outputs).toEqual(sums(8));
  expect(sizes).toEqual([8]);
});
