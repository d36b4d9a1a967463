/** Rows that the order of sums decides, on WebGL in software: honest tabs are not named, and go on in WebAssembly. */
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { ended, expect, test } from "./fixtures.ts";

/** So many that a new submitter's account carries the block: a smaller one the coordinator computes alone when tabs start late. */
const QUERIES = 400;
const [WIDTH, OUTPUTS] = [4, 4];
const plain = { transpose_a: { b: false }, transpose_b: { b: false } };
const kernel = Float32Array.from({ length: WIDTH * OUTPUTS }, (_, i) => (i < OUTPUTS ? 0 : 20 * Math.sin(3 * i)));
/** One after the other they are 600; WebGL adds them in windows, once a batch has a thousand numbers: a single row has more. */
const TERMS = Float32Array.from({ length: 1800 }, (_, i) => [-(2 ** 24), 1, 2 ** 24][i % 3]!);
/** None of the sixteen rows that a trial takes. */
const TRIED = new Set(Array.from({ length: 16 }, (_, i) => Math.floor((i * QUERIES) / 16)));

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

function files(nodes: readonly object[], weights: readonly Weight[]) {
  const dim = [-1, WIDTH].map((size) => ({ size: String(size) }));
  const x = { name: "x", op: "Placeholder", attr: { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim } } } };
  const json = {
    format: "graph-model",
    modelTopology: {
      node: [x, ...nodes, ...weights.map(({ name }) => ({ name, op: "Const" }))],
      library: {},
      versions: {},
    },
    weightsManifest: [
      {
        paths: ["w.bin"],
        weights: weights.map(({ name, shape, values }) => ({
          ...{ name, shape },
          dtype: values instanceof Int32Array ? "int32" : "float32",
        })),
      },
    ],
  };
  const data = Uint8Array.from(weights.flatMap(({ values }) => [...new Uint8Array(values.buffer)]));
  return [
    { name: "model.json", data: new TextEncoder().encode(JSON.stringify(json)) },
    { name: "w.bin", data },
  ];
}

const node = (name: string, op: string, input: readonly string[], attr: object = {}) => ({ name, op, input, attr });
const floats = (name: string, shape: readonly number[], values: ArrayLike<number>): Weight => ({
  ...{ name, shape },
  values: Float32Array.from(values),
});

const MODELS = {
  "a sum that its order decides, in rows that no trial sees": files(
    [
      node("scaled", "MatMul", ["x", "gate"], plain),
      node("shifted", "AddV2", ["scaled", "bias"]),
      node("cut", "Relu", ["shifted"]),
      node("on", "Minimum", ["cut", "one"]),
      node("v", "MatMul", ["on", "terms"], plain),
      node("s", "Sum", ["v", "axis"], { keep_dims: { b: true } }),
      node("f", "MatMul", ["x", "kernel"], plain),
      node("out", "AddV2", ["f", "s"]),
    ],
    [
      floats("gate", [WIDTH, 1], [1000, 0, 0, 0]),
      floats("bias", [1], [-500]),
      floats("one", [1], [1]),
      floats("terms", [1, TERMS.length], TERMS),
      floats("kernel", [WIDTH, OUTPUTS], kernel),
      { name: "axis", shape: [1], values: Int32Array.of(1) },
    ],
  ),
  "an operator that jumps": files(
    [node("d", "FloorDiv", ["x", "five"]), node("f", "MatMul", ["d", "kernel"], plain), node("out", "Relu", ["f"])],
    [floats("five", [1], [5]), floats("kernel", [WIDTH, OUTPUTS], kernel)],
  ),
};

async function submitted(client: ParitabClient, model: ReturnType<typeof files>): Promise<string> {
  const random = simulationRandom(8);
  const data = Float32Array.from({ length: QUERIES * WIDTH }, (_, i) => {
    const query = Math.floor(i / WIDTH);
    return i % WIDTH === 0 ? Number(query % 4 === 1 && !TRIED.has(query)) : random.integer(100_000) / 1000;
  });
  const { modelSha256 } = await client.uploadModel(model);
  const npy = encodeNpy({ dtype: "F32", shape: [QUERIES, WIDTH], data });
  const { tensorSha256: queriesSha256 } = await client.uploadTensor(new Uint8Array(npy));
  const source = { kind: "uploads", modelSha256, queriesSha256 } as const;
  const code = { scheme: "systematic", queriesPerGroup: 2, stragglers: 0, liars: 0 } as const;
  const { jobId } = await client.submit({ kind: "inference", source, task: "regression", ...code });
  return jobId;
}

for (const [what, model] of Object.entries(MODELS)) {
  test(`[PC11] ${what}: tabs on WebGL compute it in WebAssembly, and none is named`, async ({
    coordinator,
    openTabs,
  }) => {
    const { client } = coordinator;
    const crowd = await openTabs({ tabs: 3, backends: ["webgl"] });
    const job = await ended(client, await submitted(client, model));
    expect(job).toMatchObject({ state: "done", finalCount: QUERIES, fixedOnly: expect.any(String) });
    const statuses = await crowd.status();
    const choices = statuses.flatMap((status) => status?.choices ?? []);
    expect(choices.map(({ backend }) => backend)).toContain("wasm");
    expect((await client.volunteers()).filter(({ quarantine }) => quarantine !== null)).toEqual([]);
  });
}
