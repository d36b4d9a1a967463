import { expect, test } from "vitest";
import type { ComputeTask, ComputeThreadApi, ProductTask } from "../../../shared/compute/compute-thread-api.ts";
import { MODULUS } from "../../../shared/field/modulus.ts";
import { parseFaultProfile } from "./fault-profile.ts";
import { withFaults } from "./fault-thread.ts";

const OWN_MS = 20;

/** An inner thread that echoes its rows and vectors, on a clock that moves only when it works or somebody sleeps. */
function faulty(profile: string, colluder: Uint32Array | null = null) {
  let clockMs = 0;
  let leaveCount = 0;
  const inner: ComputeThreadApi = {
    start: async () => ({ backend: "cpu", candidates: [] }),
    holdsModel: async () => true,
    addModel: async () => undefined,
    run: async ({ rows }) => {
      clockMs += OWN_MS;
      return { outputs: rows.slice(), computeMs: OWN_MS, backend: "cpu" };
    },
    dropModel: async () => undefined,
    holdsShard: async () => true,
    addShard: async () => undefined,
    multiply: async ({ vector }) => {
      clockMs += OWN_MS;
      return { residues: vector.slice(), computeMs: OWN_MS, backend: "plain" };
    },
  };
  const thread = withFaults(inner, {
    seed: 1,
    tab: 0,
    faults: parseFaultProfile(profile).map(({ fault }) => fault),
    nowMs: () => clockMs,
    sleep: async (ms) => {
      clockMs += ms;
    },
    leave: () => {
      leaveCount++;
    },
    swap: async <Answer>() => colluder as Answer | null,
  });
  return { thread, clockMs: () => clockMs, leaveCount: () => leaveCount };
}

const task = (roundIndex: number, rows: number[], isProbe = false): ComputeTask => ({
  modelSha256: "model",
  rows: Float32Array.from(rows),
  rowCount: 2,
  jobId: "j1",
  roundIndex,
  isProbe,
});

const settles = (promise: Promise<unknown>) =>
  Promise.race([
    promise.then(() => true),
    // Nothing in these threads waits for real time: a promise that is open after a turn of the event loop stays open.
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);

test("an honest thread is the thread itself", async () => {
  const { thread, clockMs } = faulty("honest");
  expect((await thread.run(task(0, [1, 2]))).outputs).toEqual(Float32Array.of(1, 2));
  expect(clockMs()).toBe(OWN_MS);
});

test("slow multiplies the task's own time, with a floor, and a delay comes on top", async () => {
  const timeOf = async (profile: string) => {
    const { thread, clockMs } = faulty(profile);
    await thread.run(task(0, [1, 2]));
    return clockMs();
  };
  expect(await timeOf("slow:1(x10,floor=150)")).toBe(10 * OWN_MS);
  expect(await timeOf("slow:1(x10,floor=300)")).toBe(300);
  expect(await timeOf("straggle:1(p=1,ms=400)")).toBe(OWN_MS + 400);
  expect(await timeOf("slow:1(x10,floor=300),straggle:1(p=1,ms=400)")).toBe(700);
});

test("a probe is answered right and at once, whatever the faults", async () => {
  const { thread, clockMs } = faulty("slow:1(x9,floor=9),mute:1,leaves:1(afterRounds=0),liar:1(constant)");
  expect((await thread.run(task(0, [1, 2], true))).outputs).toEqual(Float32Array.of(1, 2));
  expect(clockMs()).toBe(OWN_MS);
});

test("a mute thread computes and never answers", async () => {
  const { thread, clockMs } = faulty("mute:1");
  expect(await settles(thread.run(task(0, [1, 2])))).toBe(false);
  expect(clockMs()).toBe(OWN_MS);
});

test("a thread that leaves says so at its round and does not work on it", async () => {
  const { thread, clockMs, leaveCount } = faulty("leaves:1(afterRounds=1)");
  expect(await settles(thread.run(task(0, [1, 2])))).toBe(true);
  expect(await settles(thread.run(task(1, [1, 2])))).toBe(false);
  expect([clockMs(), leaveCount()]).toEqual([OWN_MS, 1]);
});

test("a liar lies", async () => {
  const { thread } = faulty("liar:1(other-query)");
  expect((await thread.run(task(0, [1, 2]))).outputs).toEqual(Float32Array.of(2, 1));
});

test("replay sends the answers of the round before, also where a round is asked again", async () => {
  const { thread } = faulty("liar:1(replay)");
  const answers: number[][] = [];
  for (const [round, rows] of [
    [0, [1, 2]],
    [1, [3, 4]],
    [1, [5, 6]],
    [2, [7, 8]],
  ] as const) {
    answers.push([...(await thread.run(task(round, [...rows]))).outputs]);
  }
  expect(answers).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
    [5, 6],
  ]);
});

const product = (roundIndex: number, vector: number[], changes: Partial<ProductTask> = {}): ProductTask => ({
  shardSha256: "s",
  product: "forward",
  vector: Uint32Array.from(vector),
  width: 1,
  jobId: "j1",
  roundIndex,
  ...changes,
});

test("products are delayed, held back, lied about and left behind as batches are", async () => {
  const slow = faulty("slow:1(x10,floor=300)");
  await slow.thread.multiply(product(0, [1]));
  expect(slow.clockMs()).toBe(300);
  const mute = faulty("mute:1");
  expect(await settles(mute.thread.multiply(product(0, [1])))).toBe(false);
  const leaving = faulty("leaves:1(afterRounds=1)");
  expect(await settles(leaving.thread.multiply(product(0, [1])))).toBe(true);
  expect(await settles(leaving.thread.multiply(product(1, [1])))).toBe(false);
  expect(leaving.leaveCount()).toBe(1);
  const liar = faulty("liar:1(reverse,c=2)");
  expect((await liar.thread.multiply(product(0, [1, 0]))).residues).toEqual(Uint32Array.of(MODULUS - 2, 0));
  const sleeper = faulty("liar:1(sleeper)");
  expect((await sleeper.thread.multiply(product(19, [1]))).residues).toEqual(Uint32Array.of(1));
  expect((await sleeper.thread.multiply(product(20, [1]))).residues).toEqual(Uint32Array.of(MODULUS - 1));
});

test("a tab is late once in a round, not with each of its shards", async () => {
  const { thread, clockMs } = faulty("straggle:1(p=1,ms=400)");
  await thread.multiply(product(0, [1]));
  await thread.multiply(product(0, [1], { shardSha256: "t" }));
  expect(clockMs()).toBe(400 + 2 * OWN_MS);
  await thread.multiply(product(1, [1]));
  expect(clockMs()).toBe(800 + 3 * OWN_MS);
});

test("a replayed product is that of the same shard and direction in the round before", async () => {
  const { thread } = faulty("liar:1(replay)");
  const answers: number[][] = [];
  for (const task of [
    product(0, [1]),
    product(0, [2], { shardSha256: "t" }),
    product(1, [3], { product: "backward" }),
    product(2, [4]),
    product(2, [5], { shardSha256: "t" }),
    product(3, [6], { product: "backward" }),
  ]) {
    answers.push([...(await thread.multiply(task)).residues]);
  }
  expect(answers).toEqual([[1], [2], [3], [1], [2], [3]]);
});

test("colluders send each other's products, and their own where the other has none", async () => {
  const other = Uint32Array.of(8, 9);
  const { residues } = await faulty("liar:1(swap)", other).thread.multiply(product(0, [1, 2]));
  expect(residues).toEqual(other);
  const alone = await faulty("liar:1(swap)").thread.multiply(product(0, [1, 2]));
  expect(alone.residues).toEqual(Uint32Array.of(1, 2));
});

test("shards are held whatever the faults", async () => {
  const { thread } = faulty("mute:1,leaves:1(afterRounds=0),liar:1(constant)");
  expect(await settles(thread.addShard("s", new Uint8Array(8)))).toBe(true);
  expect(await thread.holdsShard("s")).toBe(true);
});
