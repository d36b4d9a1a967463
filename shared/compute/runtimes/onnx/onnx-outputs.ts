/** A graph with several outputs becomes one with a single output: one of them, or all of them in a row. */
import { FREE, type OnnxNodeFacts, type OnnxTopology } from "./onnx-topology.ts";

/** @returns the graph without what served the other outputs alone */
export function keepOutput(topology: OnnxTopology, output: string): OnnxTopology {
  const needed = new Set([output]);
  const nodes: OnnxNodeFacts[] = [];
  // Nodes stand in order: whoever makes something comes before whoever takes it.
  for (const node of topology.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of node.inputs) needed.add(name);
    nodes.unshift(node);
  }
  return { ...topology, outputs: [output], nodes, integers: only(topology, needed) };
}

/** @returns the graph with one output more, its only one: all others of a query one after the other, each flattened */
export function joinOutputs(topology: OnnxTopology): OnnxTopology {
  const { input, outputs, nodes, integers } = topology;
  const taken = new Set([input.name, ...nodes.flatMap((node) => [...node.inputs, ...node.outputs])]);
  const fresh = (name: string): string => (taken.has(name) ? fresh(`${name}_`) : name);
  const [row, joined] = [fresh("all-row"), fresh("all")];
  const isFree = input.shape[0] === FREE;
  const parts = outputs.map((_, i) => fresh(`all-${i}`));
  const flattened = outputs.map((name, i): OnnxNodeFacts => {
    const made = { outputs: [parts[i]!], attributes: {} };
    // With a batch of 1 an output may have lost its batch dimension, or be a single number.
    return isFree ? { op: "Flatten", inputs: [name], ...made } : { op: "Reshape", inputs: [name, row], ...made };
  });
  const concat: OnnxNodeFacts = { op: "Concat", inputs: parts, outputs: [joined], attributes: { axis: { i: 1 } } };
  return {
    ...topology,
    outputs: [joined],
    nodes: [...nodes, ...flattened, concat],
    integers: isFree ? integers : { ...integers, [row]: { dtype: "int64", shape: [2], values: [1, -1] } },
  };
}

function only({ integers }: OnnxTopology, names: ReadonlySet<string>): OnnxTopology["integers"] {
  return Object.fromEntries(Object.entries(integers).filter(([name]) => names.has(name)));
}
