/** Models that make much of rounding: measured at submission, compared more widely, refused, or taken without checks. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { chaoticNet } from "../../../shared/compute/runtimes/tfjs/testing/chaotic-net.ts";
import { createTfjsRuntime } from "../../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../../../shared/kinds/inference/receipt.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { tfjsWasmFiles } from "../../numerics/runtime-assets.ts";
import { isProblem } from "../../web/coordinator-port.ts";

const WIDTH = 32;
const QUERIES = 48;
const SYSTEMATIC = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0 };
const CHAOTIC = chaoticNet({ layers: 20, gain: 10 });

/** As on a device that rounds otherwise: each number a little off, by more than any tolerance. */
const otherwise: TabBehaviour = { answers: ({ outputs }) => outputs.map((value) => value * 1.1) };

let world: ShellWithTabs;
beforeEach(async () => {
  world = await ShellWithTabs.open([{}, otherwise, otherwise, otherwise, {}], "tfjs");
});
afterEach(() => world.close());

function queriesOf(seed: number): Float32Array<ArrayBuffer> {
  const random = simulationRandom(seed);
  return Float32Array.from({ length: QUERIES * WIDTH }, () => normal(random));
}

async function submission(bundle: Uint8Array, settings: object = {}, seed = 5): Promise<Record<string, unknown>> {
  // Half of the rows are checked.
  await world.hasAskedFor(1_000);
  const modelSha256 = await world.store.putBlob(bundle);
  const queriesSha256 = await world.upload({ dtype: "F32", shape: [QUERIES, WIDTH], data: queriesOf(seed) });
  return { ...SYSTEMATIC, ...settings, source: { kind: "uploads", modelSha256, queriesSha256 } };
}

async function viewOf(bundle: Uint8Array, settings: object = {}, seed = 5): Promise<InferenceJobView> {
  const reply = await world.submit(await submission(bundle, settings, seed));
  if (isProblem(reply)) throw new Error(reply.message);
  return world.shell.jobView(reply.jobId) as InferenceJobView;
}

const quarantined = () => world.shell.volunteers().filter(({ quarantine }) => quarantine !== null);

describe("[VF12] a model that makes so much of rounding that honest answers cannot be told from lies, and differs from run to run", () => {
  beforeEach(() => {
    world.isUnrepeatable = true;
  });

  test("is refused with the figures and what can be done", async () => {
    const reply = await world.submit(await submission(CHAOTIC));
    expect(reply).toMatchObject({ status: 422, code: "unstable-model" });
    expect(isProblem(reply) && reply.message).toMatch(
      /float32 does not determine its answers: on 16 of its queries .* change a row by up to \d+ % of its size \(.* times .*\), .* up to 0\.016 %\. Rescale it, or submit it with --if-unstable unchecked \(over HTTP "ifUnstable": "unchecked"\)/,
    );
  });

  test.each(["exact", "fast"])(
    "is taken where its submitter says so (%s): unchecked, nobody is named",
    async (completion) => {
      const jobId = await world.run(await submission(CHAOTIC, { ifUnstable: "unchecked", completion }));
      const view = world.shell.jobView(jobId) as InferenceJobView;
      // The coordinator computed some rows itself, which say what a tab's device is.
      const { exact } = view.answersByMark;
      expect(view).toMatchObject({ state: "done", finalCount: exact, sensitivity: { tolerance: null } });
      expect(view.answersByMark).toMatchObject({ unchecked: QUERIES - exact });
      expect(exact).toBeLessThan(QUERIES / 4);
      expect(view.unchecked).toMatch(/float32 does not determine its answers/);
      expect(quarantined()).toEqual([]);
      const receipt = (await world.shell.receipt(jobId)) as InferenceReceipt;
      expect(receipt).toMatchObject({ verification: "none", unchecked: view.unchecked });
    },
  );

  test("is nobody's concern where the scheme checks nothing anyway", async () => {
    const view = await viewOf(CHAOTIC, { scheme: "uncoded", stragglers: 0 });
    expect(view.unchecked).toBeUndefined();
    expect(view.sensitivity?.tolerance).toBeNull();
  });
});

describe("[PC13] one whose runs on WebAssembly have the same bits", () => {
  /** Where rounding is another it is as honest as any. */
  const card: TabBehaviour = { ...otherwise, backend: "webgl" };
  /** In the last bit of one number of a row, in all rows but the first. */
  const nearly: TabBehaviour = {
    answers: ({ outputs, assignment: { outputSize } }) =>
      outputs.map((value, at) => (at >= outputSize && at % outputSize === 0 ? value * (1 + 2 ** -22) : value)),
  };

  test.each(["classification", "regression"])("is taken, checked in every bit and final (%s)", async (task) => {
    await world.close();
    world = await ShellWithTabs.open([{}, {}, {}, nearly, card], "tfjs");
    const jobId = await world.run(await submission(CHAOTIC, { task }));
    const view = world.shell.jobView(jobId) as InferenceJobView;
    expect(view).toMatchObject({ state: "done", finalCount: QUERIES, errors: { webAssembly: 0, others: [] } });
    expect(view.unchecked).toBeUndefined();
    expect(quarantined().map(({ nickname }) => nickname)).toEqual(["tab 3"]);
    const receipt = (await world.shell.receipt(jobId)) as InferenceReceipt;
    expect(receipt).toMatchObject({ verification: "audits", errors: view.errors });
    const { outputs } = (await world.shell.desks.inference.allAnswers(jobId))!;
    const model = await (await createTfjsRuntime("wasm", tfjsWasmFiles())).load(CHAOTIC);
    expect(outputs).toEqual(await model.run(queriesOf(5), QUERIES));
  });

  test("asks every tab for WebAssembly, and gives nothing more to one that computes elsewhere nevertheless", async () => {
    await world.close();
    world = await ShellWithTabs.open([{}, {}, {}, {}, { backend: "webgl" }, card], "tfjs");
    const reply = await world.submit(await submission(CHAOTIC, { stragglers: 0 }));
    if (isProblem(reply)) throw new Error(reply.message);
    const modelSha256 = await world.store.putBlob(CHAOTIC);
    const sessionId = [...world.shell.state.sessions.values()].find(({ backend }) => backend === "webgl")!.sessionId;
    world.shell.tabs.modelOnBackend(sessionId, { modelSha256, backend: "webgl" });
    await world.ended(reply.jobId);
    expect(world.batches.length).toBeGreaterThan(0);
    for (const { assignment } of world.batches) expect(assignment.onWebAssembly).toBe(true);
    for (const one of [4, 5]) expect(world.batches.filter(({ tab }) => tab === one).length).toBeLessThan(2);
    expect(world.shell.jobView(reply.jobId)).toMatchObject({ state: "done", finalCount: QUERIES, failedAudits: 0 });
    expect(quarantined()).toEqual([]);
  });
});

test("[VF12] rows of a sensitive model are compared within what was measured of it, those of others as usual", async () => {
  const sensitive = await viewOf(chaoticNet({ layers: 10, gain: 5 }));
  expect(sensitive.sensitivity).toMatchObject({ rows: 16, rowsOnSecond: 16, tolerance: { float16: null } });
  const { deviation, tolerance } = sensitive.sensitivity!;
  expect(tolerance!.float32).toBeCloseTo(64 * deviation, 12);
  expect(tolerance!.float32).toBeGreaterThan(1e-3);
  const plain = await viewOf(chaoticNet({ layers: 3, gain: 1 }));
  expect(plain.sensitivity?.tolerance).toEqual({ float32: 1e-3, float16: 5e-2 });
});

test("[VF12] the same model and queries get the same verdict, however often and wherever; other queries one of their own", async () => {
  // Between two coordinators, each with secrets of its own, and twice at one of them.
  const sensitive = chaoticNet({ layers: 10, gain: 5 });
  const deviations = [await viewOf(sensitive), await viewOf(sensitive)].map((view) => view.sensitivity?.deviation);
  await world.close();
  world = await ShellWithTabs.open([{}, {}, {}, {}, {}], "tfjs");
  deviations.push((await viewOf(sensitive)).sensitivity?.deviation);
  expect(deviations[0]).toBeGreaterThan(0);
  expect(new Set(deviations).size).toBe(1);
  expect((await viewOf(sensitive, { ifUnstable: "unchecked" }, 6)).sensitivity?.deviation).not.toBe(deviations[0]);
});
