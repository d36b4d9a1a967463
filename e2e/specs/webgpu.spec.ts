/** ONNX on graphics cards, with Chromium's card in software: right answers, and one that is made wrong on purpose. */
import { smallOnnx } from "../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { normal, simulationRandom } from "../../shared/random/simulation-random.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { ended, expect, test } from "./fixtures.ts";

const WIDTH = 12;
const QUERIES = 80;
/** The job has no others: where their cards are wrong, it ends because they go on without. */
const TABS = { tabs: 2, backends: ["webgpu"] } as const;
const random = simulationRandom(16);
const kernel = Float32Array.from({ length: WIDTH * 4 }, () => normal(random));
const rows = Float32Array.from({ length: QUERIES * WIDTH }, () => normal(random));

/** Gelu of a product: what WebGPU has kernels for. */
const MODEL = smallOnnx({
  input: { name: "x", shape: [-1, WIDTH] },
  outputs: ["y"],
  nodes: [
    { op: "MatMul", inputs: ["x", "w"], outputs: ["s"], attributes: {} },
    { op: "Tanh", inputs: ["s"], outputs: ["y"], attributes: {} },
  ],
  weights: [{ name: "w", shape: [WIDTH, 4], values: kernel }],
});

function expected(query: number): number[] {
  return Array.from({ length: 4 }, (_, column) => {
    let sum = 0;
    for (let i = 0; i < WIDTH; i++) sum += rows[query * WIDTH + i]! * kernel[i * 4 + column]!;
    return Math.tanh(sum);
  });
}

async function submitted(client: ParitabClient): Promise<string> {
  const { modelSha256 } = await client.uploadModel([{ name: "model.onnx", data: MODEL }]);
  const npy = encodeNpy({ dtype: "F32", shape: [QUERIES, WIDTH], data: rows });
  const { tensorSha256: queriesSha256 } = await client.uploadTensor(new Uint8Array(npy));
  const source = { kind: "uploads", modelSha256, queriesSha256 } as const;
  const code = { scheme: "systematic", queriesPerGroup: 2, stragglers: 0, liars: 0, groupsPerRound: 5 } as const;
  const { jobId } = await client.submit({ kind: "inference", source, task: "regression", ...code });
  return jobId;
}

async function wrongOf(client: ParitabClient, jobId: string): Promise<number> {
  const { answers } = await client.answers(jobId, { limit: QUERIES });
  expect(answers).toHaveLength(QUERIES);
  return answers.filter(({ index, outputs }) =>
    expected(index).some((value, c) => Math.abs(value - outputs[c]!) > 2e-3),
  ).length;
}

test("[PC7] a tab that is to use its card does, its answers are right, and its page says so", async ({
  coordinator,
  openTabs,
}) => {
  const { client } = coordinator;
  const crowd = await openTabs(TABS);
  const jobId = await submitted(client);
  expect(await ended(client, jobId)).toMatchObject({ state: "done" });
  expect(await wrongOf(client, jobId)).toBe(0);
  const statuses = await crowd.status();
  const choices = statuses.flatMap((status) => status?.choices ?? []);
  expect(choices.length).toBeGreaterThan(0);
  for (const { backend, tried } of choices) {
    expect(backend, JSON.stringify(tried)).toBe("webgpu");
    expect(tried.map(({ problem }) => problem)).toEqual([null, null]);
  }
  expect((await client.volunteers()).filter(({ quarantine }) => quarantine !== null)).toEqual([]);
});

test("[PC7] a card that is wrong is noticed before an answer of it counts; its tab goes on without it, and nobody is called a liar", async ({
  coordinator,
  openTabs,
}) => {
  const { client } = coordinator;
  const crowd = await openTabs({ ...TABS, profile: "card:2(webgpu)" });
  const jobId = await submitted(client);
  expect(await ended(client, jobId)).toMatchObject({ state: "done" });
  expect(await wrongOf(client, jobId)).toBe(0);
  expect((await client.volunteers()).filter(({ quarantine }) => quarantine !== null)).toEqual([]);
  const statuses = await crowd.status();
  const fellBack = statuses.filter((status) => status?.choices.some(({ backend }) => backend !== "webgpu"));
  expect(fellBack).toHaveLength(2);
  for (const status of fellBack) {
    const [choice] = status!.choices;
    expect(choice).toMatchObject({ tried: [{ problem: null }, { backend: "webgpu", problem: "other answers" }] });
    expect(status!.unfit).toEqual([]);
  }
});
