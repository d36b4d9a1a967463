/**
 * Nodes after those whose outputs they take, as the format asks for. Not every writer keeps to it, and libraries sort by themselves: who
 * converts a file to half precision finds casts of its inputs at the end.
 */
import { ONNX_BRANCH_DEPTH_MAX } from "../../../protocol/limits.ts";
import * as field from "./onnx-fields.ts";
import { wireFields } from "./wire-fields.ts";

/** Of a file's node: the graphs within it are bytes still. */
interface ReadNode {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, object>>;
}

/** @returns the same list where it is in order already; else each node as early as it can be. A circle stays as it is, and is refused later. */
export function nodesInOrder<Node extends ReadNode>(nodes: readonly Node[]): readonly Node[] {
  const makers = new Map(nodes.flatMap((node, place) => node.outputs.map((name) => [name, place] as const)));
  const needs = (place: number) => namesTakenBy(nodes[place]!).flatMap((name) => makers.get(name) ?? []);
  if (nodes.every((_, place) => needs(place).every((maker) => maker < place))) return nodes;
  const order: Node[] = [];
  const state: ("open" | "done" | undefined)[] = [];
  for (const first of nodes.keys()) {
    const stack = [first];
    for (let place = stack.at(-1); place !== undefined; place = stack.at(-1)) {
      const missing = state[place] === undefined ? needs(place).filter((maker) => state[maker] === undefined) : [];
      if (missing.length > 0) {
        state[place] = "open";
        stack.push(...missing.toReversed());
        continue;
      }
      stack.pop();
      if (state[place] === "done") continue;
      if (needs(place).some((maker) => state[maker] !== "done")) return nodes;
      order.push(nodes[place]!);
      state[place] = "done";
    }
  }
  return order;
}

/** Those of graphs within it too: a branch takes what stands around it. */
function namesTakenBy({ inputs, attributes }: ReadNode): readonly string[] {
  const graphs = Object.values(attributes).flatMap((value) => ("g" in value ? [value.g as Uint8Array] : []));
  return graphs.length === 0 ? inputs : [...inputs, ...graphs.flatMap((graph) => namesTakenIn(graph, 1))];
}

function namesTakenIn(graph: Uint8Array, depth: number): string[] {
  if (depth > ONNX_BRANCH_DEPTH_MAX) return [];
  const names: string[] = [];
  for (const one of wireFields(graph, "onnx graph")) {
    if (one.number !== field.GRAPH.node) continue;
    for (const { number, bytes } of wireFields(one.bytes, "onnx node")) {
      if (number === field.NODE.input) names.push(new TextDecoder().decode(bytes));
      if (number !== field.NODE.attribute) continue;
      for (const inner of wireFields(bytes, "onnx node: attribute")) {
        if (inner.number === field.ATTRIBUTE.g) names.push(...namesTakenIn(inner.bytes, depth + 1));
      }
    }
  }
  return names;
}
