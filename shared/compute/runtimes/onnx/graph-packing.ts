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
import { choiceNodes, type TensorChoice } from "./choice-nodes.ts";
import { ConstantHalves } from "./constant-halves.ts";
import { constantOf, integersOf, longBytes, nodeFacts } from "./file-nodes.ts";
import type { FreshNames } from "./fresh-names.ts";
import { nodesFor, type PackedNode } from "./needed-nodes.ts";
import { adviceFor, failUnknown } from "./onnx-advice.ts";
import type { OtherFiles } from "./onnx-external.ts";
import { addToLists, type ListHands, stacked, type TensorList } from "./onnx-lists.ts";
import { requireNumbers } from "./onnx-numbers.ts";
import { BatchSizeError } from "./onnx-operator.ts";
import { placesBelow } from "./onnx-places.ts";
import type { RowInput } from "./onnx-rows.ts";
import { FREE, type OnnxNodeFacts, type OnnxTopology } from "./onnx-topology.ts";
import { type FileNode, type FileTensor, nodeName, type OnnxGraph, readGraph } from "./read-onnx.ts";
import { failingInputs } from "./untaken-sides.ts";
import { OnnxWalk } from "./walk-onnx.ts";
import { floatOutput } from "./whole-outputs.ts";

/** Names in a branch are its own; these are what they are called in the whole. */
type Scope = ReadonlyMap<string, string>;

export interface PackingOf {
  readonly opset: number;
  readonly row: RowInput;
  /** The file's, with those that the row's nodes have. */
  readonly names: FreshNames;
  readonly reasons: Reasons;
  readonly others: OtherFiles;
}

export class GraphPacking {
  private readonly opset: number;
  private readonly row: RowInput;
  private readonly reasons: Reasons;
  private readonly others: OtherFiles;
  private readonly walk: OnnxWalk;
  private readonly nodes: PackedNode[] = [];
  private readonly tensors = new Map<string, FileTensor>();
  private readonly names: FreshNames;
  /** What a refused node would have made, and what hangs on it. */
  private readonly unknown = new Set<string>();
  private readonly lists = new Map<string, TensorList>();
  private readonly hands: ListHands;
  private readonly halves: ConstantHalves;
  /** Is the side of a branch taken that is being written out? A tensor; null: it is sure to be. */
  private isTaken: string | null = null;
  /** By a condition: it without axes. */
  private readonly scalars = new Map<string, string>();
  private turns = 0;
  private tensorBytes = 0;

  /** @throws ModelError where the row is too large */
  constructor({ opset, row, names, reasons, others }: PackingOf) {
    this.opset = opset;
    this.row = row;
    this.reasons = reasons;
    this.others = others;
    this.walk = new OnnxWalk(opset, row.input);
    this.halves = new ConstantHalves(this.walk);
    this.names = names;
    names.take(row.input.name);
    this.hands = {
      opset,
      listOf: (name) => this.lists.get(name) ?? null,
      tensorOf: (name) => this.walk.tensors.get(name) ?? null,
      fresh: this.fresh,
      keep: (name, list) => void this.lists.set(name, list),
      push: (facts) => this.push(facts),
      addIntegers: (name, shape, values) =>
        this.define({ name, dtype: "int64", shape, bytes: longBytes(values) }, name),
    };
    for (const { name, values } of row.integers) {
      this.define({ name, dtype: "int64", shape: [values.length], bytes: longBytes(values) }, name);
    }
    for (const facts of row.nodes) {
      for (const name of facts.outputs) names.take(name);
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
    this.halves.addTensor(name, tensor);
  }

  private claim(name: string, what: string): void {
    if (name === "") fail(what, "a name for every tensor", name);
    if (!this.names.take(name)) fail(what, "tensors whose names differ", name);
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
        this.addOperator(named);
      }
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.refuse(named, error);
    }
  }

  private addOperator(node: FileNode): void {
    const facts = this.withScalars(this.withoutFailing(nodeFacts(node)));
    const kind = this.halves.kindOf(node);
    if (kind === null) return this.push(facts);
    const isCast = facts.op === "Cast";
    const wide = isCast ? facts.inputs : facts.outputs.map((name) => name && this.fresh(`${name}/wide`));
    if (!isCast) this.push({ ...facts, outputs: wide });
    for (const [place, output] of facts.outputs.entries()) {
      if (output === "") continue;
      const from = wide[place]!;
      const isRounded = isCast || this.walk.tensors.get(from)!.dtype === "float32";
      if (!isRounded) this.addIdentity(from, output);
      else for (const one of this.halves.rounding(from, kind, output, this.fresh)) this.push(one);
    }
  }

  private push(facts: OnnxNodeFacts): void {
    this.walk.add(facts);
    this.nodes.push({ facts, refusal: null });
    this.halves.follow(facts);
  }

  /** In a side of a branch that may not be taken. */
  private withoutFailing(facts: OnnxNodeFacts): OnnxNodeFacts {
    const { isTaken } = this;
    if (isTaken === null) return facts;
    const inputs = [...facts.inputs];
    for (const { place, safe } of failingInputs(facts, (name) => this.walk.tensors.get(name))) {
      const [given, name] = [inputs[place]!, this.fresh(`${facts.outputs[0]}/input-${place}`)];
      const other = this.fresh(`${name}/safe`);
      this.define({ name: other, dtype: "int64", shape: [], bytes: longBytes([safe]) }, other);
      this.pushChoice({ condition: isTaken, yes: given, no: other, output: name });
      inputs[place] = name;
    }
    return { ...facts, inputs };
  }

  private pushChoice(choice: TensorChoice): void {
    const nodes = choiceNodes(choice, (name) => this.walk.tensors.get(name)!.dtype, this.fresh);
    for (const facts of nodes) this.push(facts);
  }

  private readonly fresh = (wanted: string): string => this.names.fresh(wanted);

  private refuse({ op, inputs, outputs }: FileNode, refusal: ModelError | null): void {
    for (const name of outputs) this.unknown.add(name);
    this.nodes.push({ facts: { op, inputs, outputs, attributes: {} }, refusal });
  }

  /**
   * Of a branch whose condition is known the one side takes the node's place. Where the query decides, and it is alone, or a constant whose
   * number is not known exactly, both sides are computed and one is chosen: operators have no effect but what they give.
   */
  private addBranch(node: FileNode, scope: Scope, depth: number): void {
    const what = nodeName(node.op, node.outputs);
    if (depth >= ONNX_BRANCH_DEPTH_MAX) fail(what, `branches at most ${ONNX_BRANCH_DEPTH_MAX} deep`, "more");
    const condition = this.walk.tensors.get(node.inputs[0] ?? "");
    const value = condition?.values?.[0];
    if (value !== undefined && !isMultiple(value)) {
      for (const [place, from] of this.addSide(node, value !== 0, scope, depth).entries()) {
        this.addIdentity(from, node.outputs[place]!);
      }
      return;
    }
    const isOne =
      condition !== undefined && condition.batch === null && condition.shape.every((length) => length === 1);
    const isForAll = this.row.input.shape[0] !== FREE || this.walk.isConstant(node.inputs[0]!);
    if (!isOne || !isForAll || condition.dtype !== "bool" || condition.values !== null) {
      const { why, whatToDo } = adviceFor("If");
      failWith(what, "a graph without control flow (If, Loop, Scan)", "If", `${why}: ${whatToDo}`);
    }
    const one = this.scalarOf(node.inputs[0]!);
    const around = this.isTaken;
    const sides = [true, false].map((side) => {
      this.isTaken = this.sideOf(one, side, around);
      try {
        return this.addSide(node, side, scope, depth);
      } finally {
        this.isTaken = around;
      }
    });
    for (const [place, output] of node.outputs.entries()) {
      const [yes, no] = sides.map((side) => side[place]!);
      if (this.unknown.has(yes!) || this.unknown.has(no!)) {
        this.refuse({ ...node, inputs: [one, yes!, no!], outputs: [output] }, null);
        continue;
      }
      const [then, otherwise] = [yes!, no!].map((name) => this.walk.tensors.get(name));
      const shapes = [then, otherwise].map((side) => side?.shape.join());
      if (shapes[0] !== shapes[1]) fail(what, "branches that give the same shape", shapes);
      if (then?.dtype !== otherwise?.dtype)
        fail(what, "branches that give the same type", [then?.dtype, otherwise?.dtype]);
      this.pushChoice({ condition: one, yes: yes!, no: no!, output });
    }
  }

  /** @param around of the branch itself @returns a tensor that says whether this side is taken */
  private sideOf(condition: string, isThen: boolean, around: string | null): string {
    let side = condition;
    if (!isThen) {
      side = this.fresh(`${condition}/not`);
      this.push({ op: "Not", inputs: [condition], outputs: [side], attributes: {} });
    }
    if (around === null) return side;
    const both = this.fresh(`${side}/both`);
    this.push({ op: "And", inputs: [around, side], outputs: [both], attributes: {} });
    return both;
  }

  /** The library takes axes of 1 for the ends of a range only where it does not see them before it runs. */
  private withScalars(facts: OnnxNodeFacts): OnnxNodeFacts {
    if (facts.op !== "Range") return facts;
    const hasAxes = (name: string) => (this.walk.tensors.get(name)?.shape.length ?? 0) > 0;
    return { ...facts, inputs: facts.inputs.map((name) => (hasAxes(name) ? this.scalarOf(name) : name)) };
  }

  /** A condition may have axes of 1 that its choice would get too. */
  private scalarOf(condition: string): string {
    const before = this.scalars.get(condition);
    if (before !== undefined) return before;
    const name = this.fresh(`${condition}/one`);
    this.scalars.set(condition, name);
    if (this.walk.tensors.get(condition)!.shape.length === 0) {
      this.push({ op: "Identity", inputs: [condition], outputs: [name], attributes: {} });
      return name;
    }
    const noAxes = this.fresh(`${condition}/no-axes`);
    this.define({ name: noAxes, dtype: "int64", shape: [0], bytes: new Uint8Array(0) }, noAxes);
    this.push({ op: "Reshape", inputs: [condition, noAxes], outputs: [name], attributes: {} });
    return name;
  }

  private addIdentity(from: string, to: string): void {
    const facts = { op: "Identity", inputs: [from], outputs: [to], attributes: {} };
    const list = this.lists.get(from);
    if (list !== undefined) this.lists.set(to, list);
    else if (this.unknown.has(from)) this.refuse({ ...facts, domain: "" }, null);
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
    this.addGraph(graph, inner, this.names.prefix("branch"), depth + 1);
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
    this.addGraph({ ...graph, nodes: constants }, shared, this.names.prefix("loop"), depth + 1);
    const rest = { ...graph, tensors: [], nodes: graph.nodes.filter((one) => !isConstant(one)) };

    let carried: readonly string[] = node.inputs.slice(2);
    const scanned: string[][] = node.outputs.slice(carriedCount).map(() => []);
    let isGoingOn = isEntered !== 0;
    for (let turn = 0; isGoingOn && turn < (turns ?? Number.POSITIVE_INFINITY); turn++) {
      if (++this.turns > ONNX_LOOP_TURNS_MAX) fail(what, `at most ${ONNX_LOOP_TURNS_MAX} turns of loops`, "more");
      const prefix = this.names.prefix("loop");
      const inner = new Map(shared);
      const given = [this.turnNumber(prefix, turn), this.trueName(prefix), ...carried];
      for (const [place, { name }] of graph.inputs.entries()) inner.set(name, given[place]!);
      this.addGraph(rest, inner, prefix, depth + 1);
      const [condition, ...made] = graph.outputs.map(({ name }) => inner.get(name) ?? name);
      if (this.unknown.has(condition!)) return this.refuse({ ...node, inputs: [condition!] }, null);
      const goesOn = this.numberOf(condition);
      if (goesOn === null || goesOn === undefined) return failUnknown(node);
      isGoingOn = goesOn !== 0;
      carried = made.slice(0, carriedCount);
      for (const [i, name] of made.slice(carriedCount).entries()) scanned[i]!.push(name);
    }
    for (const [place, output] of node.outputs.entries()) {
      if (output === "") continue;
      if (place < carriedCount) {
        this.addIdentity(carried[place]!, output);
        continue;
      }
      const items = scanned[place - carriedCount]!;
      if (items.length === 0) fail(what, "a turn at least", "none");
      if (items.some((name) => this.unknown.has(name))) {
        this.refuse({ ...node, inputs: items, outputs: [output] }, null);
        continue;
      }
      const inputs = stacked({ ...node, outputs: [output] }, items, 0, this.hands);
      this.push({ op: "Concat", inputs, outputs: [output], attributes: { axis: { i: 0 } } });
    }
  }

  private turnNumber(prefix: string, turn: number): string {
    const name = this.fresh(`${prefix}turn`);
    this.define({ name, dtype: "int64", shape: [], bytes: longBytes([turn]) }, name);
    return name;
  }

  private trueName(prefix: string): string {
    const name = this.fresh(`${prefix}goes-on`);
    this.define({ name, dtype: "bool", shape: [], bytes: Uint8Array.of(1) }, name);
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
    const all = outputNames.map((name) => ({ name, needed: nodesFor(name, this.nodes, makers) }));
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
    const raw = new Map(cast.map((name) => [name, this.fresh(`${name}/raw`)]));
    const given = [...raw].map(([to, from]) => {
      const { dtype } = this.walk.tensors.get(to)!;
      return floatOutput({ from, to, dtype, opset: this.opset }, this.fresh);
    });
    for (const tensor of given.flatMap(({ tensors }) => tensors)) this.tensors.set(tensor.name, tensor);
    const all = [...nodes.map((facts) => renamed(facts, raw)), ...given.flatMap((one) => one.nodes)];
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

/** Many nodes of one operator are refused for one reason. */
function kindOf({ op, outputs }: OnnxNodeFacts, refusal: string): string {
  return refusal.replace(nodeName(op, outputs), op);
}

function renamed(facts: OnnxNodeFacts, names: ReadonlyMap<string, string>): OnnxNodeFacts {
  const rename = (name: string) => names.get(name) ?? name;
  return { ...facts, inputs: facts.inputs.map(rename), outputs: facts.outputs.map(rename) };
}
