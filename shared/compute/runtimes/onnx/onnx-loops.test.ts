/** Loops whose turns are known are written out, and lists of tensors are gone from what runs: against the library's own on the same file. */
import * as ort from "onnxruntime-web/wasm";
import { describe, expect, it, test } from "vitest";
import { createOnnxRuntime } from "./onnx-runtime.ts";
import { packOnnx } from "./pack-onnx.ts";
import {
  fileOf,
  graphOf,
  longTensor,
  nodeOf,
  taking,
  trueTensor,
  withGraphAttribute,
  withInteger,
  withTensor,
} from "./testing/graph-messages.ts";
import type { WireMessage } from "./wire-message.ts";

const ROWS = Float32Array.of(1, -2, 3, -4, 5, /**/ 0.5, 0.25, -8, 2, 1);
const runtime = createOnnxRuntime();

async function both(file: Uint8Array): Promise<readonly [ours: number[], theirs: number[]]> {
  const model = await runtime.load(packOnnx(file));
  const ours = [...(await model.run(ROWS, 2))];
  model.dispose();
  const session = await ort.InferenceSession.create(file);
  const { y } = await session.run({ x: new ort.Tensor("float32", ROWS, [2, 5]) });
  await session.release();
  return [ours, [...(y!.data as Float32Array)]];
}

/** v' = v + x * turn, and what it was before, turn after turn. */
const body = (): WireMessage =>
  taking(
    graphOf(
      [
        withInteger(nodeOf("Cast", ["i"], "turn"), "to", 1),
        nodeOf("Mul", ["x", "turn"], "more"),
        nodeOf("Add", ["v", "more"], "w"),
        nodeOf("Identity", ["go"], "goes"),
      ],
      ["goes", "w", "v"],
    ),
    "i",
    "go",
    "v",
  );

function loopFile(nodes: readonly WireMessage[], turns = 4): Uint8Array<ArrayBuffer> {
  const graph = withTensor(withTensor(graphOf(nodes), longTensor("m", turns)), trueTensor("c"));
  return fileOf(withTensor(graph, longTensor("last", 1)));
}

const loop = (...outputs: string[]) => withGraphAttribute(nodeOf("Loop", ["m", "c", "x"], ...outputs), "body", body());

describe("a loop", () => {
  it("gives what it carries", async () => {
    const [ours, theirs] = await both(loopFile([loop("y", "all")]));
    expect(ours).toEqual(theirs);
    expect(ours[0]).toBe(1 + 0 + 1 + 2 + 3);
  });

  it("gives what it gathered, turn after turn", async () => {
    // turns x batch x 5: the batch comes to the front again.
    const [ours, theirs] = await both(
      loopFile([loop("end", "all"), withInteger(nodeOf("Gather", ["all", "last"], "y"), "axis", 0)]),
    );
    expect(ours).toEqual(theirs);
  });

  it("whose turns the query decides is refused with what to do", () => {
    const turns = withInteger(nodeOf("ReduceMax", ["x"], "most"), "keepdims", 0);
    const counted = [turns, withInteger(nodeOf("Cast", ["most"], "n"), "to", 7)];
    const looped = withGraphAttribute(nodeOf("Loop", ["n", "c", "x"], "y", "all"), "body", body());
    expect(() => packOnnx(loopFile([...counted, looped]))).toThrow(
      /ReduceMax|not known beforehand how often a loop runs/,
    );
    const open = withGraphAttribute(nodeOf("Loop", ["m", "d", "x"], "y", "all"), "body", body());
    const decided = [nodeOf("Equal", ["x", "x"], "d"), open];
    expect(() => packOnnx(loopFile(decided))).toThrow(
      /node 'y' \(Loop\): .* it is not known beforehand how often a loop runs: export with fixed lengths/,
    );
  });

  it("of no turn hands on what it was given; of too many is refused", async () => {
    const model = await runtime.load(packOnnx(loopFile([loop("y", "")], 0)));
    expect(await model.run(ROWS, 2)).toEqual(ROWS);
    model.dispose();
    expect(() => packOnnx(loopFile([loop("y", "all")], 0))).toThrow(/a turn at least/);
    expect(() => packOnnx(loopFile([loop("y", "all")], 1_025))).toThrow(/at most 1024 turns of loops/);
  });
});

describe("a list", () => {
  it("is joined, and gives its items", async () => {
    const joined = [
      nodeOf("Neg", ["x"], "n"),
      nodeOf("SequenceConstruct", ["x", "n"], "pair"),
      nodeOf("SequenceAt", ["pair", "last"], "second"),
      nodeOf("SequenceInsert", ["pair", "second", "last"], "three"),
      nodeOf("SequenceErase", ["three"], "two"),
      withInteger(nodeOf("ConcatFromSequence", ["two"], "y"), "axis", 1),
    ];
    const [ours, theirs] = await both(loopFile(joined));
    expect(ours).toEqual(theirs);
  });

  it("is stacked along an axis of its own", async () => {
    const nodes = [
      nodeOf("SequenceConstruct", ["x", "x"], "pair"),
      withInteger(withInteger(nodeOf("ConcatFromSequence", ["pair"], "y"), "axis", 1), "new_axis", 1),
    ];
    const [ours, theirs] = await both(loopFile(nodes));
    expect(ours).toEqual(theirs);
  });

  it("is filled in a loop", async () => {
    const filled = taking(
      graphOf([nodeOf("SequenceInsert", ["l", "x"], "longer"), nodeOf("Identity", ["go"], "goes")], ["goes", "longer"]),
      "i",
      "go",
      "l",
    );
    const nodes = [
      nodeOf("SequenceConstruct", ["x"], "first"),
      withGraphAttribute(nodeOf("Loop", ["m", "c", "first"], "list"), "body", filled),
      withInteger(nodeOf("ConcatFromSequence", ["list"], "y"), "axis", 1),
    ];
    expect(await runtime.load(packOnnx(loopFile(nodes))).then(({ facts }) => facts.outputSize)).toBe(25);
  });

  test("as an answer, or where a tensor should be, it is refused with what to do", () => {
    const answer = /it makes a list or a map, not a tensor: choose another output/;
    expect(() => packOnnx(loopFile([nodeOf("SequenceConstruct", ["x"], "y")]))).toThrow(answer);
    const added = [nodeOf("SequenceConstruct", ["x"], "list"), nodeOf("Relu", ["list"], "y")];
    expect(() => packOnnx(loopFile(added))).toThrow(answer);
    const outside = [nodeOf("SequenceEmpty", [], "list"), nodeOf("SequenceAt", ["list", "last"], "y")];
    expect(() => packOnnx(loopFile(outside))).toThrow(/a place in a list of 0, got 1/);
  });
});
