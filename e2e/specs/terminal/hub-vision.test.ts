/** Detectors, segmentation, depth, CLIP and layers of a classifier through a real coordinator: what is written, beside onnxruntime on the folder's own file. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";
import * as ort from "onnxruntime-web/wasm";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { foundBoxes } from "../../../shared/hub/boxes.ts";
import { maskOf } from "../../../shared/hub/masks.ts";
import { type ResampleKind, resample } from "../../../shared/hub/resample.ts";
import {
  clipFolder,
  detrFolder,
  dptFolder,
  segformerFolder,
  type VisionFolder,
  yolosFolder,
} from "../../../shared/hub/testing/vision-folders.ts";
import { arrayNames, arrayOfNpz } from "../../../shared/inputs/npz.ts";
import { readPng } from "../../../shared/inputs/png.ts";
import { encodeNpy, parseNpy } from "../../../shared/protocol/npy.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { expectSameElsewhere } from "./elsewhere.ts";
import { cli } from "./fake-terminal.ts";

const RESNET = fileURLToPath(new URL("../../models/small-resnet/model.onnx", import.meta.url));
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const HALVES = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
/** Lying, upright and square: no two become one size in a model that keeps the form. */
const SIZES = [
  [90, 60],
  [50, 100],
  [64, 64],
  [120, 40],
] as const;

let coordinator: CoordinatorInProcess;
let folder: string;
const path = (name: string) => join(folder, name);
const colourOf = (i: number) => ({ r: 40 + 50 * i, g: 200 - 45 * i, b: (i * 90) % 256 });

beforeAll(async () => {
  // The library looks for its WebAssembly once: before tabs of this process tell it where theirs is.
  ort.env.wasm.numThreads = 1;
  await (await ort.InferenceSession.create(dptFolder().model)).release();
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(4);
  folder = mkdtempSync(join(tmpdir(), "paritab-vision-"));
  mkdirSync(path("photos"));
  for (const [i, [width, height]] of SIZES.entries()) {
    const patch = await sharp({ create: { width: 20, height: 20, channels: 3, background: colourOf(3 - i) } })
      .png()
      .toBuffer();
    const whole = sharp({ create: { width, height, channels: 3, background: colourOf(i) } });
    await whole
      .composite([{ input: patch, left: 5, top: 9 }])
      .png()
      .toFile(path(`photos/${i}.png`));
  }
  write("detr", detrFolder());
  write("yolos", yolosFolder());
  write("segformer", segformerFolder());
  write("dpt", dptFolder());
  write("clip", clipFolder());
});
afterAll(async () => {
  await coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, { model, config, preprocessor }: VisionFolder): void {
  mkdirSync(path(`${name}/onnx`), { recursive: true });
  writeFileSync(path(`${name}/onnx/model.onnx`), model);
  writeFileSync(path(`${name}/config.json`), JSON.stringify(config));
  writeFileSync(path(`${name}/preprocessor_config.json`), JSON.stringify(preprocessor));
}

const submit = (model: string, argv: readonly string[]) =>
  cli(["submit", "--model", path(model), "--images", path("photos"), ...argv], {
    environment: { PARITAB_URL: coordinator.url, XDG_CONFIG_HOME: folder },
  });

/** @returns channels first: the picture resized and scaled in floats, 0 to the right and below up to the frame */
async function pixelValues(
  place: number,
  [width, height]: readonly [number, number],
  { mean, std }: typeof IMAGENET,
  kind: ResampleKind,
  frame: readonly [number, number] = [width, height],
): Promise<Float32Array> {
  const { data, info } = await sharp(path(`photos/${place}.png`))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const small = resample({ width: info.width, height: info.height, channels: 3, data }, width, height, kind);
  const values = new Float32Array(3 * frame[0] * frame[1]);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const byte = small.data[(y * width + x) * 3 + c]!;
        values[(c * frame[1] + y) * frame[0] + x] = (byte / 255 - mean[c]!) / std[c]!;
      }
    }
  }
  return values;
}

async function directly(model: string, feeds: Record<string, ort.Tensor>): Promise<Record<string, Float32Array>> {
  const session = await ort.InferenceSession.create(readFileSync(path(`${model}/onnx/model.onnx`)), {
    logSeverityLevel: 4,
  });
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

const csvOf = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => line.split(","));

test("a detector that is told where the pictures are: boxes in the pixels of each, of any form, in one job", async () => {
  const { code, said } = await submit("detr", ["--out", path("boxes.csv"), "--threshold", "0.3"]);
  expect(said).toMatch(/^each is 80 x 80 pixels to the model, 4 of 4 with an edge to the right or below/m);
  expect(code, said).toBe(EXIT.ok);
  await expectSameElsewhere(coordinator.url, said, path("boxes.csv"));
  const [head, ...rows] = csvOf(readFileSync(path("boxes.csv"), "utf8"));
  expect(head!.join()).toBe("file,label,score,left,top,right,bottom,mark,final,bound");
  // As DetrImageProcessor with { shortest_edge: 48, longest_edge: 80 } resizes them.
  const resized = [
    [72, 48],
    [40, 80],
    [48, 48],
    [80, 26],
  ] as const; // prettier-ignore
  let count = 0;
  for (const [i, [width, height]] of resized.entries()) {
    const values = await pixelValues(i, [width, height], IMAGENET, "bilinear");
    const { logits, pred_boxes } = await directly("detr", {
      pixel_values: new ort.Tensor("float32", values, [1, 3, height, width]),
      pixel_mask: new ort.Tensor("int64", new BigInt64Array(width * height).fill(1n), [1, height, width]),
    });
    const names = ["N/A", "person", "bicycle", "car"];
    const size = { width: SIZES[i]![0], height: SIZES[i]![1] };
    const asked = { scores: "softmax", threshold: 0.3, labels: { holds: "one", names }, size } as const;
    const expected = foundBoxes([...logits!], [...pred_boxes!], asked);
    const got = rows.filter(([file, label]) => file === `${i}.png` && label !== "");
    expect(got.map(([, label]) => label)).toEqual(expected.map(({ label }) => label));
    for (const [at, { score, box }] of expected.entries()) {
      expect(Number(got[at]![2])).toBeCloseTo(score, 3);
      for (const [c, edge] of box.entries()) expect(Number(got[at]![3 + c])).toBeCloseTo(edge, 1);
    }
    count += expected.length;
    expect(got.every((cells) => cells.at(-2) === "true")).toBe(true);
  }
  expect(count).toBeGreaterThan(3);
});

test("each output of it is an array by its name and in its shape", async () => {
  const { code, said } = await submit("detr", ["--out", path("outputs.npz")]);
  expect(code, said).toBe(EXIT.ok);
  await expectSameElsewhere(coordinator.url, said, path("outputs.npz"));
  const npz = new Uint8Array(readFileSync(path("outputs.npz")));
  expect(arrayNames(npz, "outputs.npz")).toEqual(["logits", "pred_boxes"]);
  expect(parseNpy(arrayOfNpz(npz, "logits", "outputs.npz")).shape).toEqual([4, 5, 5]);
  expect(parseNpy(arrayOfNpz(npz, "pred_boxes", "outputs.npz")).shape).toEqual([4, 5, 4]);
  const flat = await submit("detr", ["--out", path("outputs.npy")]);
  expect([flat.code, flat.said]).toEqual([
    EXIT.usage,
    expect.stringMatching(/ending in .csv, .jsonl or .npz for boxes, got/),
  ]);
});

test("a detector without a mask sees 0 around what it was scaled to, as transformers pads", async () => {
  const { code, out, said } = await submit("yolos", ["--json", "--threshold", "0"]);
  expect(code, said).toBe(EXIT.ok);
  // Whole patches of 16: the largest of them is the frame.
  const resized = [
    [64, 48],
    [32, 80],
    [48, 48],
    [80, 16],
  ] as const; // prettier-ignore
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ width, height }) => [width, height])).toEqual(SIZES);
  for (const [i, size] of resized.entries()) {
    const values = await pixelValues(i, size, IMAGENET, "bilinear", [80, 80]);
    const { pred_boxes } = await directly("yolos", { pixel_values: new ort.Tensor("float32", values, [1, 3, 80, 80]) });
    expect(lines[i].boxes).toHaveLength(5);
    const [x, y, wide] = pred_boxes!;
    const { box } = lines[i].boxes[0];
    expect(box[0]).toBeCloseTo((x! - wide! / 2) * SIZES[i]![0], 2);
    expect((box[1] + box[3]) / 2).toBeCloseTo(y! * SIZES[i]![1], 2);
  }
});

test("a mask for each picture, in its own pixels, and how much of it each label has", async () => {
  const { code, said } = await submit("segformer", ["--out", path("masks.zip")]);
  expect(code, said).toBe(EXIT.ok);
  await expectSameElsewhere(coordinator.url, said, path("masks.zip"));
  const entries = unzipSync(new Uint8Array(readFileSync(path("masks.zip"))));
  expect(Object.keys(entries)).toEqual(["0.png", "1.png", "2.png", "3.png"]);
  const { out } = await submit("segformer", []);
  const coverage = csvOf(out);
  expect(coverage[0]!.join()).toBe("file,label,share,mark,final,bound");
  for (const [i, [width, height]] of SIZES.entries()) {
    const values = await pixelValues(i, [32, 32], IMAGENET, "bilinear");
    const { logits } = await directly("segformer", { pixel_values: new ort.Tensor("float32", values, [1, 3, 32, 32]) });
    const { places } = maskOf([...logits!], [4, 8, 8], { width, height });
    const read = readPng(entries[`${i}.png`]!, `${i}.png`);
    expect([read.width, read.height]).toEqual([width, height]);
    // The palette's colours of labels 0 to 3: black, dark red, dark green, dark yellow.
    const got = Uint16Array.from(
      { length: width * height },
      (_, p) => (read.pixels[p * 3]! >> 7) + 2 * (read.pixels[p * 3 + 1]! >> 7),
    );
    const differing = got.filter((place, p) => place !== places[p]).length;
    expect(differing / got.length).toBeLessThan(0.01);
    const shares = coverage.filter(([file]) => file === `${i}.png`).map(([, , share]) => Number(share));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4);
  }
});

test("a depth is a picture and an array in the picture's own pixels, or the model's own numbers", async () => {
  const { code, said } = await submit("dpt", ["--out", path("depth.zip")]);
  expect(code, said).toBe(EXIT.ok);
  await expectSameElsewhere(coordinator.url, said, path("depth.zip"));
  const entries = unzipSync(new Uint8Array(readFileSync(path("depth.zip"))));
  const numbers = await submit("dpt", ["--out", path("depth.npy")]);
  expect(numbers.code, numbers.said).toBe(EXIT.ok);
  const own = parseNpy(readFileSync(path("depth.npy")));
  expect(own.shape).toEqual([4, 8, 8]);
  for (const [i, [width, height]] of SIZES.entries()) {
    expect(parseNpy(entries[`${i}.npy`]!).shape).toEqual([height, width]);
    expect(readPng(entries[`${i}.png`]!, "depth.png")).toMatchObject({ width, height, channels: 1 });
    const values = await pixelValues(i, [32, 32], HALVES, "bicubic");
    const { predicted_depth } = await directly("dpt", {
      pixel_values: new ort.Tensor("float32", values, [1, 3, 32, 32]),
    });
    for (const [p, value] of predicted_depth!.entries()) expect(Number(own.data[i * 64 + p])).toBeCloseTo(value, 3);
  }
});

test("a CLIP's folder with pictures gives their vectors: words are not asked for", async () => {
  const { code, said } = await submit("clip", ["--out", path("vectors.npy")]);
  expect(code, said).toBe(EXIT.ok);
  const { shape, data } = parseNpy(readFileSync(path("vectors.npy")));
  expect(shape).toEqual([4, 4]);
  expect(new Set([...data].map(Number)).size).toBe(16);
  const words = await submit("clip", ["--output", "logits_per_image"]);
  expect([words.code, words.said]).toEqual([
    EXIT.input,
    expect.stringMatching(
      /expected a model with one input, a picture.*got 3: input_ids, pixel_values, attention_mask; an output that needs the picture alone/,
    ),
  ]);
});

test("arrays in, several outputs out: each an array by its name", async () => {
  const rows = {
    dtype: "F32",
    shape: [5, 3, 32, 32],
    data: Float32Array.from({ length: 5 * 3072 }, (_, i) => (i % 97) / 97),
  } as const;
  writeFileSync(path("rows.npy"), encodeNpy(rows));
  const asked = ["--model", RESNET, "--queries", path("rows.npy"), "--output", "all", "--task", "regression"];
  const { code, said } = await cli(["submit", "inference", ...asked, "--out", path("own.npz")], {
    environment: { PARITAB_URL: coordinator.url, XDG_CONFIG_HOME: folder },
  });
  expect(code, said).toBe(EXIT.ok);
  const npz = new Uint8Array(readFileSync(path("own.npz")));
  const shapes = arrayNames(npz, "own.npz").map((name) => [name, parseNpy(arrayOfNpz(npz, name, "own.npz")).shape]);
  expect(shapes).toEqual([
    ["logits", [5, 10]],
    ["features", [5, 8]],
  ]);
});

test("a layer of a classifier gives features; a name that is not there is told with those that are", async () => {
  mkdirSync(path("resnet"));
  copyFileSync(RESNET, path("resnet/model.onnx"));
  const processor = {
    image_processor_type: "ViTImageProcessor",
    size: 32,
    image_mean: IMAGENET.mean,
    image_std: IMAGENET.std,
  };
  writeFileSync(path("resnet/preprocessor_config.json"), JSON.stringify(processor));
  const wrong = await submit("resnet", ["--up-to", "pooled"]);
  expect(wrong.code).toBe(EXIT.input);
  expect(wrong.said).toMatch(
    /model.onnx: output: expected one of 'logits', 'features', or a value within the model, of which the last are '.*', got "pooled"/,
  );
  const inner = /the last are .*'([^']+)', got/.exec(wrong.said)![1]!;
  const layer = await submit("resnet", ["--up-to", inner, "--out", path("layer.npy")]);
  expect(layer.code, layer.said).toBe(EXIT.ok);
  expect(parseNpy(readFileSync(path("layer.npy"))).shape[0]).toBe(4);
  const features = await submit("resnet", ["--up-to", "features", "--out", path("features.npz")]);
  expect(features.code, features.said).toBe(EXIT.ok);
  const npz = new Uint8Array(readFileSync(path("features.npz")));
  expect(parseNpy(arrayOfNpz(npz, "features", "features.npz")).shape).toEqual([4, 8]);
  const both = await submit("resnet", ["--output", "all", "--out", path("both.npz")]);
  expect(both.code, both.said).toBe(EXIT.ok);
  expect(arrayNames(new Uint8Array(readFileSync(path("both.npz"))), "both.npz")).toEqual(["logits", "features"]);
});
