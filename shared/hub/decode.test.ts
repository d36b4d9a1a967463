/** Boxes, masks and depths beside onnxruntime: the steps of transformers' post-processing, as operators of another library. */
import * as ort from "onnxruntime-web/wasm";
import { describe, expect, test } from "vitest";
import { inMemory } from "../compute/byte-space.ts";
import type { OnnxNodeFacts } from "../compute/runtimes/onnx/onnx-topology.ts";
import { smallOnnx } from "../compute/runtimes/onnx/testing/small-onnx.ts";
import { readPng } from "../inputs/png.ts";
import { greyPng, indexedPng } from "../inputs/png-writer.ts";
import { parseNpy } from "../protocol/npy.ts";
import { foundBoxes } from "./boxes.ts";
import { depthLevels, depthOf } from "./depth.ts";
import { interpolated } from "./interpolate.ts";
import { labelColour } from "./label-colours.ts";
import type { WrittenAnswer } from "./label-lines.ts";
import { coverageOf, maskOf } from "./masks.ts";
import { type PictureAnswers, pictureEntries, pictureLines } from "./picture-answers.ts";

const labels = { holds: "one", names: ["N/A", "person", "cat"] } as const;
const noise = (count: number, seed: number) =>
  Array.from({ length: count }, (_, i) => Math.fround(Math.sin((i + 1) * 12.9898 + seed * 78.233) * 3));

async function library(
  nodes: readonly OnnxNodeFacts[],
  outputs: readonly string[],
  shape: readonly number[],
  numbers: readonly number[],
  more: Partial<Parameters<typeof smallOnnx>[0]> = {},
) {
  ort.env.wasm.numThreads = 1;
  const file = smallOnnx({
    input: { name: "x", shape: [-1, ...shape.slice(1)] },
    outputs,
    nodes,
    weights: [],
    ...more,
  });
  const session = await ort.InferenceSession.create(inMemory(file), { logSeverityLevel: 4 });
  const results = await session.run({ x: new ort.Tensor("float32", Float32Array.from(numbers), shape) });
  await session.release();
  return outputs.map((name) => Array.from(results[name]!.data as Float32Array, Number));
}

describe("boxes", () => {
  const size = { width: 640, height: 427 };
  const [queries, classes] = [7, 4];
  const logits = noise(queries * classes, 1);
  const boxes = noise(queries * 4, 2).map((value) => 1 / (1 + Math.exp(-value)));

  test("of DETR and YOLOS: softmax without its last class, in the pixels of the picture", async () => {
    const [shares] = await library(
      [{ op: "Softmax", inputs: ["x"], outputs: ["y"], attributes: { axis: { i: 1 } } }],
      ["y"],
      [queries, classes],
      logits,
    );
    // The middle, width and height to left, top, right and bottom: a product with a matrix.
    const corners = {
      name: "m",
      shape: [4, 4],
      values: Float32Array.of(1, 0, 1, 0, 0, 1, 0, 1, -0.5, 0, 0.5, 0, 0, -0.5, 0, 0.5),
    };
    const scale = { name: "s", shape: [4], values: Float32Array.of(640, 427, 640, 427) };
    const [edges] = await library(
      [
        { op: "MatMul", inputs: ["x", "m"], outputs: ["c"], attributes: {} },
        { op: "Mul", inputs: ["c", "s"], outputs: ["y"], attributes: {} },
      ],
      ["y"],
      [queries, 4],
      boxes,
      { weights: [corners, scale] },
    );
    const expected = Array.from({ length: queries }, (_, query) => {
      const own = shares!.slice(query * classes, query * classes + classes - 1);
      const score = Math.max(...own);
      return { label: labels.names[own.indexOf(score)]!, score, box: edges!.slice(query * 4, query * 4 + 4) };
    }).filter(({ score }) => score > 0.4);
    expect(expected.length).toBeGreaterThan(1);
    expect(expected.length).toBeLessThan(queries);
    const found = foundBoxes(logits, boxes, { scores: "softmax", threshold: 0.4, labels, size });
    expect(found.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
    for (const [i, { score, box }] of found.entries()) {
      expect(score).toBeCloseTo(expected[i]!.score, 5);
      for (const [c, edge] of box.entries()) expect(edge).toBeCloseTo(expected[i]!.box[c]!, 2);
    }
  });

  test("of detectors that score each label by itself: the surest pairs of box and label first", () => {
    const found = foundBoxes([-1, 2, 3, -4], [0.5, 0.5, 1, 1, 0.25, 0.25, 0.5, 0.5], {
      ...{ scores: "sigmoid", threshold: 0.5, size: { width: 100, height: 10 } },
      labels: { holds: "one", names: ["cat", "dog"] },
    });
    expect(found).toEqual([
      { label: "cat", score: 1 / (1 + Math.exp(-3)), box: [0, 0, 50, 5] },
      { label: "dog", score: 1 / (1 + Math.exp(-2)), box: [0, 0, 100, 10] },
    ]);
  });

  test("a score of exactly the threshold is no box, as in transformers", () => {
    const asked = { scores: "sigmoid", threshold: 0.5, labels: null, size } as const;
    expect(foundBoxes([0], [0.5, 0.5, 1, 1], asked)).toEqual([]);
    expect(foundBoxes([0], [0.5, 0.5, 1, 1], { ...asked, threshold: 0.4999 })).toHaveLength(1);
  });
});

/** What torch.nn.functional.interpolate(align_corners=False) does, as ONNX has it. */
function resized(
  to: readonly number[],
  kind: "linear" | "cubic",
): Partial<Parameters<typeof smallOnnx>[0]> & { nodes: OnnxNodeFacts[] } {
  return {
    nodes: [
      {
        op: "Resize",
        inputs: ["x", "", "", "sizes"],
        outputs: ["y"],
        attributes: {
          mode: { s: kind },
          coordinate_transformation_mode: { s: "half_pixel" },
          cubic_coeff_a: { f: -0.75 },
        },
      },
    ],
    integers: { sizes: { dtype: "int64", shape: [4], values: to } },
  };
}

describe("planes in another size", () => {
  test.each([
    ["linear", 5, 7, 13, 4],
    ["linear", 8, 8, 21, 30],
    ["cubic", 5, 7, 13, 4],
    ["cubic", 6, 4, 25, 31],
  ] as const)("%s, %d x %d to %d x %d, as torch has them", async (kind, height, width, toHeight, toWidth) => {
    const plane = noise(height * width, 3);
    const [expected] = await library(
      resized([1, 1, toHeight, toWidth], kind).nodes,
      ["y"],
      [1, 1, height, width],
      plane,
      resized([1, 1, toHeight, toWidth], kind),
    );
    const to = { width: toWidth, height: toHeight };
    const got = interpolated(plane, { width, height }, to, kind === "linear" ? "bilinear" : "bicubic");
    for (const [i, value] of expected!.entries()) expect(got[i]).toBeCloseTo(value, 4);
  });
});

describe("masks and depths", () => {
  const shape = [3, 4, 5];
  const logits = noise(60, 4);
  const size = { width: 11, height: 9 };

  test("a mask is the largest of the logits in the picture's size", async () => {
    const made = resized([1, 3, 9, 11], "linear");
    const argmax: OnnxNodeFacts = {
      op: "ArgMax",
      inputs: ["y"],
      outputs: ["places"],
      attributes: { axis: { i: 1 }, keepdims: { i: 0 } },
    };
    const cast: OnnxNodeFacts = { op: "Cast", inputs: ["places"], outputs: ["z"], attributes: { to: { i: 1 } } };
    const [expected] = await library([...made.nodes, argmax, cast], ["z"], [1, ...shape], logits, {
      integers: made.integers!,
    });
    const mask = maskOf(logits, shape, size);
    expect([...mask.places]).toEqual(expected);
    expect(new Set(expected).size).toBe(3);
    const coverage = coverageOf(mask, labels);
    expect(coverage.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(coverage[0]!.share).toBe(expected!.filter((place) => place === coverage[0]!.place).length / 99);
  });

  test("depths are drawn from the least, black, to the most, white", () => {
    const depth = depthOf([1, 2, 3, 5], [1, 2, 2], { width: 2, height: 2 });
    expect([...depth.values]).toEqual([1, 2, 3, 5]);
    expect([...depthLevels(depth)]).toEqual([0, 63, 127, 255]);
    expect([...depthLevels({ values: Float32Array.of(7, 7) })]).toEqual([0, 0]);
  });

  test("PNG files hold what was drawn, and labels beyond 255 as 16 bits", () => {
    const colours = [labelColour(0), labelColour(1), labelColour(2)];
    const read = readPng(indexedPng({ width: 3, height: 1 }, Uint16Array.of(2, 0, 1), colours), "mask.png");
    expect(read).toMatchObject({ width: 3, height: 1, channels: 3 });
    // The palette of PASCAL VOC.
    expect([...read.pixels]).toEqual([0, 128, 0, 0, 0, 0, 128, 0, 0]);
    expect([...readPng(greyPng({ width: 2, height: 1 }, Uint8Array.of(9, 200)), "grey.png").pixels]).toEqual([9, 200]);
    const deep = indexedPng({ width: 1, height: 1 }, Uint16Array.of(0x1234), Array(300).fill([0, 0, 0]));
    expect(readPng(deep, "deep.png").pixels[0]).toBe(0x12);
  });
});

describe("what is written of them", () => {
  const answer = (changes: Partial<WrittenAnswer>): WrittenAnswer => ({
    ...{ index: 0, mark: "audited", final: true, bound: 1e-4, confidence: null, labelAmbiguous: false, outputs: [] },
    ...changes,
  });
  const asked = (changes: Partial<PictureAnswers>): PictureAnswers => ({
    ...{ labels, names: ["a/1.jpg", "a/1.png", "../2.jpg"], threshold: 0.5 },
    sizes: [10, 20, 30].map((width) => ({ width, height: 10 })),
    task: { gives: "boxes", outputs: ["logits", "pred_boxes"], scores: "softmax" },
    outputs: [
      { name: "logits", shape: [1, 4] },
      { name: "pred_boxes", shape: [1, 4] },
    ],
    ...changes,
  });
  const sure = [0, 0, 9, 0, 0.5, 0.5, 1, 1];

  test("a line for each box; a picture without any has one too, for its mark", () => {
    const line = pictureLines("csv", asked({}));
    expect(line(answer({ outputs: sure }))).toBe(
      "file,label,score,left,top,right,bottom,mark,final,bound\na/1.jpg,cat,0.999630,0.00,0.00,10.00,10.00,audited,true,0.0001\n",
    );
    expect(line(answer({ index: 1, outputs: [0, 0, 0, 9, 0, 0, 0, 0] }))).toBe("a/1.png,,,,,,,audited,true,0.0001\n");
    expect(line(answer({ index: 2, mark: "missing", final: false, bound: null }))).toBe(
      "../2.jpg,,,,,,,missing,false,\n",
    );
  });

  test("a line of JSON for each picture: no boxes are none, no answer is null", () => {
    const line = pictureLines("json", asked({}));
    const [found, none, missing] = [
      answer({ outputs: sure }),
      answer({ index: 1, outputs: [0, 0, 0, 9, 0, 0, 0, 0] }),
      answer({ index: 2 }),
    ].map((one) => JSON.parse(line(one)));
    expect(found).toMatchObject({
      file: "a/1.jpg",
      width: 10,
      height: 10,
      boxes: [{ label: "cat", box: [0, 0, 10, 10] }],
    });
    expect([none.boxes, missing.boxes]).toEqual([[], null]);
  });

  test("masks are pictures that keep their names, and lie in no other folder", () => {
    const masks = asked({
      task: { gives: "masks", outputs: ["logits"] },
      outputs: [{ name: "logits", shape: [3, 1, 1] }],
    });
    const entriesOf = pictureEntries(masks);
    const made = [0, 1, 2].flatMap((index) => entriesOf(answer({ index, outputs: [0, 1, 0] })));
    // Two of one name keep their endings.
    expect(made.map(({ name }) => name)).toEqual(["a/1.jpg.png", "a/1.png.png", "2.png"]);
    expect(readPng(made[1]!.bytes, "made.png")).toMatchObject({ width: 20, height: 10 });
    expect(entriesOf(answer({}))).toEqual([]);
    const line = pictureLines("csv", masks);
    expect(line(answer({ outputs: [0, 1, 0] }))).toBe(
      "file,label,share,mark,final,bound\na/1.jpg,person,1.00000,audited,true,0.0001\n",
    );
  });

  test("a depth is a picture and an array of the picture's own size", () => {
    const depths = asked({
      task: { gives: "depth", outputs: ["predicted_depth"] },
      outputs: [{ name: "predicted_depth", shape: [1, 2] }],
    });
    const [picture, array] = pictureEntries(depths)(answer({ index: 2, outputs: [1, 3] }));
    expect([picture!.name, array!.name]).toEqual(["2.png", "2.npy"]);
    expect(parseNpy(array!.bytes).shape).toEqual([10, 30]);
    expect(pictureLines("csv", depths)(answer({ outputs: [1, 3] }))).toMatch(
      /^file,least,most,mark,final,bound\na\/1.jpg,/,
    );
  });
});
