import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { packOnnx } from "../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { smallOnnx } from "../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { packDenseModel } from "../../shared/compute/runtimes/tfjs/dense-model.ts";
import { type ModelRun, ModelRuns, type ModelRunsOptions } from "./model-runs.ts";

/** Processes that misbehave as the hash of the model says (testing/unruly-process.mjs). */
const UNRULY = new URL("./testing/unruly-process.mjs", import.meta.url);
const ROW_SUM = packDenseModel([{ kernel: Float32Array.of(1, 1), bias: Float32Array.of(0), activation: "linear" }]);
const MIB = 1024 * 1024;
/** A process starts meanwhile. */
const FOUND = { timeout: 20_000 };

let folder: string;
let runs: ModelRuns;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "paritab-runs-"));
  vi.stubEnv("TMPDIR", folder);
});
afterEach(async () => {
  runs.close();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

function begin(options: Partial<ModelRunsOptions> = {}): void {
  runs = new ModelRuns({ processes: 2, entry: UNRULY, ...options });
}

/** Row r is (r, 1): what is well answers r + 1. */
function run(how: string, of: Partial<ModelRun> = {}): Promise<Float32Array> {
  const { rowCount = 3 } = of;
  const inputs = Float32Array.from({ length: 2 * rowCount }, (_, i) => (i % 2 === 0 ? i / 2 : 1));
  const model = { sha256: how, bundle: ROW_SUM };
  return runs.run({ model, inputs, rowCount, jobId: how, submitter: "ada", lane: "check", ...of });
}

async function ran(how: string): Promise<{ pid: string; rowCount: number }[]> {
  const lines = (await readFile(join(folder, "ran.txt"), "utf8")).trim().split("\n");
  return lines
    .map((line) => line.split(" "))
    .filter(([, sha256]) => sha256 === how)
    .map(([pid, , rowCount]) => ({ pid: pid!, rowCount: Number(rowCount) }));
}

const expected = (rowCount: number) => Float32Array.from({ length: rowCount }, (_, r) => r + 1);

describe("trusted model runs", () => {
  it("come back whole and in order, in pieces, charged to whoever wanted them", async () => {
    begin();
    const [ofAda, ofBob] = await Promise.all([
      run("well", { rowCount: 300 }),
      run("well", { rowCount: 5, submitter: "bob", jobId: "b" }),
    ]);
    expect(ofAda).toEqual(expected(300));
    expect(ofBob).toEqual(expected(5));
    expect((await ran("well")).map(({ rowCount }) => rowCount).toSorted((a, b) => a - b)).toEqual([
      5, 44, 64, 64, 64, 64,
    ]);
    expect([...runs.times.bySubmitter()]).toEqual(
      [
        ["ada", 6],
        ["bob", 2],
      ].map(([name]) => [name, expect.any(Number)]),
    );
    expect(runs.times.byJob().map(({ job, checkMs }) => [job, checkMs > 0])).toEqual([
      ["well", true],
      ["b", true],
    ]);
  });

  it("a run in a fresh process has one in which nothing ran before, on the implementation that is asked for", async () => {
    begin({ processes: 1 });
    await run("well");
    const [before] = await ran("well");
    await run("well", { inFreshProcess: true });
    await run("well", { implementation: "second" });
    const [, fresh, second] = await ran("well");
    expect(fresh!.pid).not.toBe(before!.pid);
    expect(second!.pid).toBe(fresh!.pid);
    runs.close();
    // The real process holds both side by side, and each answers.
    runs = new ModelRuns({ processes: 1 });
    const both = await Promise.all([run("sum"), run("sum", { implementation: "second" })]);
    expect(both).toEqual([expected(3), expected(3)]);
  });

  it("[VF15] checks go on in their process while a run in a fresh one is under way", async () => {
    begin();
    await run("well");
    // It never answers.
    const fresh = run("loops", { inFreshProcess: true });
    fresh.catch(() => {});
    await vi.waitFor(async () => expect(await ran("loops")).toHaveLength(1), FOUND);
    expect(await run("well", { rowCount: 5, submitter: "bob", jobId: "b" })).toEqual(expected(5));
    expect(await run("well", { rowCount: 7, submitter: "bob", jobId: "b" })).toEqual(expected(7));
    const pids = (await ran("well")).map(({ pid }) => pid);
    expect(pids).toEqual([pids[0], pids[0], pids[0]]);
    const ofFresh = (await ran("loops")).map(({ pid }) => pid);
    expect(ofFresh, "it goes on where it began").toHaveLength(1);
    expect(ofFresh).not.toContain(pids[0]);
    expect(runs.figures()).toEqual({ processes: 2, lost: 0, waiting: 0, elsewhere: 0 });
    runs.cancel("loops");
    await expect(fresh).rejects.toThrow("the job has ended");
  });

  it("little work starts no process beside one that takes it soon, and a trial goes where its model is loaded", async () => {
    begin();
    await run("well", { lane: "trial" });
    await run("well", { lane: "trial", implementation: "second", rowCount: 16 });
    await run("well");
    await run("well", { lane: "trial", jobId: "later" });
    expect(new Set((await ran("well")).map(({ pid }) => pid)).size).toBe(1);
    expect(runs.times.byJob().map(({ job, trialMs, checkMs }) => [job, trialMs > 0, checkMs > 0])).toEqual([
      ["well", true, true],
      ["later", true, false],
    ]);
    // What no process for checks has loaded is tried apart from them.
    await run("well:apart", { lane: "trial" });
    expect((await ran("well:apart"))[0]!.pid).not.toBe((await ran("well"))[0]!.pid);
  });

  it("a model that takes long to load costs one process that is for quick pieces, and is loaded once more", async () => {
    begin();
    const how = "well:loads-1300";
    await Promise.all([run(how, { lane: "trial" }), run(how, { lane: "trial", jobId: "other" })]);
    for (let check = 0; check < 3; check++) await run(how, { rowCount: 100 });
    await run(how, { lane: "trial", jobId: "later" });
    const loads = (await readFile(join(folder, "loaded.txt"), "utf8")).trim().split("\n");
    expect(loads).toHaveLength(2);
    expect(new Set((await ran(how)).map(({ pid }) => pid))).toEqual(new Set([loads[1]]));
    expect(runs.figures()).toMatchObject({ processes: 1, lost: 0 });
  });

  it("what breaks its process fails alone, after a second try in a fresh one, and nobody else notices", async () => {
    begin();
    const others = Array.from({ length: 8 }, (_, n) => run("well", { jobId: `w${n}`, submitter: "bob" }));
    const broken = run("traps");
    await expect(broken).rejects.toThrow(/"memory access out of bounds"\), twice, the second time alone in a fresh/);
    for (const other of others) expect(await other).toEqual(expected(3));
    const tries = await ran("traps");
    expect(new Set(tries.map(({ pid }) => pid)).size).toBe(2);
    const pids = new Set((await ran("well")).map(({ pid }) => pid));
    expect(pids.has(tries[1]!.pid), "nothing ran in the second process").toBe(false);
    expect(await run("well")).toEqual(expected(3));
  });

  it("goes on row by row where a whole piece was too much", async () => {
    begin();
    expect(await run("large-batches:4", { rowCount: 6 })).toEqual(expected(6));
    expect((await ran("large-batches:4")).map(({ rowCount }) => rowCount)).toEqual([6, 1, 1, 1, 1, 1, 1]);
  });

  it("a process that takes too much memory is ended, and the reason is told", async () => {
    // A fresh process that has yet to compile its sources takes over 400.
    begin({ bytesMax: 900 * MIB });
    await expect(run("hoards")).rejects.toThrow(
      /its process took [\d.]+ [MG]iB of memory, the limit is 900 MiB, twice/,
    );
    expect(await run("well")).toEqual(expected(3));
  });

  it("the memory of the coordinator does not count as that of a process it starts", async () => {
    const held = Buffer.alloc(1000 * MIB, 1);
    begin({ bytesMax: 900 * MIB });
    expect(await run("well")).toEqual(expected(3));
    runs.close();
    runs = new ModelRuns({ processes: 1, bytesMax: 900 * MIB });
    expect(await run("sum")).toEqual(expected(3));
    expect(held.length).toBe(1000 * MIB);
  });

  it("processes that end, or do not take the model", async () => {
    begin();
    await expect(run("dies")).rejects.toThrow("its process ended (exit code 3), twice");
    await run("well");
    await expect(run("refuses")).rejects.toThrow("no kernel for Frobnicate");
    expect(await ran("refuses"), "the first time in a process that had run something").toHaveLength(2);
    expect(await run("well")).toEqual(expected(3));
  });

  it("a trial stops at its limit, with what the model would need; no check waits for it", async () => {
    begin({ trialMsMax: 600 });
    let isOver = false;
    const trial = run("loops", { lane: "trial", rowCount: 2 }).finally(() => {
      isOver = true;
    });
    trial.catch(() => {});
    expect(await run("well")).toEqual(expected(3));
    expect(isOver).toBe(false);
    await expect(trial).rejects.toThrow(
      /trial was stopped after 0.6 s of processor time, not one row was done; it needs more than .* a row \(2 multiply-adds\)/,
    );
    expect(await run("well", { lane: "trial" })).toEqual(expected(3));
    const [ofLoops] = runs.times.byJob().filter(({ job }) => job === "loops");
    expect(ofLoops!.trialMs).toBeGreaterThan(500);
  });

  it("a process that says nothing is not waited for", async () => {
    begin({ silentMsMax: 400 });
    await expect(run("mute")).rejects.toThrow("its process did nothing for 0.4 s, twice");
  });

  it("a model that no process could hold is refused before anything runs", async () => {
    begin();
    const branches = Array.from({ length: 60 }, (_, i) => `b${i}`);
    const relu = (name: string) => ({ op: "Relu", inputs: ["x"], outputs: [name], attributes: {} });
    const nodes = [
      ...branches.map(relu),
      { op: "Sum", inputs: branches, outputs: ["s"], attributes: {} },
      { op: "ReduceMean", inputs: ["s"], outputs: ["y"], attributes: { axes: { is: [1] } } },
    ];
    const onnx = smallOnnx({ input: { name: "x", shape: [-1, 4_000_000] }, outputs: ["y"], weights: [], nodes });
    const model = { sha256: "wide", bundle: packOnnx(onnx) };
    await expect(run("wide", { model })).rejects.toThrow(
      /one row of it is predicted to take 2\.\d GiB .* between its layers\), the limit is 1\.7 GiB; .* at most \d+ numbers at once fits/,
    );
    expect(runs.figures()).toEqual({ processes: 0, lost: 0, waiting: 0, elsewhere: 0 });
  });

  it("[LJ3] where a job is expected the process that it is tried in is there before it comes", async () => {
    begin();
    runs.expectJob();
    expect(runs.figures().processes).toBe(1);
    runs.expectJob();
    expect(await run("well", { lane: "trial" })).toEqual(expected(3));
    expect(runs.figures().processes).toBe(1);
  });

  it("runs of a job that has ended are over, and so are all when it closes", async () => {
    begin({ trialMsMax: 60_000 });
    const [one, other] = [run("loops", { lane: "trial" }), run("loops", { jobId: "other" })];
    for (const each of [one, other]) each.catch(() => {});
    await vi.waitFor(() => expect(runs.figures().processes).toBe(2));
    runs.cancel("loops");
    await expect(one).rejects.toThrow("the job has ended");
    runs.close();
    await expect(other).rejects.toThrow("the coordinator is stopping");
    await expect(run("well")).rejects.toThrow("the coordinator is stopping");
  });
});
