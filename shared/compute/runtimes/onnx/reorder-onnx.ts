/**
 * A graph whose sums are taken in another order (orders.ts), in WebAssembly: each operator that is a sum of products, or a mean, is computed of
 * parts of what it takes, and the parts are added. Parts have zeros in the place of all other terms, so that shapes stay.
 */

import { type UnpackedModel, weightByteCount } from "../../model-bundle.ts";
import { addedInPairs, NUDGE, nudgeOf, type Order, PARTS, type PlacedOrder, partOfTerm } from "../../orders.ts";
import { type BatchedTensor, sizeOf } from "../../tensors/batched-tensor.ts";
import { DATA_TYPE_NUMBERS } from "./onnx-dtypes.ts";
import { type IntegerTensor, type OnnxNodeFacts, type OnnxTopology, readOnnxTopology } from "./onnx-topology.ts";
import { OnnxWalk } from "./walk-onnx.ts";

/** Sums whose terms are numbers of the first input, each times something; bias: the place of what is added once. contracted: which axis. */
interface LinearRule {
  readonly bias?: number;
  /** Of the first input; from the end where it is negative. */
  readonly contracted: number;
  /** Is it a sum of products with the second input, so that their signs count too? */
  readonly isProduct?: true;
}

const LINEAR: Readonly<Record<string, LinearRule>> = {
  MatMul: { contracted: -1, isProduct: true },
  FusedMatMul: { contracted: -1, isProduct: true },
  MatMulNBits: { contracted: -1, bias: 5 },
  Gemm: { contracted: -1, bias: 2, isProduct: true },
  Einsum: { contracted: -1 },
  Conv: { contracted: 1, bias: 2, isProduct: true },
  ConvTranspose: { contracted: 1, bias: 2, isProduct: true },
  AveragePool: { contracted: -1 },
  GlobalAveragePool: { contracted: -1 },
  ReduceSum: { contracted: -1 },
  ReduceMean: { contracted: -1 },
  CumSum: { contracted: -1 },
};

/** What has sums within, or is computed by approximation: cards differ in the last places of what goes in. */
const INEXACT = new Set(
  (
    "Softmax LogSoftmax LayerNormalization RMSNormalization SimplifiedLayerNormalization SkipLayerNormalization " +
    "SkipSimplifiedLayerNormalization InstanceNormalization GroupNormalization BatchNormalization LRN LpNormalization " +
    "MeanVarianceNormalization ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceProd ReduceSumSquare LpPool GlobalLpPool GRU LSTM RNN " +
    "Attention MultiHeadAttention Exp Log Sqrt Reciprocal Div Pow Tanh Sigmoid Erf Gelu FastGelu QuickGelu BiasGelu Softplus Elu Celu Selu Mish"
  ).split(" "),
);

/** Places that are drawn one by one: the last axes of a tensor, as many as hold no more. */
const PLACES_MAX = 16_384;

/** @returns the same model, whose sums are taken so. @throws ModelError where it is no valid graph */
export function onnxInOrder(model: UnpackedModel, order: Order): UnpackedModel {
  const topology = readOnnxTopology(model.modelTopology);
  const writer = new Rewriter(topology, order);
  const walk = new OnnxWalk(topology.opset, topology.input);
  for (const [name, tensor] of Object.entries(topology.integers)) walk.addIntegers(name, tensor);
  let at = 0;
  for (const spec of model.weightSpecs) {
    const bytes = model.weightData.subarray(at, at + weightByteCount(spec));
    walk.addWeights(spec.name, spec.shape, spec.dtype, bytes);
    at += bytes.length;
  }
  for (const node of topology.nodes) {
    writer.add(
      node,
      node.inputs.map((name) => walk.tensors.get(name)),
    );
    walk.add(node);
  }
  const integers = { ...topology.integers, ...writer.integers };
  return { ...model, modelTopology: { ...model.modelTopology, nodes: writer.nodes, integers } };
}

class Rewriter {
  readonly nodes: OnnxNodeFacts[] = [];
  readonly integers: Record<string, IntegerTensor> = {};
  readonly #order: Order;
  readonly #prefix: string;
  /** Constants that are there already, by what they are. */
  readonly #made = new Map<string, string>();
  #names = 0;

  constructor({ nodes, integers, input }: OnnxTopology, order: Order) {
    this.#order = order;
    const taken = [
      input.name,
      ...Object.keys(integers),
      ...nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]),
    ];
    let prefix = "order/";
    while (taken.some((name) => name.startsWith(prefix))) prefix += "/";
    this.#prefix = prefix;
  }

  /** @param inputs what is known of them */
  add(node: OnnxNodeFacts, inputs: readonly (BatchedTensor | undefined)[]): void {
    const [first, second] = inputs;
    const rule = LINEAR[node.op];
    const isOfQuery = inputs.some((one) => one !== undefined && one.values === null);
    if (first?.dtype !== "float32" || !isOfQuery || (rule === undefined && !INEXACT.has(node.op))) {
      this.nodes.push(node);
      return;
    }
    if (rule === undefined) this.#rounded(node, first);
    else if (this.#order === "by sign") this.#bySign(node, rule, second);
    else this.#inParts(node, rule, first, this.#order);
  }

  /** One that has no sum of its own to be taken apart. */
  #rounded(node: OnnxNodeFacts, first: BatchedTensor): void {
    const [name, ...others] = node.inputs;
    const nudged = this.#order === "rounded" ? this.#nudged(name!, first) : name!;
    this.nodes.push({ ...node, inputs: [nudged, ...others] });
  }

  #inParts(node: OnnxNodeFacts, rule: LinearRule, first: BatchedTensor, order: PlacedOrder): void {
    const own = node.inputs[0]!;
    const name = order === "rounded" ? this.#nudged(own, first) : own;
    const shape = drawnShape(first);
    const axis =
      rule.contracted < 0 ? shape.length + rule.contracted : rule.contracted - (first.shape.length - shape.length);
    const length = shape[axis] ?? 1;
    const stride = sizeOf(shape.slice(axis + 1));
    const parts = Array.from({ length: sizeOf(shape) }, (_, at) =>
      partOfTerm(order, at, { place: Math.floor(at / stride) % length, length }),
    );
    const places = this.#integers(`parts ${order} ${shape} ${axis}`, { dtype: "int64", shape, values: parts });
    const sums = Array.from({ length: PARTS[order] }, (_, part) => {
      const isIts = this.#constant(`part ${part} of ${places}`, "Equal", [places, this.#whole(part)]);
      const terms = this.#node("Where", [isIts, name, this.#zero()]);
      return this.#applied(node, rule, [terms, node.inputs[1]], part === 0);
    });
    this.#sum(node, sums);
  }

  #bySign(node: OnnxNodeFacts, rule: LinearRule, second: BatchedTensor | undefined): void {
    const signed = (name: string) =>
      (["Max", "Min"] as const).map((op) => this.#node(op, [name, this.#zero()])) as [string, string];
    const [more, less] = signed(node.inputs[0]!);
    const other = node.inputs[1];
    if (rule.isProduct !== true || other === undefined || second?.dtype !== "float32") {
      this.#sum(node, [
        this.#applied(node, rule, [more, other], true),
        this.#applied(node, rule, [less, other], false),
      ]);
      return;
    }
    const [up, down] = signed(other);
    const terms = [
      [more, up],
      [less, down],
      [more, down],
      [less, up],
    ] as const;
    this.#sum(
      node,
      terms.map((pair, i) => this.#applied(node, rule, pair, i === 0)),
    );
  }

  /** @param hasBias what is added once goes with this part */
  #applied(
    node: OnnxNodeFacts,
    { bias }: LinearRule,
    [first, second]: readonly [string, string | undefined],
    hasBias: boolean,
  ): string {
    // Older versions of Gemm cannot do without.
    const withoutBias = node.op === "Gemm" ? this.#zero() : "";
    const inputs = node.inputs.map((name, place) =>
      place === 0 ? first : place === 1 ? (second ?? name) : place === bias && !hasBias ? withoutBias : name,
    );
    while (inputs.at(-1) === "") inputs.pop();
    const made = this.#name();
    this.nodes.push({ ...node, inputs, outputs: [made] });
    return made;
  }

  #sum({ outputs }: OnnxNodeFacts, sums: readonly string[]): void {
    const all = addedInPairs(sums, (one, other) => this.#node("Add", [one, other]));
    this.nodes.push({ op: "Identity", inputs: [all], outputs: [outputs[0]!], attributes: {} });
  }

  /** Each number one unit in the last place up or down, at most. */
  #nudged(name: string, { shape, batch }: BatchedTensor): string {
    const drawn = drawnShape({ shape, batch });
    const values = Array.from({ length: sizeOf(drawn) }, (_, at) => nudgeOf(at));
    const signs = this.#integers(`signs ${drawn}`, { dtype: "int64", shape: drawn, values });
    const units = this.#constant(`units ${drawn}`, "Cast", [signs], { to: { i: DATA_TYPE_NUMBERS.float32 } });
    const apart = this.#constant(`apart ${drawn}`, "Mul", [units, this.#float(NUDGE)]);
    const factors = this.#constant(`factors ${drawn}`, "Add", [apart, this.#float(1)]);
    return this.#node("Mul", [name, factors]);
  }

  #zero(): string {
    return this.#float(0);
  }

  #float(value: number): string {
    const one = this.#integers("one", { dtype: "int64", shape: [1], values: [1] });
    return this.#constant(`float ${value}`, "ConstantOfShape", [one], { value: { t: { dtype: "float32", value } } });
  }

  #whole(value: number): string {
    return this.#integers(`whole ${value}`, { dtype: "int64", shape: [], values: [value] });
  }

  #integers(what: string, tensor: IntegerTensor): string {
    return this.#once(what, (name) => {
      this.integers[name] = tensor;
    });
  }

  #constant(what: string, op: string, inputs: readonly string[], attributes: OnnxNodeFacts["attributes"] = {}): string {
    return this.#once(what, (name) => {
      this.nodes.push({ op, inputs, outputs: [name], attributes });
    });
  }

  #once(what: string, make: (name: string) => void): string {
    const known = this.#made.get(what);
    if (known !== undefined) return known;
    const name = this.#name();
    this.#made.set(what, name);
    make(name);
    return name;
  }

  #node(op: string, inputs: readonly string[]): string {
    const name = this.#name();
    this.nodes.push({ op, inputs, outputs: [name], attributes: {} });
    return name;
  }

  #name(): string {
    this.#names++;
    return `${this.#prefix}${this.#names}`;
  }
}

/** The last axes behind the batch's, as many as hold no more numbers than are drawn; none: one number for all. */
function drawnShape({ shape, batch }: Pick<BatchedTensor, "shape" | "batch">): number[] {
  const drawn: number[] = [];
  for (let axis = shape.length - 1; axis > (batch?.axis ?? -1); axis--) {
    if (sizeOf(drawn) * shape[axis]! > PLACES_MAX) break;
    drawn.unshift(shape[axis]!);
  }
  return drawn;
}
