import { expect, test } from "vitest";
import { normal, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { NUMERICS_TASKS } from "../../numerics-tasks.ts";
import { StreamOrder } from "./stream-order.ts";
import { StreamQueries } from "./stream-queries.ts";
import type { InferenceExecutor, InferenceInputs, InferenceTasks } from "./task-types.ts";

const SIZE = 12;
const K = 8;

const random = simulationRandom(3);
const executor: InferenceExecutor = {
  run: <T extends keyof InferenceTasks>(task: T, input: InferenceInputs[T]) =>
    NUMERICS_TASKS[task](input, { secretRandom: random, model: () => Promise.reject(new Error("no model here")) }),
  close: async () => {},
};

/** Queries of two kinds, one after the other. */
function mixedQueries(count: number): StreamQueries {
  const queries = new StreamQueries(SIZE, 1, "float32");
  for (let query = 0; query < count; query++) {
    queries.append(Float32Array.from({ length: SIZE }, (_, d) => (d === query % 2 ? 5 : 0) + 0.1 * normal(random)));
  }
  return queries;
}

test("[SM5] queries of a window are grouped by likeness once enough have come to know what that is", async () => {
  const queries = mixedQueries(256);
  const order = new StreamOrder();
  const kindsOf = (firstPlace: number) =>
    [...order.order.subarray(firstPlace, firstPlace + K)].map((query) => query % 2);
  for (let firstPlace = 0; firstPlace < 256; firstPlace += 2 * K) {
    await order.arrange(executor, queries, { firstPlace, endPlace: firstPlace + 2 * K }, K);
    const window = order.order.slice(firstPlace, firstPlace + 2 * K).sort();
    expect([...window]).toEqual(Array.from({ length: 2 * K }, (_, n) => firstPlace + n));
    // Before 64 have come they stand as they came.
    const kinds = new Set(kindsOf(firstPlace)).size;
    expect([firstPlace, kinds]).toEqual([firstPlace, firstPlace + 2 * K < 64 ? 2 : 1]);
  }
});

test("[SM5] neighbours are sought among all windows: what lies near is of the same kind, whichever window it came with", async () => {
  const queries = mixedQueries(192);
  const order = new StreamOrder();
  for (let firstPlace = 0; firstPlace < 192; firstPlace += 2 * K) {
    await order.arrange(executor, queries, { firstPlace, endPlace: firstPlace + 2 * K }, K);
  }
  const { values, width, centres } = order.features!;
  expect(values).toHaveLength(192 * width);
  expect(centres).toHaveLength((192 / 32) * width);
  const distance = (a: number, b: number) => {
    let sum = 0;
    for (let c = 0; c < width; c++) sum += (values[a * width + c]! - values[b * width + c]!) ** 2;
    return sum;
  };
  const last = 191;
  const nearest = Array.from({ length: 176 }, (_, place) => place).sort(
    (a, b) => distance(last, a) - distance(last, b),
  );
  const kindOf = (place: number) => order.order[place]! % 2;
  for (const place of nearest.slice(0, 80)) expect(kindOf(place)).toBe(kindOf(last));
});

test("a window that was durable before a restart stands as it stood", () => {
  const order = new StreamOrder();
  order.place({ firstPlace: 0, endPlace: 4 }, Uint32Array.of(2, 0, 3, 1));
  order.place({ firstPlace: 4, endPlace: 6 });
  expect([...order.order]).toEqual([2, 0, 3, 1, 4, 5]);
});

test("queries are kept as they came, while their memory grows, and the last may be taken back", () => {
  const queries = new StreamQueries(3, 1 / 255, "uint8");
  for (let n = 0; n < 300; n++) expect(queries.append(Uint8Array.of(n, n + 1, n + 2))).toBe(n);
  expect([...queries.rows(299, 1)]).toEqual([299 % 256, 300 % 256, 301 % 256]);
  queries.truncate(298);
  expect(queries.append(Uint8Array.of(7, 8, 9, 10, 11, 12))).toBe(298);
  expect([...queries.rows(297, 3)]).toEqual([297 % 256, 298 % 256, 299 % 256, 7, 8, 9, 10, 11, 12]);
  expect(queries.values.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(() => queries.append(Uint8Array.of(1, 2))).toThrow("expected rows of 3, got 2");
});
