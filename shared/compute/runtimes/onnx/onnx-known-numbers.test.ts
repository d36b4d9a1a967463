/** Numbers that are known before a graph runs decide shapes, memory and where the batch is: they are those that the library has. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { ModelError } from "../../errors.ts";
import type { ComputedDtype } from "../../tensors/batched-tensor.ts";
import { DATA_TYPE_NUMBERS } from "./onnx-dtypes.ts";
import type { IntegerTensor, OnnxNodeFacts } from "./onnx-topology.ts";
import { differences, edgesOf, type KnownGraph, walked } from "./testing/against-library.ts";
import { type Attributes, floats, long, node, oneLong, single } from "./testing/operator-case.ts";

const to = (dtype: ComputedDtype): Attributes => ({ to: { i: DATA_TYPE_NUMBERS[dtype] } });
const cast = (from: string, dtype: ComputedDtype, as: string) => node("Cast", [from], to(dtype), [as]);
const MOST = Number.MAX_SAFE_INTEGER;

describe("[PR97] what the library makes otherwise than it is written", () => {
  const tricky: Record<string, KnownGraph> = {
    "a byte that goes round": {
      nodes: [cast("m", "uint8", "b"), cast("b", "int64", "n"), node("Add", ["n", "two"], {}, ["y"])],
      integers: { m: long(-1), two: long(2) },
    },
    "32 bits that go round": {
      nodes: [cast("m", "int32", "a"), node("Add", ["a", "a"], {}, ["y"])],
      integers: { m: long(2 ** 30 + 5) },
    },
    "64 bits cut to 32": { nodes: [cast("m", "int32", "y")], integers: { m: long(2 ** 32 + 1) } },
    "floats that no whole number holds": {
      nodes: [cast("m", "int32", "y"), cast("m", "uint8", "z")],
      weights: [floats("m", 3e9, -3e9, 300, -1)],
    },
    "64 bits without a sign": {
      nodes: [cast("u", "int64", "a"), node("Sign", ["a"], {}, ["y"])],
      weights: [{ name: "u", shape: [1], dtype: "uint64", values: BigInt64Array.of(-1n) }],
    },
    "true and false that are 2": {
      nodes: [cast("u", "int64", "y")],
      weights: [{ name: "u", shape: [1], dtype: "bool", values: Uint8Array.of(2) }],
    },
    "a shape of bytes that go round": {
      nodes: [node("ConstantOfShape", ["k"], { value: { t: { dtype: "uint8", value: 300 } } })],
      integers: { k: long(4) },
    },
    "the sign of a zero": {
      nodes: [node("Round", ["h"], {}, ["z"]), node("Div", ["one", "z"], {}, ["d"]), node("Less", ["d", "one"])],
      weights: [floats("h", -0.5), floats("one", 1)],
    },
    "what is no number, compared": {
      nodes: [
        node("Div", ["z", "z"], {}, ["n"]),
        node("LessOrEqual", ["n", "z"], {}, ["a"]),
        node("GreaterOrEqual", ["n", "z"], {}, ["b"]),
        node("Max", ["n", "z"], {}, ["c"]),
      ],
      weights: [floats("z", 0)],
    },
    "a slice that goes backwards from before the start": {
      nodes: [node("Slice", ["l", "s", "e", "a", "t"], {}, ["r"]), node("Size", ["r"], {}, ["y"])],
      integers: { l: long(1, 2, 3, 4), s: long(-9), e: long(-MOST), a: long(0), t: long(-1) },
    },
    "a slice that goes backwards beyond the end": {
      nodes: [node("Slice", ["l", "s", "e", "a", "t"], {}, ["y"])],
      integers: { l: long(1, 2, 3, 4), s: long(9), e: long(0), a: long(0), t: long(-2) },
    },
    "a range in steps of a tenth": {
      nodes: [node("Range", ["a", "b", "d"], {}, ["y"])],
      weights: [single("a", 0), single("b", 1.05), single("d", 0.1)],
    },
    "a sum of three floats": {
      nodes: [node("Sum", ["a", "b", "b"], {}, ["y"])],
      weights: [floats("a", 2 ** 24), floats("b", 1)],
    },
    "whole numbers that are divided": {
      nodes: ["Mod", "Div"].map((op) => node(op, ["a", "b"], {}, [op])),
      integers: { a: long(-7, 7, -7, 7), b: long(2, -2, -2, 2) },
    },
    "what is left of numbers of 53 bits": {
      nodes: [node("Mod", ["a", "b"])],
      integers: { a: long(-MOST, MOST, -MOST + 1), b: long(3, -3, 65_536) },
    },
    "places from the end": {
      nodes: [
        node("Gather", ["l", "i"], {}, ["g"]),
        node("Gather", ["x", "i"], { axis: { i: -1 } }, ["y"]),
        node("Shape", ["x"], { start: { i: -5 }, end: { i: -1 } }, ["s"]),
      ],
      integers: { l: long(1, 2, 3, 4), i: long(-1, -4, 3) },
    },
    "a pad that takes away more than there is": {
      nodes: [node("Pad", ["x", "p"])],
      integers: { p: long(0, -10, 0, 20) },
    },
    "a shape that copies, and finds what is left": {
      nodes: [node("Reshape", ["x", "s"], {}, ["r"]), node("Shape", ["r"], {}, ["l"]), node("Reshape", ["r", "l"])],
      integers: { s: long(0, 2, -1) },
    },
    "lists of nothing": {
      nodes: [
        node("Slice", ["l", "z", "z"], {}, ["e"]),
        node("Concat", ["e", "l"], { axis: { i: 0 } }, ["c"]),
        node("Size", ["e"], {}, ["y"]),
      ],
      integers: { l: long(1, 2, 3), z: long(0) },
    },
    "an expansion of fewer axes": {
      nodes: [node("Expand", ["x", "one"], {}, ["a"]), node("Expand", ["l", "s"], {}, ["b"])],
      integers: { one: long(1), s: long(3, 1), l: long(1, 2) },
    },
  };
  for (const [name, graph] of Object.entries(tricky)) {
    it(`${name}: the same as in the library, or not known`, async () => {
      expect(await differences(graph)).toEqual([]);
    });
  }

  it("so that a tile or a range by such numbers is refused, before it takes 257 times as much", () => {
    const nodes = [
      cast("m", "uint8", "b"),
      cast("b", "int64", "n"),
      node("Add", ["n", "two"], {}, ["k"]),
      node("Concat", ["one", "k"], { axis: { i: 0 } }, ["repeats"]),
      node("Tile", ["x", "repeats"]),
    ];
    const integers = { m: long(-1), two: long(2), one: long(1) };
    expect(() => walked({ nodes, integers })).toThrow(/repeats: expected a constant, got "a computed value"/);
    const over = [cast("a", "int32", "s"), cast("b", "int32", "l"), node("Range", ["s", "l", "d"])];
    const ends = { a: oneLong(-(2 ** 31)), b: oneLong(2 ** 31 - 1) };
    const step = { d: { dtype: "int32", shape: [], values: [2 ** 30] } satisfies IntegerTensor };
    expect(() => walked({ nodes: over, integers: { ...ends, ...step } })).toThrow(
      /ends whose difference its type holds/,
    );
    const far = [single("a", 0.5), single("b", 2 ** 24), single("d", 2 ** 24 - 1)];
    expect(() => walked({ nodes: [node("Range", ["a", "b", "d"])], weights: far })).not.toThrow();
    const slice = { l: long(1, 2, 3, 4), s: long(-1), e: long(2 ** 31 - 1), a: long(0), t: long(-1) };
    expect(() => walked({ nodes: [node("Slice", ["l", "s", "e", "a", "t"])], integers: slice })).toThrow(
      /ends: expected a place before the start/,
    );
  });
});

it("operators of a thousand inputs, many times over, are looked through in seconds", () => {
  const nodes = Array.from({ length: 200 }, (_, i) => {
    return node("Sum", Array<string>(1_000).fill("one").with(0, "list"), {}, [`s${i}`]);
  });
  const integers = { list: long(...Array<number>(4_096).fill(0)), one: oneLong(1) };
  expect(walked({ nodes, integers }).tensors.get("s199")!.values).toBeNull();
}, 60_000);

describe("[PR97] what grows with the batch otherwise than queries do is no known number", () => {
  const size = node("Shape", ["x"], { end: { i: 1 } }, ["s"]);
  const refused: Record<string, KnownGraph> = {
    "below 0": { nodes: [size, node("Neg", ["s"], {}, ["n"]), node("Less", ["n", "m"])], integers: { m: long(-2) } },
    "below 0 by a factor": { nodes: [size, node("Mul", ["s", "m"])], integers: { m: long(-2) } },
    "in halves": {
      nodes: [size, cast("s", "float32", "f"), node("Mul", ["f", "h"], {}, ["m"]), node("Floor", ["m"])],
      weights: [floats("h", 0.5)],
    },
    "in a byte": { nodes: [size, cast("s", "uint8", "y")] },
    "beyond 2^24 in floats": {
      nodes: [size, cast("s", "float32", "f"), node("Mul", ["f", "h"])],
      weights: [floats("h", 8)],
    },
    "beyond 32 bits": { nodes: [size, cast("s", "int32", "f"), node("Mul", ["f", "h"])], integers: thousand("int32") },
    "beyond 53 bits": { nodes: [size, node("Mul", ["s", "h"])], integers: { h: long(2 ** 40) } },
  };
  for (const [name, graph] of Object.entries(refused)) {
    it(`${name}: refused, with the batch's size as the reason`, () => {
      expect(() => walked(graph)).toThrow(/numbers that do not depend on the batch, got the batch's size/);
    });
  }

  it("but whole multiples are, in all types that hold them", async () => {
    const nodes = [
      size,
      node("Mul", ["s", "three"], {}, ["t"]),
      cast("t", "float32", "f"),
      node("Floor", ["f"], {}, ["g"]),
      cast("g", "int32", "i"),
      node("Div", ["i", "two"], {}, ["never"]),
    ];
    const integers = { three: long(3), two: { dtype: "int32", shape: [1], values: [3] } satisfies IntegerTensor };
    expect(await differences({ nodes, integers })).toEqual([]);
    expect(walked({ nodes, integers }).tensors.get("never")!.values).toEqual([{ batch: 1 }]);
  });
});

function thousand(dtype: "int32" | "int64"): Record<string, IntegerTensor> {
  return { h: { dtype, shape: [1], values: [1000] } };
}

/** Draws a graph of numbers that are all known, node by node: what inspection refuses is left out. */
const LIST = 3;
const KINDS = ["int32", "int64", "float32"] as const;
const ALL = ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "float32", "float64"] as const;
const OPERATORS = [
  ..."Add Sub Mul Div Mod Max Min Sum Equal Less LessOrEqual Greater GreaterOrEqual Where".split(" "),
  ..."Neg Abs Sign Floor Ceil Round Sqrt Cast ReduceSum ReduceProd ReduceMax ReduceMin".split(" "),
  ..."Slice Gather Concat Range Expand Tile Reshape NonZero ConstantOfShape Shape Size".split(" "),
];

/** Of these types the library has kernels. */
const WIDE = ["int32", "int64", "float32", "float64"];
const OF_ANY = ["Cast", "Concat", "Shape", "Size"];
const OF_FLOATS = ["Floor", "Ceil", "Round", "Sqrt"];
const OF_LONGS = ["ConstantOfShape", "Slice", "Gather"];
const BY_SHAPE = ["Expand", "Tile", "Reshape"];

function isTaken(op: string, dtype: string): boolean {
  if (OF_LONGS.includes(op)) return dtype === "int64";
  if (OF_FLOATS.includes(op)) return dtype.startsWith("float");
  if (op === "Where") return dtype === "int64" || dtype === "float32";
  return OF_ANY.includes(op) || WIDE.includes(dtype);
}

interface Drawn {
  readonly constants: readonly { readonly kind: number; readonly places: readonly number[] }[];
  readonly nodes: readonly { readonly op: string; readonly picks: readonly number[] }[];
}

function graphOf({ constants, nodes }: Drawn): KnownGraph {
  const integers: Record<string, IntegerTensor> = {};
  const weights: NonNullable<KnownGraph["weights"]>[number][] = [];
  for (const [i, { kind, places }] of constants.entries()) {
    const dtype = KINDS[kind % KINDS.length]!;
    const edges = edgesOf(dtype);
    const values = places.map((place) => edges[place % edges.length]!);
    if (dtype === "float32") weights.push(floats(`c${i}`, ...values));
    else integers[`c${i}`] = { dtype, shape: [values.length], values };
  }
  const taken: OnnxNodeFacts[] = [node("Shape", ["x"], {}, ["batch"])];
  const graph = (more: readonly OnnxNodeFacts[]): KnownGraph => ({ nodes: [...taken, ...more], integers, weights });
  for (const [i, { op, picks }] of nodes.entries()) {
    const { tensors } = walked(graph([]));
    const known = [...tensors.keys()].filter((name) => name !== "x" && tensors.get(name)!.values !== null);
    const names = known.filter((name) => isTaken(op, tensors.get(name)!.dtype));
    if (names.length === 0) continue;
    const a = names[picks[0]! % names.length]!;
    const { dtype } = tensors.get(a)!;
    const like = BY_SHAPE.includes(op) ? "int64" : dtype;
    const alike = names.filter((name) => tensors.get(name)!.dtype === like);
    if (alike.length === 0) continue;
    const [b, c] = [alike[picks[1]! % alike.length]!, alike[picks[2]! % alike.length]!];
    const truths = known.filter((name) => tensors.get(name)!.dtype === "bool");
    const inputs = ((): string[] => {
      if (["Max", "Min", "Sum", "Slice", "Range"].includes(op)) return [a, b, c];
      if (op === "Where") return [truths[picks[3]! % truths.length] ?? "", a, b];
      if (/^(Neg|Abs|Sign|Floor|Ceil|Round|Sqrt|Cast|Reduce|NonZero|Const|Shape|Size)/.test(op)) return [a];
      return [a, b];
    })();
    const attributes: Attributes =
      op === "Cast" ? to(ALL[picks[3]! % ALL.length]!) : op === "Mod" && dtype === "float32" ? { fmod: { i: 1 } } : {};
    const more = node(op, inputs, op === "Concat" ? { axis: { i: 0 } } : attributes, [`n${i}`]);
    try {
      const made = walked(graph([more])).tensors.get(`n${i}`)!;
      // What comes to nothing known is told by its shape; large ones only take time.
      if (made.shape.every((length) => length <= 64)) taken.push(more);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
    }
  }
  return graph([]);
}

test("[PR97] drawn graphs of known numbers at the ends of their types are what the library makes of them", async () => {
  const place = fc.nat({ max: 1000 });
  const drawn = fc.record({
    constants: fc.array(fc.record({ kind: place, places: fc.array(place, { minLength: 1, maxLength: LIST }) }), {
      minLength: 4,
      maxLength: 8,
    }),
    nodes: fc.array(
      fc.record({ op: fc.constantFrom(...OPERATORS), picks: fc.array(place, { minLength: 4, maxLength: 4 }) }),
      { minLength: 10, maxLength: 20 },
    ),
  });
  let ran = 0;
  await fc.assert(
    fc.asyncProperty(drawn, async (one) => {
      const found = await differences(graphOf(one), [1, 3]);
      if (found !== null) ran++;
      expect(found ?? []).toEqual([]);
    }),
    { numRuns: 100 },
  );
  expect(ran).toBeGreaterThan(20);
}, 60_000);
