import fc from "fast-check";
import { expect, test } from "vitest";
import { normal, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { NUMERICS_TASKS } from "../../numerics-tasks.ts";
import type { Computing } from "./job-data.ts";
import type { InferenceExecutor, InferenceInputs, InferenceTasks } from "./task-types.ts";
import { WindowedOrder } from "./windowed-order.ts";

const SIZE = 12;
const K = 4;
const WINDOW = 64;
const QUERIES = 300;

const random = simulationRandom(3);
/** Queries of two kinds, one after the other. */
const values = Float32Array.from(
  { length: QUERIES * SIZE },
  (_, i) => (i % SIZE === Math.floor(i / SIZE) % 2 ? 5 : 0) + 0.1 * normal(random),
);

function computing({ isDealt = false, isPlain = false } = {}) {
  const asked: string[] = [];
  const executor: InferenceExecutor = {
    run: <T extends keyof InferenceTasks>(task: T, input: InferenceInputs[T]) => {
      asked.push(task);
      return NUMERICS_TASKS[task](input, { secretRandom: random, model: () => Promise.reject(new Error("no model")) });
    },
    close: async () => {},
  };
  const job = { queryCount: QUERIES, crossChecks: isDealt ? {} : null, unchecked: null };
  const source = { values, inputSize: SIZE, scale: 1 };
  return {
    asked,
    with: {
      data: { job, source, plan: { isPlain, groupsByLikeness: true } },
      executor,
      secretRandom: random,
    } as unknown as Computing,
  };
}

/** The query numbers that a window may hold. */
const numbersOf = (first: number, end: number) => Array.from({ length: end - first }, (_, n) => first + n);
const sorted = (queries: Uint32Array) => [...queries].sort((a, b) => a - b);

test("[SC5] [LJ2] queries of a window are grouped by likeness, and never leave it", async () => {
  for (const isDealt of [false, true]) {
    const order = new WindowedOrder(computing({ isDealt }).with, WINDOW);
    for (let first = 0; first < QUERIES; first += 2 * K)
      await order.arrange(first, Math.min(QUERIES, first + 2 * K), K);
    for (let first = 0; first < QUERIES; first += WINDOW) {
      const end = Math.min(QUERIES, first + WINDOW);
      expect(sorted(order.order.subarray(first, end))).toEqual(numbersOf(first, end));
    }
    const mixed = numbersOf(0, Math.floor(QUERIES / K)).filter((group) => {
      const kinds = order.order.subarray(group * K, (group + 1) * K).map((query) => query % 2);
      return new Set(kinds).size > 1;
    });
    // Only the groups in which both halves of a window meet.
    expect(mixed.length).toBeLessThanOrEqual(Math.ceil(QUERIES / WINDOW));
  }
});

test("[LJ2] a round waits for its own window alone, and the one behind it is begun meanwhile", async () => {
  const { asked, with: tools } = computing();
  const order = new WindowedOrder(tools, WINDOW);
  await order.arrange(0, K, K);
  expect(asked.filter((task) => task === "orderOf").length).toBeLessThanOrEqual(2);
  const window = order.windowOf(0, K)!;
  const { values: places, width } = window.features!;
  expect([window.firstPlace, window.order.length, places.length]).toEqual([0, WINDOW, WINDOW * width]);
  // Across two windows nobody knows what lies near.
  await order.arrange(WINDOW - K, WINDOW + K, K);
  expect(order.windowOf(WINDOW - K, WINDOW + K)).toBeNull();
  expect(order.windowOf(WINDOW, WINDOW + K)).not.toBeNull();
});

test("[SC5] [LJ2] [CC4] where nothing is estimated nobody asks what is like what: queries of a window are dealt in secret", async () => {
  const { asked, with: tools } = computing({ isPlain: true, isDealt: true });
  const order = new WindowedOrder(tools, WINDOW);
  for (let first = 0; first < QUERIES; first += 2 * K) await order.arrange(first, Math.min(QUERIES, first + 2 * K), K);
  expect(asked).toEqual([]);
  expect(order.windowOf(0, K)!.features).toBeNull();
  for (let first = 0; first < QUERIES; first += WINDOW) {
    const end = Math.min(QUERIES, first + WINDOW);
    const queries = order.order.subarray(first, end);
    expect(sorted(queries)).toEqual(numbersOf(first, end));
    // Of 44 queries and more hardly one stays beside the one that it came behind.
    const together = [...queries].filter((query, place) => place > 0 && query === queries[place - 1]! + 1);
    expect(together.length).toBeLessThan(queries.length / 4);
  }
});

test("[VF2] where answers are to be compared all the same it is found out where queries lie, and none of them moves", async () => {
  const order = new WindowedOrder(computing({ isPlain: true, isDealt: true }).with, WINDOW);
  await order.arrange(0, 2 * K, K);
  const before = order.order.slice(0, WINDOW);
  order.locate();
  expect(order.windowOf(0, K)).toBeNull();
  await order.arrange(0, 2 * K, K);
  const { features } = order.windowOf(0, K)!;
  expect(features!.values).toHaveLength(WINDOW * features!.width);
  expect(order.order.slice(0, WINDOW)).toEqual(before);
  // [SL3] Rows that change places are looked at again.
  order.moved(0);
  expect(order.windowOf(0, K)).toBeNull();
});

test("[RS1] [LJ2] after a restart durable rounds hold their queries, and every other query has one place", async () => {
  const rounds = fc.uniqueArray(fc.nat(Math.floor(QUERIES / 8) - 1), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(rounds, fc.constantFrom(WINDOW, 80), async (durable, windowAfter) => {
      const before = new WindowedOrder(computing().with, WINDOW);
      for (const round of durable) await before.arrange(round * 8, round * 8 + 8, K);
      const kept = durable.map((round) => ({
        firstPlace: round * 8,
        queries: before.order.slice(round * 8, round * 8 + 8),
      }));
      // An upgrade may have other windows.
      const after = new WindowedOrder(computing().with, windowAfter);
      after.restore(kept);
      for (let first = 0; first < QUERIES; first += 8) await after.arrange(first, Math.min(QUERIES, first + 8), K);
      for (const { firstPlace, queries } of kept) {
        expect(after.order.slice(firstPlace, firstPlace + 8)).toEqual(queries);
      }
      expect(sorted(after.order)).toEqual(numbersOf(0, QUERIES));
    }),
    { numRuns: 15 },
  );
});
