/** The nodes of an uploaded graph one after the other: constants, branches whose condition is known, and operators that are taken. */
import {
  MODEL_BYTES_MAX,
  MODEL_NODES_MAX,
  MODEL_OUTPUTS_MAX,
  ONNX_BRANCH_DEPTH_MAX,
  ONNX_LOOP_TURNS_MAX,
} from "../../../protocol/limits.ts";
import type { ByteSpace } from "../../byte-space.ts";
import { ModelError } from "../../errors.ts";
import { packBundle, type WeightSpec } from "../../model-bundle.ts";
import { fail, failWith } from "../../model-json.ts";
import type { ModelInput } from "../../model-runtime.ts";
import type { Reasons } from "../../reasons.ts";
import { isMultiple } from "../../tensors/batched-tensor.ts";
import { constantOf, integersOf, longBytes, nodeFacts } from "./file-nodes.ts";
import { adviceFor, failUnknown } from "./onnx-advice.ts";
import { DATA_TYPE_NUMBERS } from "./onnx-dtypes.ts";
import type { OtherFiles } from "./onnx-external.ts";
import { addToLists, type ListHands, stacked, type TensorList } from "./onnx-lists.ts";
import { requireNumbers } from "./onnx-numbers.ts";
import { BatchSizeError } from "./onnx-operator.ts";
import { placesBelow } from "./onnx-places.ts";
import type { RowInput } from "./onnx-rows.ts";
import { FREE, type OnnxNodeFacts, type OnnxTopology } from "./onnx-topology.ts";
import { type FileNode, type FileTensor, nodeName, type OnnxGraph, readGraph } from "./read-onnx.ts";
import { OnnxWalk } from "./walk-onnx.ts";

interface PackedNode {
  readonly facts: OnnxNodeFacts;
  /** Why it is not taken; what only follows from a refusal has none. */
  readonly refusal: ModelError | null;
}

/** Names in a branch are its own; these are what they are called in the whole. */
type Scope = ReadonlyMap<string, string>;

export class GraphPacking {
  private readonly opset: number;
  private readonly row: RowInput;
  private readonly reasons: Reasons;
  private readonly others: OtherFiles;
  private readonly walk: OnnxWalk;
  private readonly nodes: PackedNode[] = [];
  private readonly tensors = new Map<string, FileTensor>();
  private readonly known: Set<string>;
  /** What a refused node would have made, and what hangs on it. */
  private readonly unknown = new Set<string>();
  private readonly lists = new Map<string, TensorList>();
  private readonly hands: ListHands;
  /** Branches and turns of loops that were written out: each has names of its own. */
  private parts = 0;
  private turns = 0;
  private tensorBytes = 0;

  /** @throws ModelError where the row is too large, or a name of it is taken */
  constructor(opset: number, row: RowInput, reasons: Reasons, others: OtherFiles) {
    this.opset = opset;
    this.row = row;
    this.reasons = reasons;
    this.others = others;
    this.walk = new OnnxWalk(opset, row.input);
    this.known = new Set([row.input.name]);
    this.hands = {
      opset,
      listOf: (name) => this.lists.get(name) ?? null,
      tensorOf: (name) => this.walk.tensors.get(name) ?? null,
      keep: (name, list) => void this.lists.set(name, list),
      push: (facts) => this.push(facts),
      addIntegers: (name, shape, values) =>
        this.define({ name, dtype: "int64", shape, bytes: longBytes(values) }, name),
    };
    for (const { name, values } of row.integers) {
      this.addTensor({ name, dtype: "int64", shape: [values.length], bytes: longBytes(values) }, name);
    }
    for (const facts of row.nodes) {
      for (const name of facts.outputs) this.claim(name, "onnx graph");
      this.push(facts);
    }
  }

  /** @param scope what the graph around it has, under the names that it has there */
  addGraph({ tensors, nodes }: OnnxGraph, scope: Map<string, string>, prefix = "", depth = 0): void {
    for (const tensor of tensors) this.addTensor(tensor, own(tensor.name, scope, prefix));
    for (const node of nodes) this.addNode(node, scope, prefix, depth);
  }

  private addTensor(tensor: FileTensor, name: string): void {
    this.claim(name, "onnx graph");
    this.define(tensor, name);
  }

  private define(tensor: FileTensor, name: string): void {
    if (tensor.bytes === null) {
      this.unknown.add(name);
      return;
    }
    // What stands in a loop within a loop is read anew each turn.
    this.tensorBytes += tensor.bytes.length;
    if (this.tensorBytes > MODEL_BYTES_MAX) fail("onnx graph", `at most ${MODEL_BYTES_MAX} bytes of numbers`, "more");
    this.tensors.set(name, tensor);
    this.walk.addWeights(name, tensor.shape, tensor.dtype, tensor.bytes);
  }

  private claim(name: string, what: string): void {
    if (name === "") fail(what, "a name for every tensor", name);
    if (this.known.has(name)) fail(what, "tensors whose names differ", name);
    this.known.add(name);
  }

  private addNode(node: FileNode, scope: Map<string, string>, prefix: string, depth: number): void {
    const inputs = node.inputs.map((name) => scope.get(name) ?? name);
    const outputs = node.outputs.map((name) => (name === "" ? "" : own(name, scope, prefix)));
    const named = { ...node, inputs, outputs };
    const what = nodeName(node.op, outputs);
    if (node.domain === "" && node.op === "Constant") {
      const constant = constantOf(named);
      this.addTensor(constant, constant.name);
      return;
    }
    for (const name of outputs) if (name !== "") this.claim(name, what);
    if (this.nodes.length >= MODEL_NODES_MAX) fail("onnx graph", `at most ${MODEL_NODES_MAX} nodes`, "more");
    if (inputs.some((name) => this.unknown.has(name))) return this.refuse(named, null);
    try {
      if (node.domain === "" && node.op === "If") this.addBranch(named, scope, depth);
      else if (node.domain === "" && node.op === "Loop") this.addLoop(named, scope, depth);
      else if (!addToLists(named, this.hands)) {
        // A list where a tensor should be: its maker says what it is.
        const list = inputs.map((name) => this.lists.get(name)).find((one) => one !== undefined);
        if (list !== undefined) failUnknown(list.maker);
        this.push(this.withScalars(nodeFacts(named)));
      }
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.refuse(named, error);
    }
  }

  private push(facts: OnnxNodeFacts): void {
    this.walk.add(facts);
    this.nodes.push({ facts, refusal: null });
  }

  private refuse({ op, inputs, outputs }: FileNode, refusal: ModelError | null): void {
    for (const name of outputs) this.unknown.add(name);
    this.nodes.push({ facts: { op, inputs, outputs, attributes: {} }, refusal });
  }

  /**
   * Of a branch whose condition is known the one side takes the node's place. Where the query decides, and it is alone, both sides are
   * computed and one is chosen: operators have no effect but what they give.
   */
  private addBranch(node: FileNode, scope: Scope, depth: number): void {
    const what = nodeName(node.op, node.outputs);
    if (depth >= ONNX_BRANCH_DEPTH_MAX) fail(what, `branches at most ${ONNX_BRANCH_DEPTH_MAX} deep`, "more");
    const condition = this.walk.tensors.get(node.inputs[0] ?? "");
    const value = condition?.values?.[0];
    if (value !== undefined && !isMultiple(value)) {
      for (const [place, from] of this.addSide(node, value !== 0, scope, depth).entries()) {
        this.addChoice({ op: "Identity", inputs: [from], outputs: [node.outputs[place]!], attributes: {} });
      }
      return;
    }
    const isOne =
      condition !== undefined && condition.batch === null && condition.shape.every((length) => length === 1);
    if (!isOne || this.row.input.shape[0] === FREE || condition.dtype !== "bool" || condition.values !== null) {
      const { why, whatToDo } = adviceFor("If");
      failWith(what, "a graph without control flow (If, Loop, Scan)", "If", `${why}: ${whatToDo}`);
    }
    const sides = [true, false].map((side) => this.addSide(node, side, scope, depth));
    for (const [place, output] of node.outputs.entries()) {
      const chosen = sides.map((side) => side[place]!);
      const shapes = chosen.map((name) => this.walk.tensors.get(name)?.shape.join());
      if (shapes[0] !== shapes[1]) fail(what, "branches that give the same shape", shapes);
      const one = this.scalarOf(node.inputs[0]!);
      this.addChoice({ op: "Where", inputs: [one, ...chosen], outputs: [output], attributes: {} });
    }
  }

  /** The library takes axes of 1 for the ends of a range only where it does not see them before it runs. */
  private withScalars(facts: OnnxNodeFacts): OnnxNodeFacts {
    if (facts.op !== "Range") return facts;
    const hasAxes = (name: string) => (this.walk.tensors.get(name)?.shape.length ?? 0) > 0;
    return { ...facts, inputs: facts.inputs.map((name) => (hasAxes(name) ? this.scalarOf(name) : name)) };
  }

  /** A condition may have axes of 1 that its choice would get too. */
  private scalarOf(condition: string): string {
    const name = `${condition}/one`;
    if (this.known.has(name)) return name;
    this.claim(name, "onnx graph");
    if (this.walk.tensors.get(condition)!.shape.length === 0) {
      this.push({ op: "Identity", inputs: [condition], outputs: [name], attributes: {} });
      return name;
    }
    const noAxes = `${condition}/no-axes`;
    this.addTensor({ name: noAxes, dtype: "int64", shape: [0], bytes: new Uint8Array(0) }, noAxes);
    this.push({ op: "Reshape", inputs: [condition, noAxes], outputs: [name], attributes: {} });
    return name;
  }

  private addChoice(facts: OnnxNodeFacts): void {
    const list = facts.op === "Identity" ? this.lists.get(facts.inputs[0]!) : undefined;
    if (list !== undefined) this.lists.set(facts.outputs[0]!, list);
    else if (facts.inputs.some((name) => this.unknown.has(name)))
      this.refuse({ ...facts, domain: "", attributes: {} }, null);
    else this.push(facts);
  }

  /** @returns the names of what one side of a branch gives */
  private addSide(node: FileNode, isThen: boolean, scope: Scope, depth: number): string[] {
    const what = nodeName(node.op, node.outputs);
    const branch = node.attributes[isThen ? "then_branch" : "else_branch"];
    if (branch === undefined || !("g" in branch)) return fail(what, "two branches", "none");
    const graph = readGraph(branch.g, this.others, this.reasons);
    if (graph.outputs.length !== node.outputs.length)
      fail(what, `${node.outputs.length} outputs`, graph.outputs.length);
    const inner = new Map(scope);
    this.addGraph(graph, inner, `branch-${this.parts++}/`, depth + 1);
    return graph.outputs.map(({ name }) => inner.get(name) ?? name);
  }

  /** A loop whose turns are known is written out, turn after turn. */
  private addLoop(node: FileNode, scope: Scope, depth: number): void {
    const what = nodeName(node.op, node.outputs);
    const body = node.attributes.body;
    const turns = this.numberOf(node.inputs[0]);
    const isEntered = this.numberOf(node.inputs[1]);
    if (body === undefined || !("g" in body) || turns === null || isEntered === null) return failUnknown(node);
    if (depth >= ONNX_BRANCH_DEPTH_MAX) fail(what, `loops at most ${ONNX_BRANCH_DEPTH_MAX} deep`, "more");
    const graph = readGraph(body.g, this.others, this.reasons);
    const carriedCount = node.inputs.length - 2;
    const isWhole = graph.inputs.length === carriedCount + 2 && graph.outputs.length === node.outputs.length + 1;
    if (!isWhole || carriedCount > node.outputs.length)
      fail(what, "a body that takes and gives what it should", "another");
    // What does not change from turn to turn is there once.
    const shared = new Map(scope);
    const isConstant = ({ op, domain }: FileNode) => domain === "" && op === "Constant";
    const constants = graph.nodes.filter(isConstant);
    this.addGraph({ ...graph, nodes: constants }, shared, `loop-${this.parts++}/`, depth + 1);
    const rest = { ...graph, tensors: [], nodes: graph.nodes.filter((one) => !isConstant(one)) };

    let carried: readonly string[] = node.inputs.slice(2);
    const scanned: string[][] = node.outputs.slice(carriedCount).map(() => []);
    let isGoingOn = isEntered !== 0;
    for (let turn = 0; isGoingOn && turn < (turns ?? Number.POSITIVE_INFINITY); turn++) {
      if (++this.turns > ONNX_LOOP_TURNS_MAX) fail(what, `at most ${ONNX_LOOP_TURNS_MAX} turns of loops`, "more");
      const prefix = `loop-${this.parts++}/`;
      const inner = new Map(shared);
      const given = [this.turnNumber(prefix, turn), this.trueName(prefix), ...carried];
      for (const [place, { name }] of graph.inputs.entries()) inner.set(name, given[place]!);
      this.addGraph(rest, inner, prefix, depth + 1);
      const [condition, ...made] = graph.outputs.map(({ name }) => inner.get(name) ?? name);
      if (this.unknown.has(condition!)) return this.refuse(node, null);
      const goesOn = this.numberOf(condition);
      if (goesOn === null || goesOn === undefined) return failUnknown(node);
      isGoingOn = goesOn !== 0;
      carried = made.slice(0, carriedCount);
      for (const [i, name] of made.slice(carriedCount).entries()) scanned[i]!.push(name);
    }
    for (const [place, output] of node.outputs.entries()) {
      if (output === "") continue;
      if (place < carriedCount) {
        this.addChoice({ op: "Identity", inputs: [carried[place]!], outputs: [output], attributes: {} });
        continue;
      }
      const items = scanned[place - carriedCount]!;
      if (items.length === 0) fail(what, "a turn at least", "none");
      if (items.some((name) => this.unknown.has(name))) return this.refuse(node, null);
      const inputs = stacked({ ...node, outputs: [output] }, items, 0, this.hands);
      this.push({ op: "Concat", inputs, outputs: [output], attributes: { axis: { i: 0 } } });
    }
  }

  private turnNumber(prefix: string, turn: number): string {
    const name = `${prefix}paritab:turn`;
    this.addTensor({ name, dtype: "int64", shape: [], bytes: longBytes([turn]) }, name);
    return name;
  }

  private trueName(prefix: string): string {
    const name = `${prefix}paritab:goes-on`;
    this.addTensor({ name, dtype: "bool", shape: [], bytes: Uint8Array.of(1) }, name);
    return name;
  }

  /** A single number that is known; undefined: none is said; null: the query decides it. */
  private numberOf(name = ""): number | null | undefined {
    if (name === "") return undefined;
    const value = this.walk.tensors.get(name)?.values?.[0];
    return value === undefined || isMultiple(value) ? null : value;
  }

  /** Is the size of the batch all that stands in the way? */
  get isForOneRow(): boolean {
    const refusals = this.nodes.flatMap(({ refusal }) => (refusal === null ? [] : [refusal]));
    return refusals.length > 0 && this.reasons.isEmpty && refusals.every((one) => one instanceof BatchSizeError);
  }

  /** @throws ModelError with all reasons where no output can be given */
  bundle(outputNames: readonly string[]): ByteSpace {
    if (outputNames.length === 0) fail("onnx graph", "an output", "none");
    if (outputNames.length > MODEL_OUTPUTS_MAX) {
      fail("onnx graph", `at most ${MODEL_OUTPUTS_MAX} outputs`, outputNames.length);
    }
    const makers = new Map(this.nodes.flatMap((node, at) => node.facts.outputs.map((name) => [name, at] as const)));
    const all = outputNames.map((name) => ({ name, needed: neededFor(name, this.nodes, makers) }));
    const given = all.filter(({ name, needed }) => this.canGive(name, needed, makers));
    if (given.length === 0) {
      const wanted = new Set(all.flatMap(({ needed }) => [...needed]));
      for (const [at, { facts, refusal }] of this.nodes.entries()) {
        if (!wanted.has(at)) continue;
        if (refusal !== null) this.reasons.add(refusal.message, kindOf(facts, refusal.message));
      }
      for (const { name, needed } of all) {
        const isWhole = [...needed].every((at) => !this.unknown.has(this.nodes[at]!.facts.outputs[0] ?? ""));
        if (isWhole) this.reasons.attempt(() => this.requireGiven(name, makers));
      }
    }
    this.reasons.throwIfAny();
    const needed = new Set(given.flatMap(({ needed }) => [...needed]));
    const nodes = this.nodes.flatMap(({ facts }, at) => (needed.has(at) ? [facts] : []));
    return this.pack(
      nodes,
      given.map(({ name }) => name),
    );
  }

  private canGive(name: string, needed: ReadonlySet<number>, makers: ReadonlyMap<string, number>): boolean {
    if ([...needed].some((at) => this.nodes[at]!.facts.outputs.some((made) => this.unknown.has(made)))) return false;
    try {
      this.requireGiven(name, makers);
      return true;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      return false;
    }
  }

  private requireGiven(name: string, makers: ReadonlyMap<string, number>): void {
    const list = this.lists.get(name);
    if (list !== undefined) failUnknown(list.maker);
    if (!makers.has(name)) fail(`output '${name}'`, "a node", "none");
    this.walk.requireOutput(name);
  }

  private pack(nodes: readonly OnnxNodeFacts[], outputs: readonly string[]): ByteSpace {
    const cast = outputs.filter((name) => this.walk.tensors.get(name)!.dtype !== "float32");
    const all = [
      ...nodes.map((facts) => renamed(facts, new Set(cast))),
      ...cast.map((name) => castNode(rawName(name), name)),
    ];
    const taken = new Set(all.flatMap(({ inputs }) => inputs));
    const used = [...this.tensors].filter(([name]) => taken.has(name));
    const isShort = (tensor: FileTensor) => integersOf(tensor) !== null;
    const weights = used.filter(([, tensor]) => !isShort(tensor));
    for (const [name, { dtype, bytes }] of weights) requireNumbers(dtype, bytes!, `weights '${name}'`);
    const weightSpecs = weights.map(([name, { shape, dtype }]): WeightSpec => ({ name, shape, dtype }));
    const integers = Object.fromEntries(
      used.filter(([, one]) => isShort(one)).map(([name, one]) => [name, integersOf(one)!]),
    );
    const { input, inputs } = this.row;
    const made = inputs === null ? {} : { inputs: this.withPlaces(inputs, all) };
    const modelTopology: OnnxTopology = { opset: this.opset, input, ...made, outputs, nodes: all, integers };
    return packBundle(
      { format: "onnx", modelTopology, weightSpecs },
      weights.map(([, { bytes }]) => bytes!),
    );
  }

  private withPlaces(inputs: readonly ModelInput[], nodes: readonly OnnxNodeFacts[]): ModelInput[] {
    const whole = inputs.filter(({ dtype }) => dtype !== "float32").map(({ name }) => name);
    const below = placesBelow(whole, nodes, (name) => rowsOf(this.tensors.get(name)));
    return inputs.map((input) => {
      const most = below.get(input.name);
      return most === undefined ? input : { ...input, below: most };
    });
  }
}

function rowsOf(tensor: FileTensor | undefined): number | null {
  return tensor?.shape[0] ?? null;
}

function own(name: string, scope: Map<string, string>, prefix: string): string {
  if (prefix !== "") scope.set(name, prefix + name);
  return prefix + name;
}

/** The output and everything that it is made from, as places of nodes. */
function neededFor(output: string, nodes: readonly PackedNode[], makers: ReadonlyMap<string, number>): Set<number> {
  const needed = new Set<number>();
  const waiting = [output];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const at = makers.get(name);
    if (at === undefined || needed.has(at)) continue;
    needed.add(at);
    waiting.push(...nodes[at]!.facts.inputs);
  }
  return needed;
}

/** Many nodes of one operator are refused for one reason. */
function kindOf({ op, outputs }: OnnxNodeFacts, refusal: string): string {
  return refusal.replace(nodeName(op, outputs), op);
}

const rawName = (name: string): string => `${name}/raw`;

function renamed(facts: OnnxNodeFacts, names: ReadonlySet<string>): OnnxNodeFacts {
  const rename = (name: string) => (names.has(name) ? rawName(name) : name);
  return { ...facts, inputs: facts.inputs.map(rename), outputs: facts.outputs.map(rename) };
}

function castNode(from: string, to: string): OnnxNodeFacts {
  return { op: "Cast", inputs: [from], outputs: [to], attributes: { to: { i: DATA_TYPE_NUMBERS.float32 } } };
}
