/**
 * Graphs drawn to try packing: it computes what is constant, decides branches, places, bounds and turns by it, and writes all anew. So that is
 * what is drawn: constants at the ends of their types and in half precision, chains of operators on them, what they decide, names that meet those
 * that packing makes, and in front of it any operator of the list.
 */
import { fromJsonFloat, toJsonFloat } from "../../../../shared/compute/runtimes/onnx/onnx-dtypes.ts";
import type { OnnxNodeFacts } from "../../../../shared/compute/runtimes/onnx/onnx-topology.ts";
import { ALL_CASES } from "../../../../shared/compute/runtimes/onnx/testing/cases/all-cases.ts";
import { IMAGE, type OperatorCase } from "../../../../shared/compute/runtimes/onnx/testing/operator-case.ts";
import { fromHalf } from "../../../../shared/protocol/half-floats.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import type { DrawnAttribute, DrawnGraph, DrawnNode, DrawnTensor, DrawnType } from "./drawn-file.ts";

export interface Drawn {
  readonly graph: DrawnGraph;
  readonly opset: number;
  /** Its operators, those within its nodes too. */
  readonly operators: readonly string[];
}

/** The row that decisions are made about: so many numbers for one query. */
const WIDTH = 6;
const WHOLE_EDGES = [
  ...[0n, 1n, -1n, 2n, 3n, -2n, 5n, 7n, 255n, 256n, 65_536n, 16_777_217n, 2_147_483_647n, 2_147_483_648n],
  ...[2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 2n, -(2n ** 53n) - 1n, 2n ** 60n, 2n ** 62n + 1n],
  ...[2n ** 63n - 1n, 2n ** 63n - 2n, -(2n ** 63n), -(2n ** 63n) + 1n, 0x9e3779b97f4a7c15n - 2n ** 64n],
];
const FLOAT_EDGES = [
  0, -0, 0.1, 0.5, 1, -1, 1.5, 2.5, 3, 257, 2_049, 2_051, 0.33325, 1.9995, 5.003, 65_504, 1e-8, 16_777_216,
];
const BOUNDS = [1n, 2n, 3n, -1n, -2n, 0n, 4n, 2n ** 31n - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n];
/** What packing adds to a name, and names that it gives. */
const ADDED = [
  "/one",
  "/axes",
  "/item-0",
  "/item-1",
  "/raw",
  "/no-axes",
  "/half",
  "/not",
  "/wide",
  "/chosen",
  "/0",
  "/input-1",
];
const GIVEN = ["x/float32", "x/shape", "inputs/row", "branch-0/v3", "loop-1/v4", "branch-1/v5", "all", "loop-0/turn"];

interface Value {
  readonly name: string;
  readonly dtype: DrawnType;
  readonly shape: readonly number[];
}

class Drawing {
  readonly random: RandomSource;
  readonly opset: number;
  readonly operators: string[] = [];
  /** The graph that is being drawn; those around it are not touched meanwhile. */
  graph: DrawnGraph;
  readonly #names = new Set<string>(["x"]);
  #count = 0;

  constructor(random: RandomSource, opset: number, graph: DrawnGraph) {
    this.random = random;
    this.opset = opset;
    this.graph = graph;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.random.integer(list.length)]!;
  }

  chance(share: number): boolean {
    return this.random.uniform() < share;
  }

  name(): string {
    const plain = `v${this.#count++}`;
    const some = [...this.#names];
    const one = this.chance(0.3)
      ? this.chance(0.2)
        ? this.pick(GIVEN)
        : `${this.chance(0.7) ? this.pick(some) : `v${this.random.integer(this.#count + 6)}`}${this.pick(ADDED)}`
      : plain;
    const name = this.#names.has(one) ? plain : one;
    this.#names.add(name);
    return name;
  }

  /** At times a constant of that name: what packing might add, and of the kind that it would be. */
  decoy(name: string, dtype: DrawnType, values: readonly number[]): void {
    if (this.chance(0.8) || this.#names.has(name)) return;
    this.#names.add(name);
    this.graph.tensors.push({ name, dtype, shape: dtype === "bool" ? [] : [values.length], values });
  }

  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, DrawnAttribute>> = {},
    output = this.name(),
  ): string {
    this.operators.push(op);
    this.graph.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  make(op: string, inputs: readonly Value[], like: Omit<Value, "name">, attributes = {}): Value {
    return {
      ...like,
      name: this.node(
        op,
        inputs.map(({ name }) => name),
        attributes,
      ),
    };
  }

  /** In one of the ways in which a file says a constant. */
  constant(dtype: DrawnType, shape: readonly number[], values: readonly (number | bigint)[]): Value {
    const name = this.name();
    const tensor: DrawnTensor = { name, dtype, shape, values };
    const isSame = values.every((value) => Object.is(value, values[0]));
    const way = this.random.integer(4);
    const done = { name, dtype, shape };
    if (way === 1 && dtype === "int64" && shape.length < 2) {
      const value = shape.length === 0 ? { value_int: { i: values[0]! } } : { value_ints: { is: values } };
      this.node("Constant", [], value, name);
    } else if (way === 1 && dtype === "float32" && shape.length < 2) {
      const floats = values.map((one) => toJsonFloat(Number(one)));
      this.node(
        "Constant",
        [],
        shape.length === 0 ? { value_float: { f: floats[0]! } } : { value_floats: { fs: floats } },
        name,
      );
    } else if (way === 2 && isSame && values.length > 0 && dtype !== "bfloat16") {
      const lengths = this.constant("int64", [shape.length], shape);
      this.node(
        "ConstantOfShape",
        [lengths.name],
        { value: { tensor: { ...tensor, name: "", shape: [1], values: [values[0]!] } } },
        name,
      );
    } else if (way === 3) this.node("Constant", [], { value: { tensor: { ...tensor, name: "" } } }, name);
    else this.graph.tensors.push(tensor);
    return done;
  }

  /** Over these axes: an input of it, or before opset 18 an attribute of all but sums. */
  reduce(op: "ReduceSum" | "ReduceMax", from: string, axes: readonly number[], keepdims: number): string {
    const isInput = this.opset >= 18 || op === "ReduceSum";
    const given = isInput ? [from, this.constant("int64", [axes.length], axes).name] : [from];
    return this.node(op, given, { keepdims: { i: keepdims }, ...(isInput ? {} : { axes: { is: axes } }) });
  }

  cast(value: Value, dtype: DrawnType): Value {
    return this.make("Cast", [value], { ...value, dtype }, { to: { i: TYPES[dtype]! } });
  }
}

const TYPES: Readonly<Partial<Record<DrawnType, number>>> = {
  ...{ float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11, uint32: 12, uint64: 13 },
  bfloat16: 16,
};

/** A whole number, or a few: at the ends of types, or one of `likely`. */
function whole(d: Drawing, shape: readonly number[], likely: readonly bigint[], share = 0.6): Value {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: size }, () => d.pick(d.chance(share) ? likely : WHOLE_EDGES));
  return chained(d, d.constant("int64", shape, values), true);
}

function float(d: Drawing, shape: readonly number[]): Value {
  const size = shape.reduce((a, b) => a * b, 1);
  const dtype = d.pick<DrawnType>(["float32", "float32", "float16", "bfloat16", "float64"]);
  const values = Array.from({ length: size }, () => d.pick(FLOAT_EDGES));
  const one = chained(d, d.constant(dtype, shape, values), false);
  return one.dtype === "float32" ? one : d.cast(one, "float32");
}

/** By operators on constants, some of which leave it the number that it is. */
function chained(d: Drawing, first: Value, isWhole: boolean): Value {
  let value = first;
  for (let left = d.random.integer(3); left > 0; left--) value = (isWhole ? wholeStep : floatStep)(d, value);
  return value;
}

function wholeStep(d: Drawing, value: Value): Value {
  const size = value.shape.reduce((a, b) => a * b, 1);
  const other = () => {
    const values = Array.from({ length: size }, () => d.pick(WHOLE_EDGES));
    return d.constant("int64", value.shape, values);
  };
  switch (d.random.integer(8)) {
    case 0:
      return d.make(d.pick(["Add", "Sub", "Mul", "Min", "Max"]), [value, other()], value);
    case 1: {
      const one = d.constant("int64", value.shape, filled(value.shape, 1n));
      return d.make(d.pick(["Mul", "Div"]), [value, one], value);
    }
    case 2:
      return d.make(d.pick(["Neg", "Abs", "Identity"]), [value], value);
    case 3:
      return d.cast(d.cast(value, d.pick<DrawnType>(["float32", "float64", "int32", "float16", "float64"])), "int64");
    case 4: {
      const axes = d.constant("int64", [1], [0n]);
      const wide = d.make("Unsqueeze", [value, axes], { ...value, shape: [1, ...value.shape] });
      return d.make("Squeeze", [wide, axes], value);
    }
    case 5: {
      const yes = d.constant("bool", [], [d.random.integer(2)]);
      return d.make("Where", [yes, value, other()], value);
    }
    case 6: {
      const kept = floatStep(d, d.cast(value, "float64"));
      return d.cast(kept, "int64");
    }
    default:
      return value;
  }
}

function floatStep(d: Drawing, value: Value): Value {
  switch (d.random.integer(4)) {
    case 0:
      return d.cast(d.cast(value, d.pick<DrawnType>(["float16", "bfloat16"])), "float32");
    case 1:
      return d.cast(d.cast(value, d.pick<DrawnType>(["float64", "float16", "float16"])), "float32");
    case 2: {
      const wide = value.dtype === "float32" ? value : d.cast(value, "float32");
      const other = d.constant("float32", value.shape, filled(value.shape, d.pick(FLOAT_EDGES)));
      return d.make(d.pick(["Add", "Mul", "Sub", "Max", "Min"]), [wide, other], wide);
    }
    default:
      return value;
  }
}

const filled = <T>(shape: readonly number[], value: T): T[] =>
  new Array<T>(shape.reduce((a, b) => a * b, 1)).fill(value);

/** True or false, by comparing constants. */
function decided(d: Drawing): Value {
  if (d.chance(0.5)) {
    const value = d.pick(WHOLE_EDGES);
    const near = d.chance(0.6) ? value + d.pick([0n, 1n, -1n, 2n]) : d.pick(WHOLE_EDGES);
    const [a, b] = [value, BigInt.asIntN(64, near)].map((one) => chained(d, d.constant("int64", [], [one]), true));
    return d.make(d.pick(["Equal", "Less", "Greater", "LessOrEqual"]), [a!, b!], { dtype: "bool", shape: [] });
  }
  const value = float(d, []);
  const other = d.constant("float32", [], [d.pick(FLOAT_EDGES)]);
  return d.make(d.pick(["Equal", "Less", "Greater", "GreaterOrEqual"]), [value, other], { dtype: "bool", shape: [] });
}

/** Whether the query's numbers are large. */
function asked(d: Drawing, row: Value): Value {
  const sum: Value = {
    name: d.reduce("ReduceSum", row.name, [0, 1], d.random.integer(2)),
    dtype: "float32",
    shape: [],
  };
  const limit = d.constant("float32", [], [d.pick([0, 0.5, -1, 3])]);
  return d.make("Greater", [sum, limit], { dtype: "bool", shape: [] });
}

/** A graph within a node, drawn by `draw`. */
function within(d: Drawing, draw: () => readonly Value[], inputs: DrawnGraph["inputs"] = []): DrawnGraph {
  const around = d.graph;
  const graph = { inputs, outputs: [] as string[], nodes: [], tensors: [] };
  d.graph = graph;
  try {
    graph.outputs.push(...draw().map(({ name }) => name));
  } finally {
    d.graph = around;
  }
  return graph;
}

type Step = (d: Drawing, row: Value, depth: number) => Value;

const simple: Step = (d, row) => d.make(d.pick(["Relu", "Neg", "Abs", "Tanh", "Sigmoid", "Identity"]), [row], row);

const scaled: Step = (d, row) => {
  const by = float(d, d.pick([[], [1], [WIDTH]]));
  return d.make(d.pick(["Mul", "Add", "Sub", "Max", "Min"]), [row, by], row);
};

/** Without what is no number, of which each kernel makes something else, and without what soon becomes that. */
function finite(d: Drawing, row: Value): Value {
  const isNone = d.make("IsNaN", [row], { ...row, dtype: "bool" });
  const number = d.make("Where", [isNone, zero(d), row], row);
  const [least, most] = [-1e4, 1e4].map((end) => d.constant("float32", [], [end]));
  return d.make("Clip", [number, least!, most!], row);
}

const clipped: Step = (d, row) => {
  const [least, most] = [float(d, []), float(d, [])];
  return d.make("Clip", d.chance(0.5) ? [row, least] : [row, least, most], row);
};

/** Attributes of floats, and what shows the sign of a zero. */
const withFloat: Step = (d, row) => {
  const [op, attribute] = d.pick([
    ["LeakyRelu", "alpha"],
    ["Elu", "alpha"],
    ["HardSigmoid", "beta"],
    ["ThresholdedRelu", "alpha"],
    ["Celu", "alpha"],
  ] as const);
  const value = op === "Celu" ? d.pick([0.5, 1, 2]) : d.pick(FLOAT_EDGES);
  const made = d.make(op, [row], row, { [attribute]: { f: toJsonFloat(value) } });
  return d.chance(0.7) ? finite(d, d.make("Reciprocal", [made], made)) : made;
};

const branched: Step = (d, row, depth) => {
  const condition = d.chance(0.6) ? decided(d) : asked(d, row);
  d.decoy(`${condition.name}/one`, "bool", [d.random.integer(2)]);
  d.decoy(`${condition.name}/not`, "bool", [d.random.integer(2)]);
  const kind = d.pick<DrawnType>(["float32", "float32", "float32", "int8", "bool", "int64", "uint8"]);
  const side = () =>
    within(d, () => {
      const made = step(d, d.chance(0.5) ? reached(d, row) : row, depth + 1);
      return [
        kind === "float32"
          ? d.make("Identity", [made], made)
          : d.cast(d.make("Clip", [made, zero(d), five(d)], made), kind),
      ];
    });
  const branches = { then_branch: { g: side() }, else_branch: { g: side() } };
  const made = d.make("If", [condition], { ...row, dtype: kind }, branches);
  return kind === "float32" ? made : d.make("Add", [d.cast(made, "float32"), row], row);
};

const zero = (d: Drawing) => d.constant("float32", [], [0]);
const five = (d: Drawing) => d.constant("float32", [], [5]);

/** By an index that the query gives, which may lie outside where nobody takes it. */
const reached = (d: Drawing, row: Value): Value => {
  const axes = d.constant("int64", [1], [1n]);
  const most: Value = { name: d.reduce("ReduceMax", row.name, [1], 1), dtype: "float32", shape: [1, 1] };
  const place = d.make("Squeeze", [d.cast(most, "int64"), axes], { dtype: "int64", shape: [1] });
  const column = d.make("Gather", [row, place], { ...row, shape: [1, 1] }, { axis: { i: 1 } });
  return d.make("Add", [row, column], row);
};

const sliced: Step = (d, row) => {
  const axes = d.constant("int64", [1], [1n]);
  const part = d.make("Slice", [row, whole(d, [1], [0n, 1n, -3n], 0.9), whole(d, [1], BOUNDS, 0.8), axes], row);
  return padded(d, part);
};

/** Back to the width that a row has: the sum of what is left, at each of its places. */
function padded(d: Drawing, part: Value): Value {
  const most = { ...part, name: d.reduce("ReduceMax", part.name, [1], 1) };
  return d.make(
    "Add",
    [
      most,
      d.constant(
        "float32",
        [WIDTH],
        Array.from({ length: WIDTH }, (_, i) => i / 4),
      ),
    ],
    part,
  );
}

const listed: Step = (d, row) => {
  const items = Array.from({ length: 1 + d.random.integer(3) }, (_, i) =>
    d.make("Mul", [row, d.constant("float32", [], [i + 2])], row),
  );
  let list = d.node(
    "SequenceConstruct",
    items.map(({ name }) => name),
  );
  let length = items.length;
  if (d.chance(0.2)) {
    const first = d.make("Neg", [row], row);
    list = d.node("SequenceInsert", [d.node("SequenceEmpty", []), first.name]);
    length = 1;
  }
  const places = () => Array.from({ length: 2 * length }, (_, i) => BigInt(i - length));
  for (let left = d.random.integer(3); left > 0; left--) {
    if (d.chance(0.7)) {
      const one = d.make("Neg", [row], row);
      const at = d.chance(0.2) ? [] : [whole(d, [], [...places(), BigInt(length)], 0.95).name];
      list = d.node("SequenceInsert", [list, one.name, ...at]);
      length++;
    } else if (length > 1) {
      list = d.node("SequenceErase", [list, whole(d, [], places(), 0.95).name]);
      length--;
    }
  }
  if (d.chance(0.1)) {
    const count = d.cast({ name: d.node("SequenceLength", [list]), dtype: "int64", shape: [] }, "float32");
    return d.make("Add", [row, count], row);
  }
  if (d.chance(0.7)) {
    const at = d.chance(0.4) ? d.cast(float(d, []), "int64") : whole(d, [], places(), 0.95);
    return { ...row, name: d.node("SequenceAt", [list, at.name]) };
  }
  const isNew = d.random.integer(2);
  const joined = d.name();
  d.decoy(`${joined}/axes`, "int64", [2]);
  d.node("ConcatFromSequence", [list], { axis: { i: 1 }, new_axis: { i: isNew } }, joined);
  const most = d.reduce("ReduceMax", joined, [1], 1 - isNew);
  return d.make("Add", [row, { ...row, name: most }], row);
};

const looped: Step = (d, row, depth) => {
  const turns = whole(d, [], [1n, 2n, 3n], 0.95);
  const isOn = d.constant("bool", [], [1]);
  const [turn, on, carried] = [d.name(), d.name(), d.name()];
  const inputs = [
    { name: turn, dtype: "int64" as const, shape: [] },
    { name: on, dtype: "bool" as const, shape: [] },
    { name: carried, dtype: "float32" as const, shape: null },
  ];
  const body = within(
    d,
    () => {
      const number = d.cast({ name: turn, dtype: "int64", shape: [] }, "float32");
      // Never 0: the library leaves out what adds a constant 0, and with it turns no -0 into 0.
      const next = d.make("Add", [number, d.constant("float32", [], [1])], number);
      const moved = d.make("Add", [{ ...row, name: carried }, next], row);
      const goesOn = d.chance(0.5)
        ? { ...isOn, name: d.node("Identity", [on]) }
        : d.make("Less", [{ name: turn, dtype: "int64", shape: [] }, whole(d, [], [0n, 1n, 2n], 0.9)], isOn);
      return [
        goesOn,
        d.make("Identity", [depth < 1 ? step(d, moved, depth + 1) : moved], row),
        d.chance(0.15) ? unlisted(d, moved) : d.make("Neg", [moved], row),
      ];
    },
    inputs,
  );
  const [last, scan] = [d.name(), d.name()];
  d.decoy(`${scan}/axes`, "int64", [2]);
  d.operators.push("Loop");
  d.graph.nodes.push({
    op: "Loop",
    inputs: [turns.name, isOn.name, row.name],
    outputs: [last, scan],
    attributes: { body: { g: body } },
  });
  const sum = d.reduce("ReduceSum", scan, [0], 0);
  return d.make(
    "Add",
    [
      { ...row, name: last },
      { ...row, name: sum },
    ],
    row,
  );
};

/** What packing refuses has to be told with its reason, wherever it stands. */
const unlisted = (d: Drawing, row: Value): Value => ({
  ...row,
  name: d.reduce("ReduceMax", d.node("Unique", [row.name]), [0], 1),
});

/** Numbers of a table, by a place that is known or that the query gives. */
const tabled: Step = (d, row) => {
  const length = 4 + d.random.integer(4);
  const dtype = d.pick<DrawnType>(["int64", "int64", "uint64", "int32"]);
  const values = Array.from({ length }, () => {
    const one = d.pick(WHOLE_EDGES);
    return dtype === "int32" ? BigInt.asIntN(32, one) : dtype === "uint64" ? BigInt.asUintN(64, one) : one;
  });
  const table = d.constant(dtype, [length], values);
  const place = whole(d, [1], [0n, 1n, -1n, 2n], 0.95);
  const found = d.make("Gather", [table, place], { dtype, shape: [1] });
  const rest = d.make("Mod", [found, d.constant(dtype, [1], [97n])], found);
  return d.make("Add", [row, d.cast(rest, "float32")], row);
};

const hashed: Step = (d, row) => {
  const places = d.cast(d.make("Round", [row], row), "int64");
  const odd = d.constant("int64", [], [d.pick(WHOLE_EDGES)]);
  const mixed = d.make(d.pick(["Mul", "BitwiseXor", "Add"]), [places, odd], places);
  const rest = d.make("Mod", [mixed, d.constant("int64", [], [127n])], places);
  return d.make("Add", [row, d.cast(rest, "float32")], row);
};

/** Shapes that are computed from shapes. */
const shaped: Step = (d, row) => {
  const lengths = d.make("Shape", [row], { dtype: "int64", shape: [2] });
  const first = d.make("Slice", [lengths, d.constant("int64", [1], [0n]), d.constant("int64", [1], [1n])], {
    dtype: "int64",
    shape: [1],
  });
  const rest = d.constant(
    "int64",
    [2],
    d.pick([
      [2n, 3n],
      [3n, -1n],
      [-1n, 2n],
    ]),
  );
  const target = d.make("Concat", [first, rest], { dtype: "int64", shape: [3] }, { axis: { i: 0 } });
  const wide = d.make("Reshape", [row, target], { ...row, shape: [1, 2, 3] });
  return d.make("Flatten", [d.make("Relu", [wide], wide)], row);
};

/** How many there are decides something too. */
const ranged: Step = (d, row) => {
  const ends = [d.constant("int64", [], [0n]), whole(d, [], [2n, 3n, 5n], 0.9), d.constant("int64", [], [1n])];
  const range = d.make("Range", ends, { dtype: "int64", shape: [-1] });
  const most = d.reduce("ReduceMax", d.cast(range, "float32").name, [0], 0);
  return d.make("Add", [row, { ...row, name: most }], row);
};

const STEPS: readonly Step[] = [
  ...[
    simple,
    scaled,
    scaled,
    clipped,
    withFloat,
    branched,
    branched,
    branched,
    sliced,
    listed,
    listed,
    looped,
    tabled,
    tabled,
  ],
  ...[hashed, shaped, ranged],
];
const DEPTH_MAX = 2;

function step(d: Drawing, row: Value, depth: number): Value {
  return d.pick(depth >= DEPTH_MAX ? [simple, scaled, clipped, tabled] : STEPS)(d, row, depth);
}

const CASES: readonly OperatorCase[] = Object.values(ALL_CASES);
const CASE_SHARE = 0.75;
/** Of a case that does not say. */
const CASE_OPSET = 17;
/** Before it nothing is drawn around a case: axes are no inputs. */
const OPSET_MIN = 13;

/** @returns the same graph for the same seed */
export function drawnGraph(seed: number): Drawn {
  const random = simulationRandom(seed);
  // In turn, so that none is rare.
  const of = random.uniform() < CASE_SHARE ? CASES[seed % CASES.length]! : null;
  const opset = of === null ? [13, 17, 18, 20][random.integer(4)]! : (of.opset ?? CASE_OPSET);
  const lengths = of === null ? [WIDTH] : (of.shape ?? IMAGE);
  const inputs = [{ name: "x", dtype: "float32" as const, shape: [random.integer(4) > 0 ? 1 : -1, ...lengths] }];
  const graph = { inputs, outputs: [] as string[], nodes: [], tensors: [] };
  const d = new Drawing(random, opset, graph);
  let row: Value = { name: of === null ? "x" : ofCase(d, of), dtype: "float32", shape: [1, WIDTH] };
  if (opset >= OPSET_MIN) {
    if (of !== null) row = finite(d, row);
    for (let left = 1 + random.integer(2); left > 0; left--) row = step(d, row, 0);
  }
  const last = d.chance(0.2) ? d.cast(row, d.pick<DrawnType>(["int32", "int8", "int64"])) : row;
  graph.outputs.push(d.node("Identity", [last.name]));
  return { graph, opset, operators: d.operators };
}

/** @returns the name of its first numbers, as many as a row has */
function ofCase(d: Drawing, { nodes, weights = [], integers = {}, output }: OperatorCase): string {
  const own = (name: string) => (name === "" || name === "x" ? name : `case-${name}`);
  for (const { op, domain, inputs, outputs, attributes } of nodes) {
    d.operators.push(domain === undefined ? op : `${domain}.${op}`);
    const node = { op, inputs: inputs.map(own), outputs: outputs.map(own), attributes: drawnAttributes(attributes) };
    d.graph.nodes.push(domain === undefined ? node : { ...node, domain });
  }
  for (const { name, shape, values, dtype = "float32" } of weights) {
    const numbers = dtype === "float16" ? Array.from(values as Uint16Array, fromHalf) : [...values];
    d.graph.tensors.push({ name: own(name), dtype, shape, values: numbers });
  }
  for (const [name, { dtype, shape, values }] of Object.entries(integers)) {
    d.graph.tensors.push({ name: own(name), dtype, shape, values });
  }
  const size = output.reduce((a, b) => a * b, 1);
  const places = d.constant(
    "int64",
    [WIDTH],
    Array.from({ length: WIDTH }, (_, i) => i % size),
  );
  return d.node("Gather", [d.node("Flatten", [own("y")]), places.name], { axis: { i: 1 } });
}

function drawnAttributes(attributes: OnnxNodeFacts["attributes"]): DrawnNode["attributes"] {
  const entries = Object.entries(attributes).map(([name, value]): [string, DrawnAttribute] => {
    if (!("t" in value)) return [name, value];
    const { t } = value;
    const dtype = "int64" in t ? "int64" : t.dtype;
    const one = "int64" in t ? t.int64 : "digits" in t ? BigInt(t.digits) : fromJsonFloat(t.value)!;
    return [name, { tensor: { name: "", dtype, shape: [1], values: [one] } }];
  });
  return Object.fromEntries(entries);
}
