/** Models on graphics cards (WebGPU), ONNX and tfjs, with Chromium's card in software: right answers, and one that is made wrong on purpose. */
import { smallOnnx } from "../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { normal, simulationRandom } from "../../shared/random/simulation-random.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { ended, expect, test } from "./fixtures.ts";

const WIDTH = 12;
/** More than the coordinator computes by itself: cards have a part in it. */
const QUERIES = 400;
/** The job has no others: where their cards are wrong, it ends because they go on without. */
const TABS = { tabs: 2, backends: ["webgpu"] } as const;
const random = simulationRandom(16);
const kernel = Float32Array.from({ length: WIDTH * 4 }, () => normal(random));
const rows = Float32Array.from({ length: QUERIES * WIDTH }, () => normal(random));

/** Tanh of a product, in each format: what WebGPU has kernels for. */
const ONNX = smallOnnx({
  input: { name: "x", shape: [-1, WIDTH] },
  outputs: ["y"],
  nodes: [
    { op: "MatMul", inputs: ["x", "w"], outputs: ["s"], attributes: {} },
    { op: "Tanh", inputs: ["s"], outputs: ["y"], attributes: {} },
  ],
  weights: [{ name: "w", shape: [WIDTH, 4], values: kernel }],
});

const LAYERS = {
  format: "layers-model",
  modelTopology: {
    class_name: "Sequential",
    config: {
      name: "m",
      layers: [
        {
          class_name: "Dense",
          config: { name: "d", units: 4, activation: "tanh", use_bias: false, batch_input_shape: [null, WIDTH] },
        },
      ],
    },
  },
  weightsManifest: [{ paths: ["w.bin"], weights: [{ name: "d/kernel", shape: [WIDTH, 4], dtype: "float32" }] }],
};

const MODELS: Readonly<Record<string, readonly { name: string; data: Uint8Array<ArrayBuffer> }[]>> = {
  ONNX: [{ name: "model.onnx", data: ONNX }],
  tfjs: [
    { name: "model.json", data: new TextEncoder().encode(JSON.stringify(LAYERS)) },
    { name: "w.bin", data: new Uint8Array(kernel.buffer) },
  ],
};

function expected(query: number): number[] {
  return Array.from({ length: 4 }, (_, column) => {
    let sum = 0;
    for (let i = 0; i < WIDTH; i++) sum += rows[query * WIDTH + i]! * kernel[i * 4 + column]!;
    return Math.tanh(sum);
  });
}

async function submitted(client: ParitabClient, files: (typeof MODELS)[string]): Promise<string> {
  const { modelSha256 } = await client.uploadModel(files);
  const npy = encodeNpy({ dtype: "F32", shape: [QUERIES, WIDTH], data: rows });
  const { tensorSha256: queriesSha256 } = await client.uploadTensor(new Uint8Array(npy));
  const source = { kind: "uploads", modelSha256, queriesSha256 } as const;
  const code = { scheme: "systematic", queriesPerGroup: 2, stragglers: 0, liars: 0 } as const;
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

for (const [format, files] of Object.entries(MODELS)) {
  test(`[PC7] ${format}: a tab that is to use its card does, its answers are right, and its page says so`, async ({
    coordinator,
    openTabs,
  }) => {
    const { client } = coordinator;
    const crowd = await openTabs(TABS);
    const jobId = await submitted(client, files);
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

  test(`[PC7] ${format}: a card that is wrong is noticed before an answer of it counts; its tab goes on without it, and nobody is called a liar`, async ({
    coordinator,
    openTabs,
  }) => {
    const { client } = coordinator;
    const crowd = await openTabs({ ...TABS, profile: "card:2(webgpu)" });
    const jobId = await submitted(client, files);
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
}
