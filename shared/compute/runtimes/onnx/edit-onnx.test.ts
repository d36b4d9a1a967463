import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { inMemory } from "../../byte-space.ts";
import { selectOutputOf } from "../../select-output.ts";
import type { PixelInput } from "../runtime-description.ts";
import { onnxInputs, onnxOutputs, withPixels } from "./edit-onnx.ts";
import { onnxFormat } from "./onnx-format.ts";
import { createOnnxRuntime } from "./onnx-runtime.ts";
import { packOnnx } from "./pack-onnx.ts";
import { smallOnnx } from "./testing/small-onnx.ts";

const runtime = createOnnxRuntime();
const PIXELS: PixelInput = {
  channels: 3,
  width: 32,
  height: 32,
  isChannelsFirst: true,
  scale: [0.017, 0.0175, 0.0174],
  shift: [-2.1, -2.04, -1.8],
};

async function answers(file: Uint8Array, rows: Float32Array, count: number, output: string): Promise<Float32Array> {
  const model = await runtime.load(selectOutputOf(onnxFormat, packOnnx(file), output));
  const got = await model.run(rows, count);
  model.dispose();
  return got;
}

describe("a picture's bytes in place of what a model took", () => {
  test("a model of PyTorch answers as it does with rows that were scaled before", async () => {
    const file = await readFile(new URL("../../../../e2e/models/small-resnet/model.onnx", import.meta.url));
    const [input] = onnxInputs(file);
    expect(input).toMatchObject({ dtype: "float32", shape: [null, 3, 32, 32] });
    expect(onnxOutputs(file)).toEqual(["logits", "features"]);
    const bytes = Float32Array.from({ length: 2 * 3 * 1024 }, (_, i) => (i * 2654435761) % 256);
    const channelOf = (i: number) => Math.floor(i / 1024) % 3;
    const scaled = bytes.map((byte, i) => byte * PIXELS.scale[channelOf(i)]! + PIXELS.shift[channelOf(i)]!);
    const changed = inMemory(withPixels(file, input!.name, PIXELS));
    expect(onnxInputs(changed)).toEqual([{ name: "paritab:pixels", dtype: "float32", shape: [null, 3, 32, 32] }]);
    const [got, expected] = [await answers(changed, bytes, 2, "logits"), await answers(file, scaled, 2, "logits")];
    expect(expected.some((value) => Math.abs(value) > 0.1)).toBe(true);
    for (const [i, value] of expected.entries()) expect(got[i]).toBeCloseTo(value, 4);
  });

  test("channels may stand last, and the picture gets the size that is named", async () => {
    const file = smallOnnx({
      input: { name: "x", shape: [-1, 4, 4, 3] },
      outputs: ["y"],
      nodes: [{ op: "Neg", inputs: ["x"], outputs: ["y"], attributes: {} }],
      weights: [],
    });
    const changed = inMemory(withPixels(file, "x", { ...PIXELS, width: 2, height: 1, isChannelsFirst: false }));
    expect(onnxInputs(changed)[0]!.shape).toEqual([null, 1, 2, 3]);
    const got = await answers(changed, Float32Array.of(0, 0, 0, 100, 100, 100), 1, "y");
    const expected = [0, 100].flatMap((byte) => PIXELS.scale.map((scale, c) => -(byte * scale + PIXELS.shift[c]!)));
    for (const [i, value] of expected.entries()) expect(got[i]).toBeCloseTo(value, 5);
  });

  test("an input that is not there is refused", () => {
    const file = smallOnnx({ input: { name: "x", shape: [-1, 2] }, outputs: ["x"], nodes: [], weights: [] });
    expect(() => withPixels(file, "z", PIXELS)).toThrow(/expected an input 'z', got "none of that name"/);
  });
});
