import { expect, test } from "vitest";
import { inMemory } from "./byte-space.ts";
import { inspectModel } from "./inspect-model.ts";
import { unpackFormat } from "./model-bundle.ts";
import { mainFileAmong, packModelFiles } from "./model-files.ts";
import { smallOnnx } from "./runtimes/onnx/testing/small-onnx.ts";

const nodes = [{ op: "Relu", inputs: ["x"], outputs: ["y"], attributes: {} }];
const onnxFile = {
  name: "Net.ONNX",
  bytes: smallOnnx({ input: { name: "x", shape: [-1, 2] }, outputs: ["y"], nodes, weights: [] }),
};

test.each<[names: string[], expected: { name: string; place: number } | string]>([
  [["weights.bin", "model.json"], { name: "tfjs", place: 1 }],
  [["m/model.json", "m/weights.bin"], { name: "tfjs", place: 0 }],
  [["Net.ONNX"], { name: "onnx", place: 0 }],
  [["net.onnx.data", "net.onnx"], { name: "onnx", place: 1 }],
  [["net.onnx", "other.onnx"], "the files of one model"],
  [["model.json", "net.onnx"], "the files of one model"],
  [["my-model.json"], "a file named model.json, or one .onnx file"],
  [[], "a file named model.json, or one .onnx file"],
])("%j", (names, expected) => {
  const found = mainFileAmong(names);
  if (typeof expected === "string") expect(found).toEqual({ expected });
  else expect(found).toMatchObject({ runtime: { name: expected.name }, place: expected.place });
});

test("files are packed by the runtime that reads them", async () => {
  const bundle = inMemory(await packModelFiles([onnxFile]));
  expect(unpackFormat(bundle)).toBe("onnx");
  expect(await inspectModel(bundle)).toMatchObject({ inputSize: 2, outputSize: 2 });
  const other = { name: "weights.bin", bytes: new Uint8Array(4) };
  await expect(packModelFiles([onnxFile, other])).rejects.toThrow(/files of weights that it names, got "weights\.bin"/);
  await expect(packModelFiles([onnxFile, onnxFile])).rejects.toThrow(
    /the files of one model, got Net\.ONNX, Net\.ONNX/,
  );
});

test("a bundle of a format that no runtime reads says which ones there are", async () => {
  const text = new TextDecoder("latin1").decode(inMemory(await packModelFiles([onnxFile]))).replace('"onnx"', '"onny"');
  const changed = Uint8Array.from(text, (character) => character.charCodeAt(0));
  await expect(inspectModel(changed)).rejects.toThrow(/one of layers-model, graph-model, onnx, got "onny"/);
});
