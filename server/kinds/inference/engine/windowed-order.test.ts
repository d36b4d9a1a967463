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

function computing() {
  const asked: string[] = [];
  const executor: InferenceExecutor = {
    run: <T extends keyof InferenceTasks>(task: T, input: InferenceInputs[T]) => {
      asked.push(task);
      return NUMERICS_TASKS[task](input, { secretRandom: random, model: () => Promise.reject(new Error("no model")) });
    },
    close: async () => {},
  };
  const job = { queryCount: QUERIES };
  const source = { values, inputSize: SIZE, scale: 1 };
  return {
    asked,
    with: {
      data: { job, source },
      executor,
      secretRandom: random,
    } as unknown as Computing,
  };
}

/** The query numbers that a window may hold. */
const numbersOf = (first: number, end: number) => Array.from({ length: end - first }, (_, n) => first + n);
const sorted = (queries: Uint32Array) => [...queries].sort((a, b) => a - b);

test("[SC5] [LJ2] queries of a window are grouped by likeness, and never leave it", async () => {
  {
    const order = new WindowedOrder(computing().with, WINDOW);
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

test("[LJ2] a group waits for its own window alone, and the one behind it is begun meanwhile", async () => {
  const { asked, with: tools } = computing();
  const order = new WindowedOrder(tools, WINDOW);
  await order.arrange(0, K, K);
  expect(asked.filter((task) => task === "orderOf").length).toBeLessThanOrEqual(2);
  const window = order.windowOf(0, K)!;
  const { values: places, width } = window.features;
  expect([window.firstPlace, window.order.length, places.length]).toEqual([0, WINDOW, WINDOW * width]);
  // Across two windows nobody knows what lies near.
  await order.arrange(WINDOW - K, WINDOW + K, K);
  expect(order.windowOf(WINDOW - K, WINDOW + K)).toBeNull();
  expect(order.windowOf(WINDOW, WINDOW + K)).not.toBeNull();
});
