import * as Comlink from "comlink";
import { afterEach, expect, test } from "vitest";
import type { ComputeTask, ComputeThreadApi } from "../../shared/compute/compute-thread-api.ts";
import {
  ComputeThreadError,
  type ComputeThreadLink,
  type ComputeThreadWorker,
  createComputeThreadLink,
} from "./compute-thread-link.ts";

// The threads here live on the other end of a real message channel; only the thread of its own is spared.

const task: ComputeTask = {
  modelSha256: "m",
  rows: Float32Array.of(1, 2),
  rowCount: 1,
  jobId: "j",
  roundIndex: 0,
  isProbe: false,
};

const doubling: ComputeThreadApi = {
  start: async () => ({ backend: "cpu", candidates: [] }),
  holdsModel: async () => true,
  addModel: async () => undefined,
  run: async ({ rows }) => ({ outputs: rows.map((value) => 2 * value), computeMs: 1, backend: "cpu" }),
  dropModel: async () => undefined,
  holdsShard: async () => true,
  addShard: async () => undefined,
  multiply: async ({ vector }) => ({ residues: vector.map((value) => 3 * value), computeMs: 1, backend: "plain" }),
};
const never = () => new Promise<never>(() => undefined);

let link: ComputeThreadLink | null = null;
afterEach(() => link?.stop());

/** @param threads one a start, the last of them for all further ones */
function linkTo(...threads: Partial<ComputeThreadApi>[]) {
  const seen = { started: 0, terminated: 0, calibrated: 0, broken: [] as string[] };
  const createWorker = (): ComputeThreadWorker => {
    const { port1, port2 } = new MessageChannel();
    Comlink.expose({ ...doubling, ...threads[Math.min(seen.started++, threads.length - 1)] }, port2);
    const terminate = () => {
      seen.terminated++;
      port1.close();
    };
    return Object.assign(port1, { terminate });
  };
  link = createComputeThreadLink({
    createWorker,
    forcedBackend: null,
    onCalibrated: () => void seen.calibrated++,
    onBroken: (message) => void seen.broken.push(message),
  });
  return { link, seen };
}

test("a task goes to the thread and its outcome comes back", async () => {
  const { link, seen } = linkTo(doubling);
  await link.start();
  expect([...(await link.run(task, 5_000)).outputs]).toEqual([2, 4]);
  expect(seen).toMatchObject({ started: 1, terminated: 0, calibrated: 1 });
});

test("a thread that misses a deadline is ended, its call rejected, and the next one serves what waited", async () => {
  const { link, seen } = linkTo({ run: never }, doubling);
  await link.start();
  const stuck = link.run(task, 30);
  const waiting = link.run(task, 5_000);
  await expect(stuck).rejects.toThrow(ComputeThreadError);
  await expect(stuck).rejects.toThrow(/expected an answer within 30 ms/);
  expect([...(await waiting).outputs]).toEqual([2, 4]);
  expect(seen).toMatchObject({ started: 2, terminated: 1, calibrated: 2 });
});

test("a call waits its turn without its deadline running", async () => {
  const slow: ComputeThreadApi["run"] = async (given) => {
    await new Promise((resolve) => setTimeout(resolve, 120));
    return doubling.run(given);
  };
  const { link, seen } = linkTo({ run: slow });
  await link.start();
  const first = link.run(task, 5_000);
  const second = link.holdsModel("m");
  const third = link.run(task, 5_000);
  await Promise.all([first, second, third]);
  expect(seen.started).toBe(1);
});

test("an error of the task is no death of the thread", async () => {
  const run = () => Promise.reject(new Error("model: no such layer"));
  const { link, seen } = linkTo({ run });
  await link.start();
  await expect(link.run(task, 5_000)).rejects.toThrow("model: no such layer");
  expect(seen).toMatchObject({ started: 1, terminated: 0 });
});

test("three starts in a row that fail break the link, with the reason", async () => {
  const start = () => Promise.reject(new Error("no back-end answers right"));
  const { link, seen } = linkTo({ start });
  await expect(link.start()).rejects.toThrow("no back-end answers right");
  expect(seen).toMatchObject({ started: 3, terminated: 3, broken: ["no back-end answers right"] });
  await expect(link.run(task, 5_000)).rejects.toThrow("no back-end answers right");
});

test("stop ends the thread, rejects what runs and what waits, and starts no other", async () => {
  const { link, seen } = linkTo({ run: never });
  await link.start();
  const running = link.run(task, 60_000);
  const waiting = link.holdsModel("m");
  // Let the running call reach the thread.
  await new Promise((resolve) => setTimeout(resolve, 20));
  link.stop();
  await expect(running).rejects.toThrow("was stopped");
  await expect(waiting).rejects.toThrow("was stopped");
  expect(seen).toMatchObject({ started: 1, terminated: 1, broken: [] });
});
