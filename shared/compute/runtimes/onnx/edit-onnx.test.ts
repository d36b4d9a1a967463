import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { clipFolder, detrFolder } from "../../../hub/testing/vision-folders.ts";
import { inMemory } from "../../byte-space.ts";
import { selectOutputOf } from "../../select-output.ts";
import type { PixelInput } from "../runtime-description.ts";
import { onnxInputs, onnxOutputs, withOutputs, withPixels } from "./edit-onnx.ts";
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

describe("what is asked for alone", () => {
  const clip = clipFolder().model;

  test("of a CLIP the pictures' vectors need no words, and the words' no pictures", async () => {
    expect(onnxInputs(clip)).toHaveLength(3);
    const vision = inMemory(withOutputs(clip, ["image_embeds"]));
    expect(onnxInputs(vision).map(({ name }) => name)).toEqual(["pixel_values"]);
    expect(onnxOutputs(vision)).toEqual(["image_embeds"]);
    const words = inMemory(withOutputs(clip, ["text_embeds"]));
    expect(onnxInputs(words).map(({ name }) => name)).toEqual(["input_ids", "attention_mask"]);
    // The table of words lies in the one file alone.
    expect(vision.length + words.length).toBeLessThan(clip.length + 800);
    const sized = packOnnx(vision, undefined, {
      sizes: new Map(["num_channels", "height", "width"].map((name) => [name, 3])),
    });
    const model = await runtime.load(sized);
    const mean = [0, 1, 2].map((c) => c / 4);
    const got = await model.run(
      Float32Array.from({ length: 27 }, (_, i) => mean[Math.floor(i / 9)]!),
      1,
    );
    model.dispose();
    expect(got).toHaveLength(4);
    expect(got.every((value) => Number.isFinite(value) && value !== 0)).toBe(true);
  });

  test("outputs come in the order in which they are asked for, and values within the model are some", () => {
    const detr = detrFolder().model;
    const both = withOutputs(detr, ["pred_boxes", "logits"]);
    expect(onnxOutputs(both)).toEqual(["pred_boxes", "logits"]);
    expect(onnxOutputs(withOutputs(detr, ["mean"]))).toEqual(["mean"]);
    expect(onnxInputs(withOutputs(detr, ["sum"])).map(({ name }) => name)).toEqual(["pixel_values"]);
  });

  test("a name that is not there is told with those that are", () => {
    expect(() => withOutputs(clip, ["image_embeds", "visual"])).toThrow(
      /expected one of 'logits_per_image', 'logits_per_text', 'text_embeds', 'image_embeds', or a value within the model, of which the last are .*'hidden', 'turned', got "visual"/,
    );
  });

  test("what a graph within a node takes from around it stays", () => {
    const file = readFileSync(new URL("../../../../e2e/models/small-resnet/model.onnx", import.meta.url));
    const features = inMemory(withOutputs(file, ["features"]));
    expect(onnxOutputs(features)).toEqual(["features"]);
    expect(features.length).toBeLessThan(file.length);
  });
});

describe("pictures that do not fill their rows", () => {
  test("are 0 around, as transformers pads what was scaled before, and the model is told where they are", async () => {
    const detr = inMemory(withOutputs(detrFolder().model, ["logits"]));
    const mask = { name: "pixel_mask", shape: [null, null] } as const;
    const changed = inMemory(withPixels(detr, "pixel_values", { ...PIXELS, width: 4, height: 3, inside: { mask } }));
    expect(onnxInputs(changed)).toEqual([{ name: "paritab:pixels", dtype: "float32", shape: [null, 4, 3, 4] }]);
    const small = inMemory(withPixels(detr, "pixel_values", { ...PIXELS, width: 2, height: 3, inside: { mask } }));
    // The same picture in two frames: what is around it does not count.
    const inFrame = (width: number) =>
      Float32Array.from({ length: 4 * 3 * width }, (_, i) => {
        const [channel, x] = [Math.floor(i / (3 * width)), i % width];
        if (x >= 2) return 0;
        return channel === 3 ? 255 : 40 * channel + x;
      });
    const wide = await answers(changed, inFrame(4), 1, "logits");
    const own = await answers(small, inFrame(2), 1, "logits");
    expect(wide.some((value) => Math.abs(value) > 1)).toBe(true);
    for (const [i, value] of own.entries()) expect(wide[i]).toBeCloseTo(value, 4);
  });

  test("of a mask with a size of its own each place is the nearest of the picture's", async () => {
    const file = smallOnnx({
      inputs: [
        { name: "pixel_values", shape: ["batch", 3, "height", "width"], dtype: "float32" },
        { name: "pixel_mask", shape: ["batch", 2, 2], dtype: "int64" },
      ],
      outputs: ["y"],
      nodes: [
        { op: "Cast", inputs: ["pixel_mask"], outputs: ["floats"], attributes: { to: { i: 1 } } },
        { op: "ReduceMean", inputs: ["pixel_values"], outputs: ["mean"], attributes: { axes: { is: [1, 2, 3] } } },
        { op: "Flatten", inputs: ["floats"], outputs: ["flat"], attributes: {} },
        { op: "Flatten", inputs: ["mean"], outputs: ["one"], attributes: {} },
        { op: "Concat", inputs: ["flat", "one"], outputs: ["y"], attributes: { axis: { i: 1 } } },
      ],
      weights: [],
    });
    const inside = { mask: { name: "pixel_mask", shape: [2, 2] } } as const;
    const changed = inMemory(withPixels(file, "pixel_values", { ...PIXELS, width: 4, height: 4, inside }));
    const row = new Float32Array(64);
    for (const at of [48, 49, 52, 53, 50]) row[at] = 255;
    expect([...(await answers(changed, row, 1, "y"))].slice(0, 4)).toEqual([1, 1, 0, 0]);
  });
});

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
