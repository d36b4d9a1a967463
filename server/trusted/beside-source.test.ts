import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { graphModelSeed, layersModelSeed, type ModelFilesSeed } from "../../e2e/proofs/fuzz/graph-seed.ts";
import { inMemory } from "../../shared/compute/byte-space.ts";
import { inspectModel } from "../../shared/compute/inspect-model.ts";
import { unpackModel, withSource } from "../../shared/compute/model-bundle.ts";
import { fileOf, graphOf, nodeOf } from "../../shared/compute/runtimes/onnx/testing/graph-messages.ts";
import type { SourceFile } from "../../shared/compute/runtimes/runtime-description.ts";
import { runtimeOfFormat } from "../../shared/compute/runtimes/runtimes.ts";
import { startTrustedRuntimes } from "../../shared/compute/runtimes/start-trusted.ts";
import { selectOutput } from "../../shared/compute/select-output.ts";
import { prepareModel } from "../intake/prepare-model.ts";
import { assetsInNode } from "../numerics/runtime-assets.ts";
import { sha256Hex } from "../sha256-hex.ts";
import { drawnRows, uploadComparison } from "../web/compare-upload.ts";
import { besideSource, type RunEither } from "./beside-source.ts";
import { ModelRuns } from "./model-runs.ts";

const runtimes = startTrustedRuntimes(assetsInNode);
const ROWS = 4;

const run: RunEither = async (by, { bundle, behind }, rows, rowCount) => {
  const model = await runtimes[by].load(behind === undefined ? bundle : Buffer.concat([bundle, behind]));
  try {
    return await model.run(rows, rowCount);
  } finally {
    model.dispose();
  }
};

/** @param output as a job asks for it @param other files in place of its own */
async function compared(files: readonly SourceFile[], output?: string, other?: readonly SourceFile[], isDrawn = false) {
  const made = await packed(files);
  const source = other === undefined ? made.source : (await packed(other)).source;
  const named = inMemory(withSource(made.bundle, sha256Hex(source)));
  const bundle = await selectOutput(named, output);
  const facts = await inspectModel(bundle);
  const whole = unpackModel(output === "all" ? named : bundle);
  const format = await runtimeOfFormat(whole.format).loadFormat();
  const outputs = format.outputs(whole).map(({ tensor }) => tensor);
  const inputs = isDrawn
    ? drawnRows(facts, ROWS)
    : Float32Array.from({ length: ROWS * facts.inputSize }, (_, i) => Math.round(4 * Math.sin(i + 1)));
  const rows = { inputs, rowCount: ROWS, places: [0, 10, 20, 30] };
  return besideSource({ sha256: sha256Hex(bundle), bundle }, outputs, rows, {
    getSource: async (sha256) => (sha256 === sha256Hex(source) ? source : null),
    run,
  });
}

async function packed(files: readonly SourceFile[]) {
  const made = await prepareModel(files);
  if ("problem" in made) throw new Error(made.problem);
  return { bundle: inMemory(made.bundle), source: inMemory(made.source!) };
}

const onnx = (bytes: Uint8Array): SourceFile[] => [{ name: "model.onnx", bytes }];
const tfjs = ({ modelJson, weightFiles }: ModelFilesSeed): SourceFile[] => [
  { name: "model.json", bytes: modelJson },
  ...weightFiles,
];
const REWRITTEN = new URL("../../shared/compute/runtimes/onnx/testing/rewritten/", import.meta.url);
const rewritten = (name: string) => onnx(new Uint8Array(readFileSync(new URL(name, REWRITTEN))));

test("[PR111] files that packing once rewrote, tfjs models of both formats, and several outputs together are what they were packed to", async () => {
  const names = readdirSync(REWRITTEN).filter((name) => !/refused|hash|table/.test(name));
  for (const name of names) expect(await compared(rewritten(name)), name).toEqual({ rows: ROWS, difference: 0 });
  for (const seed of [graphModelSeed(), layersModelSeed()]) {
    expect(await compared(tfjs(seed))).toEqual({ rows: ROWS, difference: 0 });
  }
  const two = onnx(fileOf(graphOf([nodeOf("Relu", ["x"], "a"), nodeOf("Neg", ["x"], "b")], ["a", "b"])));
  for (const output of ["a", "b", "all"]) expect(await compared(two, output)).toEqual({ rows: ROWS, difference: 0 });
});

test("[PR111] trained models of each format are compared, within rounding", { timeout: 60_000 }, async () => {
  const folder = new URL("../../e2e/models/", import.meta.url);
  const read = (name: string): SourceFile => {
    return { name: name.split("/").at(-1)!, bytes: new Uint8Array(readFileSync(new URL(name, folder))) };
  };
  const models: [SourceFile[], string?][] = [
    [[read("small-resnet/model.onnx")], "logits"],
    [[read("small-resnet/model.onnx")], "all"],
    [[read("small-encoder/onnx/model.onnx"), lengthOf(16)], "last_hidden_state"],
    [[read("mnist-cnn/model.json"), read("mnist-cnn/weights.bin")]],
    [[read("cifar-resnet/model.json"), read("cifar-resnet/weights.bin")]],
  ];
  for (const [files, output] of models) {
    const told = await compared(files, output, undefined, true);
    expect(told, files[0]!.name).toMatchObject({ rows: ROWS });
    expect("difference" in told && told.difference).toBeLessThan(1e-4);
  }
});

/** Of the dimension that a text model leaves free. */
const lengthOf = (length: number): SourceFile => ({
  name: "input-sizes.json",
  bytes: new TextEncoder().encode(JSON.stringify({ sequence_length: length })),
});

test("[PR111] a model that is another one than its files is told with the row and the numbers", async () => {
  const one = onnx(fileOf(graphOf([nodeOf("Relu", ["x"], "y")])));
  const other = onnx(fileOf(graphOf([nodeOf("Abs", ["x"], "y")])));
  await expect(compared(one, undefined, other)).rejects.toThrow(
    /^row 0: the file as it came gives 3 at place 3, what packing made of it 0\. The model is not taken/,
  );
  const [large, small] = [5, -5].map((first) => {
    const seed = graphModelSeed();
    const bytes = Uint8Array.from(seed.weightFiles[0]!.bytes);
    new DataView(bytes.buffer).setFloat32(0, first, true);
    return tfjs({ ...seed, weightFiles: [{ name: "w", bytes }] });
  });
  await expect(compared(large!, undefined, small)).rejects.toThrow(/^row 0: the file as it came gives/);
});

test("[PR111] an uploaded model is compared on drawn rows, all its outputs together, and once", async () => {
  const two = (a: string, b: string) =>
    onnx(fileOf(graphOf([nodeOf(a, ["x"], "a"), nodeOf(b, ["x"], "b")], ["a", "b"])));
  const blobs = new Map<string, Uint8Array>();
  const put = (bytes: Uint8Array): string => {
    const sha256 = sha256Hex(bytes);
    blobs.set(sha256, bytes);
    return sha256;
  };
  let runs = 0;
  const compare = uploadComparison({
    store: { getBlob: async (sha256) => blobs.get(sha256) ?? null },
    runs: {
      run: ({ implementation, model, inputs, rowCount }) => {
        runs++;
        return run(implementation as "tab" | "file", model, inputs, rowCount);
      },
    },
  });
  const own = await packed(two("Relu", "Neg"));
  put(own.source);
  const good = put(own.bundle);
  expect([await compare(good, "Ada"), await compare(good, "Ada"), runs]).toEqual([null, null, 2]);
  const other = put((await packed(two("Relu", "Abs"))).source);
  const bad = put(inMemory(withSource(own.bundle, other)));
  expect(await compare(bad, "Ada")).toMatch(/^the model, on drawn rows: row 0: the file as it came gives/);
});

test("[PR111] a file runs in a trusted process, as a trial", { timeout: 60_000 }, async () => {
  const runs = new ModelRuns({ processes: 1 });
  try {
    const compare = async (own: string, of: string) => {
      const { bundle } = await packed(onnx(fileOf(graphOf([nodeOf(own, ["x"], "y")]))));
      const { source } = await packed(onnx(fileOf(graphOf([nodeOf(of, ["x"], "y")]))));
      const named = inMemory(withSource(bundle, sha256Hex(source)));
      const rows = { inputs: Float32Array.of(1, -2, 3, -4, 5), rowCount: 1, places: [7] };
      return besideSource({ sha256: sha256Hex(named), bundle: named }, ["y"], rows, {
        getSource: async () => source,
        run: (implementation, model, inputs, rowCount) =>
          runs.run({ model, inputs, rowCount, jobId: "upload", submitter: "Ada", implementation, lane: "trial" }),
      });
    };
    expect(await compare("Relu", "Relu")).toEqual({ rows: 1, difference: 0 });
    await expect(compare("Relu", "Abs")).rejects.toThrow(
      /^row 7: the file as it came gives 2 at place 1, what packing made of it 0\./,
    );
  } finally {
    runs.close();
  }
});

test("[PR111] what is not compared is told with its reason", async () => {
  const unlisted = graphOf([nodeOf("Relu", ["x"], "y"), nodeOf("Unique", ["x"], "z")]);
  const told = await compared(onnx(fileOf(unlisted)));
  expect(told).toMatchObject({
    notCompared: expect.stringMatching(/^its own file cannot be run here: .* got "Unique"/),
  });
  const { bundle } = await packed(onnx(fileOf(graphOf([nodeOf("Relu", ["x"], "y")]))));
  const rows = { inputs: new Float32Array(5), rowCount: 1, places: [0] };
  const gone = await besideSource({ sha256: "1", bundle }, ["y"], rows, { getSource: async () => null, run });
  expect(gone).toEqual({ notCompared: "its files are not kept any more: upload it again" });
});
