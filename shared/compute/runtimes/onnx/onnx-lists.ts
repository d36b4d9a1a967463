/**
 * Lists of tensors, as scripted models have them: which tensors are in a list is known while the graph is read, so that lists are gone from
 * what runs. What a list is made of, and what is taken out of it, are tensors under their own names.
 */
import { ONNX_LIST_ITEMS_MAX } from "../../../protocol/limits.ts";
import { fail } from "../../model-json.ts";
import { type BatchedTensor, isMultiple } from "../../tensors/batched-tensor.ts";
import { isFar } from "../../tensors/sure-numbers.ts";
import type { OnnxNodeFacts } from "./onnx-topology.ts";
import { type FileNode, nodeName } from "./read-onnx.ts";

export interface TensorList {
  readonly items: readonly string[];
  /** Named where a list is what the model would answer. */
  readonly maker: FileNode;
}

/** What the graph around knows and does. */
export interface ListHands {
  listOf(name: string): TensorList | null;
  tensorOf(name: string): BatchedTensor | null;
  keep(name: string, list: TensorList): void;
  push(facts: OnnxNodeFacts): void;
  addIntegers(name: string, shape: readonly number[], values: readonly number[]): void;
  /** A name that nothing in the graph has. */
  fresh(wanted: string): string;
  readonly opset: number;
}

/** From this version on, axes to squeeze are an input. */
const AXES_INPUT_OPSET = 13;

type ListRule = (node: FileNode, hands: ListHands) => void;

const RULES: Readonly<Record<string, ListRule>> = {
  SequenceEmpty: (node, hands) => keep(node, hands, []),
  SequenceConstruct: (node, hands) =>
    keep(
      node,
      hands,
      node.inputs.map((name) => itemOf(node, hands, name)),
    ),
  SequenceInsert(node, hands) {
    const items = itemsOf(node, hands);
    const at = placeOf(node, hands, 2, { missing: items.length, length: items.length, last: items.length });
    keep(node, hands, items.toSpliced(at, 0, itemOf(node, hands, node.inputs[1])));
  },
  SequenceErase(node, hands) {
    const items = itemsOf(node, hands);
    const last = items.length - 1;
    keep(node, hands, items.toSpliced(placeOf(node, hands, 1, { missing: last, length: items.length, last }), 1));
  },
  SequenceAt(node, hands) {
    const items = itemsOf(node, hands);
    const at = placeOf(node, hands, 1, { missing: null, length: items.length, last: items.length - 1 });
    hands.push({ op: "Identity", inputs: [items[at]!], outputs: [outputOf(node)], attributes: {} });
  },
  SequenceLength: (node, hands) => hands.addIntegers(outputOf(node), [], [itemsOf(node, hands).length]),
  ConcatFromSequence(node, hands) {
    const items = itemsOf(node, hands);
    const axis = node.attributes.axis;
    const isNew = node.attributes.new_axis;
    if (axis === undefined || !("i" in axis)) return fail(whatOf(node), "an axis", "none");
    const inputs = isNew !== undefined && "i" in isNew && isNew.i === 1 ? stacked(node, items, axis.i, hands) : items;
    hands.push({ op: "Concat", inputs, outputs: [outputOf(node)], attributes: { axis: { i: axis.i } } });
  },
};

export const LIST_OPERATORS: readonly string[] = Object.keys(RULES);

/** @returns whether it is an operator of lists, which was done then @throws ModelError where it is not taken */
export function addToLists(node: FileNode, hands: ListHands): boolean {
  if (node.domain !== "" || !Object.hasOwn(RULES, node.op)) return false;
  RULES[node.op]!(node, hands);
  return true;
}

/** Each with a new axis of 1. */
export function stacked(node: FileNode, items: readonly string[], axis: number, hands: ListHands): string[] {
  const isInput = hands.opset >= AXES_INPUT_OPSET;
  const axes = isInput ? hands.fresh(`${outputOf(node)}/axes`) : "";
  if (isInput) hands.addIntegers(axes, [1], [axis]);
  return items.map((item, i) => {
    const name = hands.fresh(`${outputOf(node)}/item-${i}`);
    const attributes = isInput ? {} : { axes: { is: [axis] } };
    hands.push({ op: "Unsqueeze", inputs: isInput ? [item, axes] : [item], outputs: [name], attributes });
    return name;
  });
}

function keep(node: FileNode, hands: ListHands, items: readonly string[]): void {
  if (items.length > ONNX_LIST_ITEMS_MAX) fail(whatOf(node), `lists of at most ${ONNX_LIST_ITEMS_MAX}`, items.length);
  hands.keep(outputOf(node), { items, maker: node });
}

function itemsOf(node: FileNode, hands: ListHands): readonly string[] {
  return hands.listOf(node.inputs[0] ?? "")?.items ?? fail(whatOf(node), "a list", "a tensor, or nothing");
}

function itemOf(node: FileNode, hands: ListHands, name = ""): string {
  return hands.tensorOf(name) === null ? fail(whatOf(node), "a tensor made by an earlier node", name) : name;
}

interface Places {
  /** null: it must be said. */
  readonly missing: number | null;
  /** Of the list: numbers below 0 count from its end. */
  readonly length: number;
  readonly last: number;
}

function placeOf(node: FileNode, hands: ListHands, input: number, { missing, length, last }: Places): number {
  const name = node.inputs[input] ?? "";
  const said = name === "" ? missing : (hands.tensorOf(name)?.values?.[0] ?? null);
  if (said === null || isMultiple(said)) return fail(whatOf(node), "a place that is a constant", "a computed value");
  if (isFar(said)) fail(whatOf(node), `a place in a list of ${length}`, "one far beyond it");
  const at = said < 0 ? said + length : said;
  return Number.isInteger(at) && at >= 0 && at <= last
    ? at
    : fail(whatOf(node), `a place in a list of ${length}`, said);
}

const outputOf = ({ outputs }: FileNode): string => outputs[0] ?? "";
const whatOf = ({ op, outputs }: FileNode): string => nodeName(op, outputs);
