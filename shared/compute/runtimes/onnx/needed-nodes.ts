/** Which nodes of a graph an output is made by. */
import type { ModelError } from "../../errors.ts";
import type { OnnxNodeFacts } from "./onnx-topology.ts";

export interface PackedNode {
  readonly facts: OnnxNodeFacts;
  /** Why it is not taken; what only follows from a refusal has none. */
  readonly refusal: ModelError | null;
}

/** The output and everything that it is made from, as places of nodes. */
export function nodesFor(
  output: string,
  nodes: readonly PackedNode[],
  makers: ReadonlyMap<string, number>,
): Set<number> {
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
