/** An ONNX model as PyTorch writes it, in real tabs. */
import { readFile } from "node:fs/promises";
import { createOnnxRuntime } from "../../shared/compute/runtimes/onnx/onnx-runtime.ts";
import { packOnnx } from "../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { selectOutput } from "../../shared/compute/select-output.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import type { InferenceSubmissionInput, ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../shared/verify/compare-rows.ts";
import { ended, expect, test } from "./fixtures.ts";

const MODEL_FILE = new URL("../models/small-resnet/model.onnx", import.meta.url);
const SHAPE = [3, 32, 32] as const;
const QUERIES = 1_000;

async function uploaded(client: ParitabClient, count: number) {
  const random = simulationRandom(21);
  const queries = Float32Array.from({ length: count * 3 * 32 * 32 }, () => random.uniform());
  const { modelSha256 } = await client.uploadModel([
    { name: "model.onnx", data: new Uint8Array(await readFile(MODEL_FILE)) },
  ]);
  const npy = encodeNpy({ dtype: "F32", shape: [count, ...SHAPE], data: queries });
  const { tensorSha256: queriesSha256 } = await client.uploadTensor(new Uint8Array(npy));
  const source = { kind: "uploads", modelSha256, queriesSha256 } as const;
  return {
    queries,
    job: (settings: object) => ({ kind: "inference", source, ...settings }) as InferenceSubmissionInput,
  };
}

/** Answers that are not within the tolerance of float32 of what this process computes. */
async function wrongAnswers(client: ParitabClient, jobId: string, queries: Float32Array, output: string) {
  const bundle = packOnnx(await readFile(MODEL_FILE));
  const model = await createOnnxRuntime().load(await selectOutput(bundle, output));
  const { inputSize, outputSize } = model.facts;
  const count = queries.length / inputSize;
  const expected = await model.run(queries, count);
  model.dispose();
  const { answers } = await client.answers(jobId, { limit: count });
  expect(answers).toHaveLength(count);
  return answers.filter(({ index, outputs }) => {
    const row = expected.subarray(index * outputSize, (index + 1) * outputSize);
    return !rowAgrees(row, outputs, PRECISION_TOLERANCE.float32);
  });
}

test("a thousand answers, none checked, are within the tolerance of float32; the library comes with the first such job, from our own origin", async ({
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  const { queries, job } = await uploaded(client, QUERIES);
  const crowd = await openTabs({ tabs: 2, backends: ["wasm", "webgl"] });
  const requests: string[] = [];
  const problems: string[] = [];
  for (const { page } of crowd.tabs) {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
    });
  }
  crowd.tabs[0]!.page.context().on("request", (request) => requests.push(request.url()));

  const uncoded = { scheme: "uncoded", queriesPerGroup: 2, stragglers: 0, liars: 0 } as const;
  const { jobId } = await client.submit(job({ ...uncoded, output: "logits" }));
  const { state, answersByMark } = await ended(client, jobId);
  // By some rows that the coordinator computes the tabs are measured.
  expect([state, answersByMark.unchecked + answersByMark.exact]).toEqual(["done", QUERIES]);
  expect(answersByMark.exact).toBeLessThan(QUERIES / 50);
  expect(await wrongAnswers(client, jobId, queries, "logits")).toEqual([]);

  const libraries = requests.filter((address) => /ort-wasm.*\.wasm$/.test(address));
  expect(libraries.length).toBeGreaterThan(0);
  expect(requests.filter((address) => new URL(address).origin !== url)).toEqual([]);
  expect(problems).toEqual([]);
});

test("audits recompute the model's answers; a liar is caught, and no checked answer is wrong", async ({
  coordinator,
  openTabs,
}) => {
  const { client } = coordinator;
  const { queries, job } = await uploaded(client, 400);
  await openTabs({ tabs: 7, profile: "liar:1(other-query)" });
  const systematic = { queriesPerGroup: 4, stragglers: 2, liars: 1 };
  const { jobId } = await client.submit(job({ ...systematic, output: "features", task: "regression" }));
  const done = await ended(client, jobId);
  expect(done).toMatchObject({ state: "done", answersByMark: { missing: 0, unchecked: 0, estimated: 0 } });
  expect(await wrongAnswers(client, jobId, queries, "features")).toEqual([]);
  expect(await client.volunteers("quarantined")).toHaveLength(1);
});

test("a file that cannot be served is refused in a sentence, in the form too, and no tab hears of it", async ({
  coordinator,
  page,
}) => {
  const { client, url } = coordinator;
  await page.goto(`${url}/dashboard#new`);
  await page.getByLabel("My own model and queries").check();
  const cut = (await readFile(MODEL_FILE)).subarray(0, 3_000);
  await page.getByLabel("Model", { exact: true }).setInputFiles({ name: "cut.onnx", mimeType: "", buffer: cut });
  const npy = Buffer.from(encodeNpy({ dtype: "F32", shape: [4, ...SHAPE], data: new Float32Array(4 * 3_072) }));
  await page
    .getByLabel("Queries (.npy, .csv, .parquet, .png)")
    .setInputFiles({ name: "q.npy", mimeType: "", buffer: npy });
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  // At the field; above the button it begins with a capital letter.
  await expect(page.getByText(/^onnx file: expected \d+ more bytes, as the file says/)).toBeVisible();
  expect(await client.jobs()).toEqual([]);
});
