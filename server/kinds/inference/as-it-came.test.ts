import { afterEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { inMemory } from "../../../shared/compute/byte-space.ts";
import { withSource } from "../../../shared/compute/model-bundle.ts";
import { fileOf, graphOf, nodeOf } from "../../../shared/compute/runtimes/onnx/testing/graph-messages.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { prepareModel } from "../../intake/prepare-model.ts";
import { sha256Hex } from "../../sha256-hex.ts";
import { isProblem } from "../../web/coordinator-port.ts";

const WIDTH = 5;
const QUERIES = 8;

let world: ShellWithTabs;
afterEach(() => world.close());

async function prepared(op: string) {
  const made = await prepareModel([{ name: "model.onnx", bytes: fileOf(graphOf([nodeOf(op, ["x"], "y")])) }]);
  if ("problem" in made) throw new Error(made.problem);
  return { bundle: inMemory(made.bundle), source: inMemory(made.source!) };
}

async function submissionOf(bundle: Uint8Array, source: Uint8Array | null) {
  world = await ShellWithTabs.open([{}, {}, {}], "onnx");
  await world.hasAskedFor(1_000);
  if (source !== null) await world.store.putBlob(source);
  const data = Float32Array.from({ length: QUERIES * WIDTH }, (_, i) => Math.sin(i + 1));
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(bundle),
    world.upload({ dtype: "F32", shape: [QUERIES, WIDTH], data }),
  ]);
  const settings = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, task: "regression" };
  return { ...settings, source: { kind: "uploads", modelSha256, queriesSha256 } };
}

const asItCame = (jobId: string) => (world.shell.jobView(jobId) as InferenceJobView).asItCame;

test("[PR111] a job says in its view and its receipt that four of its rows were compared, or why not", async () => {
  const { bundle, source } = await prepared("Relu");
  const jobId = await runJob(bundle, source);
  expect(asItCame(jobId)).toEqual({ rows: 4, difference: 0 });
  expect(await world.shell.receipt(jobId)).toMatchObject({ asItCame: { rows: 4, difference: 0 } });
  world.close();
  const other = await runJob(bundle, null);
  expect(asItCame(other)).toEqual({ notCompared: "its files are not kept any more: upload it again" });
});

async function runJob(bundle: Uint8Array, source: Uint8Array | null): Promise<string> {
  const submission = await submissionOf(bundle, source);
  return world.run(submission);
}

test("[PR111] a job whose model is another one than its files is refused, with the row and the numbers", async () => {
  const { bundle } = await prepared("Relu");
  const { source } = await prepared("Abs");
  const named = inMemory(withSource(bundle, sha256Hex(source)));
  const reply = await submitJob(named, source);
  expect(isProblem(reply) && [reply.code, reply.message]).toEqual([
    "other-model",
    expect.stringMatching(
      /^the model: row \d+: the file as it came gives 0\.\d+ at place \d, what packing made of it 0\./,
    ),
  ]);
});

async function submitJob(bundle: Uint8Array, source: Uint8Array) {
  const submission = await submissionOf(bundle, source);
  return world.submit(submission);
}
