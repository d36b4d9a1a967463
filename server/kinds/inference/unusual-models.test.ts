/** Models and queries that are not a classifier's on photographs: served, or refused with the numbers. */
import * as tf from "@tensorflow/tfjs";
import { afterEach, describe, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { packTfjs } from "../../../shared/compute/runtimes/tfjs/pack-tfjs.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { createTfjsRuntime } from "../../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";
import { selectOutput } from "../../../shared/compute/select-output.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { TAB_MEMORY_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { isProblem } from "../../web/coordinator-port.ts";
import { loadStoredJob } from "./job-loader.ts";
import { rowsOfClaimMax } from "./rows/core/claim-rows.ts";

const INPUT_SIZE = 6;
const QUERIES = 32;
const random = simulationRandom(12);
const noise = (count: number) => Float32Array.from({ length: count }, () => normal(random));
const queries = noise(QUERIES * INPUT_SIZE);

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

async function open(tabs: readonly TabBehaviour[], runtime: "plain" | "tfjs" = "plain"): Promise<ShellWithTabs> {
  opened = await ShellWithTabs.open(tabs, runtime);
  // Half of the rows are checked, and tabs compute what is so small.
  await opened.hasAskedFor(1_000);
  return opened;
}

const honest = (count: number): TabBehaviour[] => Array.from({ length: count }, () => ({}));

async function sourceOf(
  world: ShellWithTabs,
  bundle: Uint8Array,
  values: Float32Array = queries,
  changes: object = {},
) {
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(bundle),
    world.upload({ dtype: "F32", shape: [values.length / INPUT_SIZE, INPUT_SIZE], data: values }),
  ]);
  return { kind: "uploads", modelSha256, queriesSha256, ...changes };
}

async function problemOf(world: ShellWithTabs, submission: Record<string, unknown>): Promise<string> {
  const reply = await world.submit(submission);
  return isProblem(reply) ? reply.message : "accepted";
}

const SYSTEMATIC = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 1 };

describe("[PR62] a model with several outputs", () => {
  async function openOf(bundle: Uint8Array, tabs: readonly TabBehaviour[]) {
    const world = await open(tabs, "tfjs");
    return { world, source: await sourceOf(world, bundle) };
  }

  /** @param factor of the first output */
  const twoHeads = async (factor = 1): Promise<Uint8Array> => {
    await createTfjsRuntime("cpu");
    const input = tf.input({ shape: [INPUT_SIZE] });
    const drawn = (stddev: number) => ({ kernelInitializer: tf.initializers.randomNormal({ stddev, seed: 7 }) });
    const trunk = tf.layers
      .dense({ units: 5, activation: "tanh", name: "trunk", ...drawn(1) })
      .apply(input) as tf.SymbolicTensor;
    const outputs = [3, 1].map((units) =>
      tf.layers.dense({ units, name: `of_${units}`, ...drawn(units === 3 ? factor : 1) }).apply(trunk),
    );
    let bundle = new Uint8Array();
    await tf.model({ inputs: input, outputs: outputs as tf.SymbolicTensor[] }).save(
      tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
        const json = JSON.stringify({ modelTopology, weightsManifest: [{ paths: ["w"], weights: weightSpecs }] });
        const bytes = new Uint8Array(weightData as ArrayBuffer);
        bundle = packTfjs(new TextEncoder().encode(json), [{ name: "w", bytes }]) as typeof bundle;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
      }),
    );
    return bundle;
  };

  test("is refused with the list of its outputs where the job chooses none, and served where it does", async () => {
    const bundle = await twoHeads();
    const world = await open(honest(6), "tfjs");
    const source = await sourceOf(world, bundle);
    const refusal = /output: expected one of 'of_3', 'of_1', or its place from 0 on, got none chosen/;
    expect(await problemOf(world, { ...SYSTEMATIC, source })).toMatch(refusal);
    expect(await problemOf(world, { ...SYSTEMATIC, source, output: "of_2" })).toMatch(/got "of_2"/);
    const expected = await (await createTfjsRuntime("cpu")).load(await selectOutput(bundle, "of_3"));
    const said = await expected.run(queries, QUERIES);
    for (const output of ["of_3", 0]) {
      const jobId = await world.run({ ...SYSTEMATIC, source, output });
      const { outputs, outputSize } = (await world.shell.desks.inference.allAnswers(jobId))!;
      expect(outputSize).toBe(3);
      for (const [i, value] of outputs.entries()) expect(value).toBeCloseTo(said[i]!, 4);
    }
  });

  test("[SC7] its single number is refused as a classification, and served as a regression", async () => {
    const world = await open(honest(6), "tfjs");
    const source = await sourceOf(world, await twoHeads());
    expect(await problemOf(world, { ...SYSTEMATIC, source, output: "of_1" })).toMatch(/"task": "regression"/);
    const jobId = await world.run({ ...SYSTEMATIC, source, output: "of_1", task: "regression" });
    expect(world.shell.jobView(jobId)).toMatchObject({ state: "done", failedAudits: 0 });
  });

  test("[SC7] all of its outputs are one answer, a row of numbers, and a lie in the smallest of them is found", async () => {
    const bundle = await twoHeads();
    const small = await openOf(bundle, honest(7));
    const jobId = await small.world.run({ ...SYSTEMATIC, source: small.source, output: "all", task: "regression" });
    const { outputs, outputSize } = (await small.world.shell.desks.inference.allAnswers(jobId))!;
    expect(outputSize).toBe(4);
    const runtime = await createTfjsRuntime("cpu");
    const alone = [];
    for (const output of [0, 1])
      alone.push(await (await runtime.load(await selectOutput(bundle, output))).run(queries, QUERIES));
    for (let query = 0; query < QUERIES; query++) {
      const expected = [...alone[0]!.slice(3 * query, 3 * query + 3), alone[1]![query]!];
      for (const [c, value] of expected.entries()) expect(outputs[4 * query + c]).toBeCloseTo(value, 4);
    }
    const stored = (await small.world.store.jobs()).find((job) => job.jobId === jobId)!;
    const rms = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    const parts = stored.facts.outputScale as { size: number; scaleFloor: number }[];
    expect(parts.map(({ size }) => size)).toEqual([3, 1]);
    for (const [i, { scaleFloor }] of parts.entries()) expect(scaleFloor).toBeCloseTo(rms(alone[i]!), 4);
    const asClasses = { ...SYSTEMATIC, source: small.source, output: "all" };
    expect(await problemOf(small.world, asClasses)).toMatch(/^output "all": expected it with "task": "regression"/);
    small.world.close();

    // Of a model whose first output is a million times the second: on one scale the second could be anything.
    const tabs = honest(7);
    // One row is right: who is wrong in all of them may have a broken card.
    tabs[1] = { answers: ({ outputs }) => outputs.map((value, at) => (at > 3 && at % 4 === 3 ? 1.5 * value : value)) };
    const lied = await openOf(await twoHeads(1e6), tabs);
    await lied.world.run({ ...SYSTEMATIC, source: lied.source, output: "all", task: "regression" });
    const caught = lied.world.shell.volunteers().filter(({ quarantine }) => quarantine !== null);
    expect(caught.map(({ nickname }) => nickname)).toEqual(["tab 1"]);
  });
});

describe("[PR63] a regression", () => {
  // Differences of large numbers: its outputs are near zero by cancellation, where float32 rounding is large against them.
  const model = packDenseModel([
    { kernel: noise(INPUT_SIZE * 5), bias: noise(5), activation: "tanh" },
    { kernel: noise(5), bias: Float32Array.of(0), activation: "linear" },
  ]);

  async function expectedOutputs(): Promise<Float32Array> {
    return (await createPlainRuntime().load(model)).run(queries, QUERIES);
  }

  test("[SC7] has no labels anywhere: its answers are numbers", async () => {
    const world = await open(honest(6));
    const jobId = await world.run({ ...SYSTEMATIC, source: await sourceOf(world, model), task: "regression" });
    const view = world.shell.jobView(jobId) as InferenceJobView;
    expect(view).toMatchObject({ state: "done", accuracy: null, failedAudits: 0, answersByMark: { missing: 0 } });
    const { answers } = (await world.shell.desks.inference.answers(jobId, 0, QUERIES))!;
    const expected = await expectedOutputs();
    for (const [query, { label, first, outputs }] of answers.entries()) {
      expect(label).toBeNull();
      expect(first).toMatchObject({ label: null });
      expect(outputs[0]).toBeCloseTo(expected[query]!, 4);
    }
    expect((await world.shell.desks.inference.allAnswers(jobId))!.labels).toBeNull();
  });

  test("[SC7] a volunteer whose numbers differ by rounding of the largest ones is honest, one that adds a tenth of them is not", async () => {
    const scale = Math.sqrt((await expectedOutputs()).reduce((sum, v) => sum + v * v, 0) / QUERIES);
    const rounding = {
      backend: "cpu",
      answers: ({ outputs }: { outputs: Float32Array }) => outputs.map((v) => v + 2e-4 * scale),
    };
    const rounded = await open(Array.from({ length: 6 }, () => rounding));
    const source = await sourceOf(rounded, model);
    const jobId = await rounded.run({ ...SYSTEMATIC, source, task: "regression" });
    expect(rounded.shell.jobView(jobId)).toMatchObject({ state: "done", failedAudits: 0 });
    rounded.close();

    const tabs = honest(7);
    tabs[1] = { answers: ({ outputs }) => outputs.map((v, row) => (row === 0 ? v : v + 0.1 * scale)) };
    const world = await open(tabs);
    await world.run({ ...SYSTEMATIC, source: await sourceOf(world, model), task: "regression" });
    const caught = world.shell.volunteers().filter(({ quarantine }) => quarantine !== null);
    expect(caught.map(({ nickname }) => nickname)).toEqual(["tab 1"]);
  });

  test("majorities agree on numbers", async () => {
    const tabs = honest(6);
    tabs[1] = { answers: ({ outputs }) => outputs.map((v) => v + 5) };
    const world = await open(tabs);
    const replication = { scheme: "replication", queriesPerGroup: 2, liars: 1 };
    const jobId = await world.run({ ...replication, source: await sourceOf(world, model), task: "regression" });
    const { outputs } = (await world.shell.desks.inference.allAnswers(jobId))!;
    const expected = await expectedOutputs();
    for (const [query, value] of outputs.entries()) expect(value).toBeCloseTo(expected[query]!, 4);
  });

  test("labels, and a tolerance without it, are refused: they would mean nothing", async () => {
    const world = await open([]);
    const labelsSha256 = await world.upload({ dtype: "U8", shape: [QUERIES], data: new Uint8Array(QUERIES) });
    const source = await sourceOf(world, model, queries, { labelsSha256 });
    expect(await problemOf(world, { ...SYSTEMATIC, source, task: "regression" })).toMatch(
      /^labels: expected them with/,
    );
    const tolerance = { absolute: 1 };
    expect(await problemOf(world, { ...SYSTEMATIC, source: await sourceOf(world, model), tolerance })).toMatch(
      /^tolerance: expected it with "task": "regression"/,
    );
    const locator = "null-vector";
    expect(await problemOf(world, { ...SYSTEMATIC, source: await sourceOf(world, model), locator })).toMatch(
      /^locator: expected it with scheme approxifer/,
    );
  });
});

test("[RW2] [PR64] a claim has no more rows of a wide model than a tab's memory bears at once", async () => {
  /** One query makes so many numbers: weightless, but for a kernel of INPUT_SIZE x that. */
  const units = 260_000;
  const bundle = packDenseModel([
    { kernel: new Float32Array(INPUT_SIZE * units), bias: new Float32Array(units), activation: "relu" },
    { kernel: new Float32Array(units * 2).fill(1e-3), bias: new Float32Array(2), activation: "linear" },
  ]);
  const world = await open([]);
  const source = await sourceOf(world, bundle, noise(2_048 * INPUT_SIZE));
  const reply = await world.submit({ scheme: "uncoded", queriesPerGroup: 1, source });
  if (isProblem(reply)) throw new Error(reply.message);
  const job = (await loadStoredJob(world.store, reply.jobId))!;
  // 6 x 260,000 + 260,000 + 2 x 260,000 + 2 weights, and 260,008 numbers at once for each row
  const bytesOf = (rows: number) => 3 * 4 * (9 * units + 2) + 4 * 260_008 * rows;
  expect(bytesOf(job.tabRows!)).toBeLessThanOrEqual(TAB_MEMORY_BYTES_MAX);
  expect(bytesOf(job.tabRows! + 1)).toBeGreaterThan(TAB_MEMORY_BYTES_MAX);
  expect(rowsOfClaimMax(job)).toBe(job.tabRows);
  expect(job.tabBytes).toBeUndefined();
}, 120_000);

describe("[PR26] a model with free dimensions beside the batch", () => {
  test.each([
    [[null, null, 3], /expected a size for 'd:1', got "batch x free x 3"; submit it with --size d:1=N/],
    [[8, 3], /a free batch dimension \(null\) first, got \[8,3\]/],
  ])("%j is refused, and the shape is said", async (batchInputShape, message) => {
    const config = { name: "d", units: 2, batch_input_shape: batchInputShape };
    const modelJson = {
      format: "layers-model",
      modelTopology: { class_name: "Sequential", config: { layers: [{ class_name: "Dense", config }] } },
      weightsManifest: [],
    };
    const bundle = packTfjs(new TextEncoder().encode(JSON.stringify(modelJson)), []);
    const world = await open([]);
    const problem = await problemOf(world, { ...SYSTEMATIC, source: await sourceOf(world, bundle) });
    expect(problem).toMatch(message);
  });
});

describe("queries of one constant image", () => {
  const model = packDenseModel([
    { kernel: noise(INPUT_SIZE * 5), bias: noise(5), activation: "relu" },
    { kernel: noise(5 * 3), bias: noise(3), activation: "linear" },
  ]);
  const schemes: [object, number][] = [
    [{ scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 1 }, 6],
    [{ scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 1, completion: "fast" }, 6],
    [{ scheme: "approxifer", queriesPerGroup: 4, stragglers: 1, liars: 0 }, 5],
    [{ scheme: "approxifer", queriesPerGroup: 2, stragglers: 1, liars: 1 }, 6],
    [{ scheme: "approxifer", queriesPerGroup: 2, stragglers: 1, liars: 1, locator: "null-vector" }, 6],
    [{ scheme: "spline", queriesPerGroup: 4, stragglers: 1, liars: 1 }, 6],
    [{ scheme: "replication", queriesPerGroup: 2, liars: 1 }, 6],
  ];
  for (const fill of [0, 0.7]) {
    test.each(schemes)(`of ${fill}: %o gives every query the same, right answer`, async (settings, tabs) => {
      const constant = new Float32Array(QUERIES * INPUT_SIZE).fill(fill);
      const world = await open(honest(tabs));
      const jobId = await world.run({ ...settings, source: await sourceOf(world, model, constant) });
      expect(world.shell.jobView(jobId)).toMatchObject({
        state: "done",
        answersByMark: { missing: 0 },
        failedAudits: 0,
      });
      const expected = await (await createPlainRuntime().load(model)).run(constant, QUERIES);
      const { outputs } = (await world.shell.desks.inference.allAnswers(jobId))!;
      for (const [i, value] of outputs.entries()) expect(value).toBeCloseTo(expected[i]!, 2);
    });
  }
});
