/** On threads that are real: tasks that hold theirs for a while, and one that ends it. */
import { afterEach, expect, test } from "vitest";
import type { NumericsExecutor } from "./numerics-executor.ts";
import type { CommonTasks } from "./tasks.ts";
import { threadPoolExecutor } from "./thread-pool-executor.ts";

interface SpinningTasks extends CommonTasks {
  spin: { input: { ms: number }; output: number };
  end: { input: null; output: never };
}

const SLOW_MS = 250;

let executor: NumericsExecutor<SpinningTasks> | null = null;
afterEach(() => executor?.close());

function open(threads: number): NumericsExecutor<SpinningTasks> {
  executor = threadPoolExecutor<SpinningTasks>({
    threads,
    module: new URL("./testing/spinning-tasks.mjs", import.meta.url).href,
    modelOf: () => null,
    numbersOf: (input) => (input as SpinningTasks["spin"]["input"] | null)?.ms ?? 1,
    models: { run: () => Promise.reject(new Error("there is no model")), cancel: () => {}, close: () => {} },
    submitterOf: (jobId) => jobId.slice(0, 3),
  });
  return executor;
}

test.each([1, 2])(
  "on %d threads one submitter's slow tasks hold another's quick ones up by few of them",
  async (threads) => {
    const { run } = open(threads);
    const ended: string[] = [];
    const spin = async (jobId: string, ms: number) => {
      await run("spin", { ms }, jobId);
      ended.push(jobId);
    };
    // What it takes is known.
    await spin("ada-1", SLOW_MS);
    const slow = Array.from({ length: 6 }, () => spin("ada-1", SLOW_MS));
    const quick = Array.from({ length: 6 }, () => spin("bob-1", 1));
    await Promise.all([...slow, ...quick]);
    const slowBefore = ended.slice(1, ended.lastIndexOf("bob-1")).filter((jobId) => jobId === "ada-1");
    expect(slowBefore.length).toBeLessThanOrEqual(2);
  },
);

test("[JB7] a task that ends its thread fails for itself, and what was on that thread is done", async () => {
  const { run } = open(1);
  const culprit = expect(run("end", null, "ada-1")).rejects.toThrow();
  const others = Array.from({ length: 4 }, (_, n) => run("spin", { ms: n }, "bob-1"));
  await culprit;
  expect(await Promise.all(others)).toEqual([0, 1, 2, 3]);
});
