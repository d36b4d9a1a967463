import { afterEach, describe, expect, it } from "vitest";
import { packDenseModel } from "../../shared/compute/runtimes/tfjs/dense-model.ts";
import type { Elsewhere, ElsewherePiece } from "./elsewhere.ts";
import { type ModelRun, ModelRuns } from "./model-runs.ts";

const ROW_SUM = packDenseModel([{ kernel: Float32Array.of(1, 1), bias: Float32Array.of(0), activation: "linear" }]);
/** What another machine says: nobody could take it for a sum. */
const AWAY = -5;

class Others implements Elsewhere {
  seats = 1;
  isFree = true;
  taken: ElsewherePiece[] = [];
  fails = false;
  changed = () => {};
  wrong: (jobId: string) => void = () => {};
  onChange(changed: () => void): void {
    this.changed = changed;
  }
  onWrong(wrong: (jobId: string) => void): void {
    this.wrong = wrong;
  }
  async compute(piece: ElsewherePiece): Promise<{ outputs: Float32Array; cpuMs: number }> {
    this.taken.push(piece);
    if (this.fails) throw new Error("it broke");
    return { outputs: new Float32Array(piece.rowCount * piece.model.facts.outputSize).fill(AWAY), cpuMs: 1 };
  }
}

let runs: ModelRuns;
let others: Others;
afterEach(() => runs.close());

function begin(): void {
  others = new Others();
  runs = new ModelRuns({ processes: 1, elsewhere: others });
}

const run = (of: Partial<ModelRun> = {}) =>
  runs.run({
    model: { sha256: "sum", bundle: ROW_SUM },
    inputs: Float32Array.of(1, 2, 3, 4),
    ...{ rowCount: 2, jobId: "job", submitter: "ada", lane: "check" },
    said: saidOf(2),
    ...of,
  });
const saidOf = (rowCount: number) => ({
  outputs: new Float32Array(rowCount),
  tolerances: new Float64Array(rowCount),
});
const HERE = Float32Array.of(3, 7);
const THERE = new Float32Array(2).fill(AWAY);

describe("[VF17] pieces that other machines may compute", () => {
  it("are answers' checks alone: trials, fresh processes, second implementations and rows without an answer stay here", async () => {
    begin();
    expect(await run()).toEqual(THERE);
    expect(await run({ lane: "trial" })).toEqual(HERE);
    expect(await run({ inFreshProcess: true })).toEqual(HERE);
    expect(await run({ implementation: "second" })).toEqual(HERE);
    expect(await run({ said: undefined })).toEqual(HERE);
    expect(others.taken).toHaveLength(1);
  });

  it("fail their job, now and later, once a wrong row of it was confirmed there; other jobs go on", async () => {
    begin();
    others.isFree = false;
    const waiting = run();
    const failed = expect(waiting).rejects.toThrow(/auditor was dismissed .* submit the job again/);
    await expect.poll(() => runs.figures().waiting).toBe(1);
    others.wrong("job");
    await failed;
    await expect(run({ said: undefined })).rejects.toThrow("auditor was dismissed");
    expect(await run({ jobId: "another", said: undefined })).toEqual(HERE);
  });

  it("are computed here where nothing came of them there", async () => {
    begin();
    others.fails = true;
    expect(await run()).toEqual(HERE);
    expect(others.taken).toHaveLength(1);
  });

  it("wait for a machine that is busy, and no longer once it has gone", async () => {
    begin();
    others.isFree = false;
    const waiting = run();
    await expect.poll(() => runs.figures().waiting).toBe(1);
    others.isFree = true;
    others.changed();
    expect(await waiting).toEqual(THERE);

    others.isFree = false;
    const left = run();
    await expect.poll(() => runs.figures().waiting).toBe(1);
    others.seats = 0;
    others.changed();
    expect(await left).toEqual(HERE);
  });

  it("are computed here too while much waits, and the rest of it there", async () => {
    begin();
    others.isFree = false;
    const size = 1_000;
    const ones = (length: number) => new Float32Array(length).fill(1);
    const layer = { kernel: ones(size * size), bias: new Float32Array(size), activation: "linear" } as const;
    const model = { sha256: "wide", bundle: packDenseModel([layer]) };
    const rowCount = 8_000;
    const wide = run({ model, inputs: ones(size * rowCount), rowCount, said: saidOf(rowCount) });
    await expect.poll(() => runs.figures().waiting).toBeGreaterThan(0);
    const waiting = runs.figures().waiting;
    await expect.poll(() => runs.figures().waiting, { timeout: 60_000 }).toBeLessThan(waiting);
    others.isFree = true;
    others.changed();
    const outputs = new Set(await wide);
    expect([...outputs].sort((a, b) => a - b)).toEqual([AWAY, size]);
  });

  it("are forgotten with their job", async () => {
    begin();
    others.isFree = false;
    const over = run();
    await expect.poll(() => runs.figures().waiting).toBe(1);
    runs.cancel("job");
    await expect(over).rejects.toThrow("the job has ended");
    expect(runs.figures().waiting).toBe(0);
  });
});
