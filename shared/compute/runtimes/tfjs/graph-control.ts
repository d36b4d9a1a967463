/**
 * Control inputs ("^name") say that a node must have run before another. In a graph without state the order of its tensors is all the order
 * there is, so they go, and with them what only they led to: assertions, NoOp.
 */
import { asArray, asObject, type JsonObject } from "../../model-json.ts";
import { isControl, nodeOf } from "./graph-node.ts";

/** @param topology of a Graph model, as converters write it */
export function withoutControl(topology: JsonObject): JsonObject {
  const nodes = asArray(topology.node, "model topology: node").map((value) => asObject(value, "graph node"));
  const inputsOf = (node: JsonObject) => asArray(node.input ?? [], "graph node: input");
  if (!nodes.some((node) => inputsOf(node).some(isControl))) return topology;
  const consumers = new Map<unknown, number>();
  const count = (input: unknown, by: number): number => {
    const name = nodeOf(String(input));
    const left = (consumers.get(name) ?? 0) + by;
    consumers.set(name, left);
    return left;
  };
  const dataOf = (node: JsonObject) => inputsOf(node).filter((input) => !isControl(input));
  for (const node of nodes) for (const input of dataOf(node)) count(input, 1);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  // From the nodes that control inputs alone led to, back to what nobody takes any more.
  const waiting = nodes.flatMap((node) => inputsOf(node).filter(isControl)).map((input) => String(input).slice(1));
  const gone = new Set<unknown>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = byName.get(nodeOf(name));
    if (node === undefined || gone.has(node.name) || (consumers.get(node.name) ?? 0) > 0) continue;
    if (node.op === "Placeholder") continue;
    gone.add(node.name);
    for (const input of dataOf(node)) if (count(input, -1) === 0) waiting.push(String(input));
  }
  const kept = nodes.filter((node) => !gone.has(node.name));
  return {
    ...topology,
    node: kept.map((node) => (node.input === undefined ? node : { ...node, input: dataOf(node) })),
  };
}
