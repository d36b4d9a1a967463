/**
 * Nodes after those whose outputs they take, as the format asks for. Not every writer keeps to it, and libraries sort by themselves: who
 * converts a file to half precision finds casts of its inputs at the end.
 */
import { ONNX_BRANCH_DEPTH_MAX } from "../../../protocol/limits.ts";
import { fail } from "../../model-json.ts";
import * as field from "./onnx-fields.ts";
import { wireFields } from "./wire-fields.ts";

/** Read of graphs within nodes: far more than a model of MODEL_NODES_MAX nodes has. */
const NAMES_WITHIN_MAX = 200_000;

/** Of a file's node: the graphs within it are bytes still. */
interface ReadNode {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, object>>;
}

/** @returns the same list where it is in order already; else each node as early as it can be. A circle stays as it is, and is refused later. */
export function nodesInOrder<Node extends ReadNode>(nodes: readonly Node[]): readonly Node[] {
  const makers = new Map(nodes.flatMap((node, place) => node.outputs.map((name) => [name, place] as const)));
  const reading: NamesReading = { makers, left: NAMES_WITHIN_MAX };
  const needs = nodes.map((node) => [...makersFor(node, reading)]);
  if (needs.every((all, place) => all.every((maker) => maker < place))) return nodes;
  const order: Node[] = [];
  const state: ("open" | "done" | undefined)[] = [];
  for (const first of nodes.keys()) {
    const stack = [first];
    for (let place = stack.at(-1); place !== undefined; place = stack.at(-1)) {
      const missing = state[place] === undefined ? needs[place]!.filter((maker) => state[maker] === undefined) : [];
      if (missing.length > 0) {
        state[place] = "open";
        stack.push(...missing.toReversed());
        continue;
      }
      stack.pop();
      if (state[place] === "done") continue;
      if (needs[place]!.some((maker) => state[maker] !== "done")) return nodes;
      order.push(nodes[place]!);
      state[place] = "done";
    }
  }
  return order;
}

interface NamesReading {
  /** Places of nodes by the names that they make. */
  readonly makers: ReadonlyMap<string, number>;
  left: number;
}

/** What a branch takes stands around it: graphs within it count too. */
function makersFor({ inputs, attributes }: ReadNode, reading: NamesReading): Set<number> {
  const found = new Set<number>();
  for (const name of inputs) addMaker(name, reading, found);
  for (const value of Object.values(attributes)) if ("g" in value) readWithin(value.g as Uint8Array, 1, reading, found);
  return found;
}

function addMaker(name: string, { makers }: NamesReading, found: Set<number>): void {
  const maker = makers.get(name);
  if (maker !== undefined) found.add(maker);
}

/** @throws ModelError where a stranger's graph takes more than any does */
function readWithin(graph: Uint8Array, depth: number, reading: NamesReading, found: Set<number>): void {
  if (depth > ONNX_BRANCH_DEPTH_MAX) return;
  for (const one of wireFields(graph, "onnx graph")) {
    if (one.number !== field.GRAPH.node) continue;
    for (const { number, bytes } of wireFields(one.bytes, "onnx node")) {
      if (number === field.NODE.input) {
        if (reading.left-- <= 0) fail("onnx graph", `at most ${NAMES_WITHIN_MAX} inputs of nodes within nodes`, "more");
        addMaker(new TextDecoder().decode(bytes), reading, found);
      }
      if (number !== field.NODE.attribute) continue;
      for (const inner of wireFields(bytes, "onnx node: attribute")) {
        if (inner.number === field.ATTRIBUTE.g) readWithin(inner.bytes, depth + 1, reading, found);
      }
    }
  }
}
