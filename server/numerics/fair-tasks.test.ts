import { describe, expect, it } from "vitest";
import { JobOver } from "../../shared/control/job-over.ts";
import { NUMERICS_QUICK_MS_MAX } from "../../shared/protocol/limits.ts";
import { FairTasks, type TaskTurn } from "./fair-tasks.ts";

/** One task as a test holds it: begun on a thread, and ended by hand. */
interface Begun {
  readonly name: string;
  readonly thread: number;
  readonly turn: TaskTurn;
  end(): Promise<void>;
  fail(error: Error): Promise<void>;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Tasks on threads that compute for as long as the test says. */
function world(threads: number) {
  let nowMs = 0;
  const tasks = new FairTasks(threads, () => nowMs);
  const begun: Begun[] = [];
  const ask = (submitter: string, name: string, task = "decode", size = 1_000) =>
    tasks.run({
      ...{ task, submitter, job: `job of ${submitter}`, size },
      work: (thread, turn) =>
        new Promise((resolve, reject) => {
          const settle = (how: () => void) => {
            how();
            return settled();
          };
          const [end, fail] = [() => settle(() => resolve(name)), (error: Error) => settle(() => reject(error))];
          begun.push({ name, thread, turn, end, fail });
        }),
    });
  const at = (name: string) => begun.findLast((one) => one.name === name)!;
  const pass = async (name: string, ms: number) => {
    nowMs += ms;
    await at(name).end();
  };
  return { tasks, ask, begun, at, pass, names: () => begun.map(({ name }) => name) };
}

const brokenThread = () => Object.assign(new Error("out of memory"), { code: "ERR_WORKER_OUT_OF_MEMORY" });

describe("numerics tasks on threads", () => {
  it("take turns: whoever comes later with little does not wait for all that another one asked for", async () => {
    const { ask, names, pass } = world(1);
    for (let n = 0; n < 12; n++) void ask("ada", `a${n}`);
    void ask("bob", "b0");
    for (let n = 0; n < 3; n++) await pass(names().at(-1)!, 30);
    expect(names()).toContain("b0");
    expect(names().indexOf("b0")).toBeLessThan(3);
  });

  it("are charged what they really took: who takes longer gets fewer turns", async () => {
    const { ask, names, pass } = world(1);
    for (let n = 0; n < 40; n++) void ask("ada", `a${n}`, "decode");
    for (let n = 0; n < 40; n++) void ask("bob", `b${n}`, "encode");
    while (names().length < 30) await pass(names().at(-1)!, names().at(-1)!.startsWith("a") ? 100 : 10);
    const ofAda = names().filter((name) => name.startsWith("a")).length;
    expect(ofAda).toBeLessThan(7);
    expect(ofAda).toBeGreaterThan(1);
  });

  it("of which one waits for rows of its model lets the next one begin on its thread", async () => {
    const { ask, names, at, begun } = world(1);
    const waiting = ask("ada", "a0");
    void ask("bob", "b0");
    void ask("bob", "b1");
    expect(names()).toEqual(["a0"]);
    at("a0").turn.waits();
    expect(names()).toEqual(["a0", "b0"]);
    at("a0").turn.goesOn();
    await at("b0").end();
    // It computes again: nothing further begins beside it.
    expect(begun).toHaveLength(2);
    await at("a0").end();
    expect(await waiting).toBe("a0");
    expect(names()).toEqual(["a0", "b0", "b1"]);
  });

  it("that are slow leave one thread of several to those that are quick", async () => {
    const { ask, names, at, pass } = world(2);
    void ask("ada", "first");
    await pass("first", NUMERICS_QUICK_MS_MAX + 1);
    for (let n = 0; n < 4; n++) void ask("ada", `slow${n}`);
    expect(names()).toEqual(["first", "slow0"]);
    expect(at("slow0").thread).toBe(1);
    for (let n = 0; n < 3; n++) {
      void ask("bob", `quick${n}`, "encode");
      expect(at(`quick${n}`).thread).toBe(0);
      await at(`quick${n}`).end();
    }
    expect(names().filter((name) => name.startsWith("slow"))).toEqual(["slow0"]);
    await at("slow0").end();
    expect(names().at(-1)).toBe("slow1");
  });

  it("[JB7] whose thread broke are done once more alone; only what breaks it then as well fails", async () => {
    const { ask, at, begun } = world(1);
    const [innocent, culprit] = [ask("bob", "innocent"), ask("ada", "culprit")];
    const failed = expect(culprit).rejects.toThrow("out of memory");
    at("innocent").turn.waits();
    await Promise.all([at("innocent").fail(brokenThread()), at("culprit").fail(brokenThread())]);
    expect(begun).toHaveLength(3);
    await at("innocent").end();
    expect(await innocent).toBe("innocent");
    expect(begun).toHaveLength(4);
    await at("culprit").fail(brokenThread());
    await failed;
    const next = ask("bob", "next");
    await at("next").end();
    expect(await next).toBe("next");
  });

  it("fail at once for a fault of their own, and what is not begun is dropped with its job", async () => {
    const { ask, at, tasks, names } = world(1);
    const wrong = expect(ask("ada", "wrong")).rejects.toThrow("no such scheme");
    const dropped = expect(ask("bob", "dropped")).rejects.toThrow("the job has ended");
    tasks.forget("job of bob");
    await dropped;
    await at("wrong").fail(new Error("no such scheme"));
    await wrong;
    expect(names()).toEqual(["wrong"]);
  });

  it("that were begun for a job which is cancelled end as tasks of an ended job, whatever their work fails with", async () => {
    const { ask, at, tasks } = world(2);
    const aborted = Object.assign(new Error("The task has been aborted"), { name: "AbortError" });
    for (const failure of [aborted, new Error("the job has ended"), brokenThread()]) {
      const cancelled = ask("ada", "cancelled").catch((error: unknown) => error);
      const other = ask("bob", "other").catch((error: unknown) => error);
      tasks.forget("job of ada");
      await at("cancelled").fail(failure);
      expect(await cancelled).toBeInstanceOf(JobOver);
      await at("other").fail(aborted);
      expect(await other).toBe(aborted);
    }
  });

  it("that are on a thread when the coordinator stops end as tasks that nobody waits for", async () => {
    const { ask, at, tasks } = world(1);
    const [begun, waiting] = [ask("ada", "begun"), ask("ada", "waiting")].map((one) => one.catch((error) => error));
    tasks.close();
    await at("begun").fail(new Error("Terminating worker thread"));
    expect([await begun, await waiting]).toEqual([expect.any(JobOver), expect.any(JobOver)]);
  });
});
