/** Inputs whose numbers are places in a table of the graph, such as words in a vocabulary: how many rows that table has. */
import type { OnnxNodeFacts } from "./onnx-topology.ts";

/** What leaves the numbers themselves as they are. */
const KEPT_BY = new Set(["Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"]);

/**
 * @param nodes each after what it takes
 * @param rowsOf the length of a constant's first axis; null: no constant
 * @returns for each input that some table is asked with, the least number of rows of such a table
 */
export function placesBelow(
  inputs: readonly string[],
  nodes: readonly OnnxNodeFacts[],
  rowsOf: (name: string) => number | null,
): ReadonlyMap<string, number> {
  /** By tensor: the input that it holds the numbers of. */
  const origin = new Map(inputs.map((name) => [name, name]));
  const below = new Map<string, number>();
  for (const { op, inputs: taken, outputs, attributes } of nodes) {
    const kept = origin.get(taken[0] ?? "");
    if (kept !== undefined && KEPT_BY.has(op)) origin.set(outputs[0]!, kept);
    for (const [table, place] of tablesOf(op, attributes)) {
      const asked = origin.get(taken[place] ?? "");
      const rows = rowsOf(taken[table] ?? "");
      if (asked !== undefined && rows !== null) below.set(asked, Math.min(rows, below.get(asked) ?? rows));
    }
  }
  return below;
}

/** Places among an operator's inputs: of a table, and of what asks for its rows. */
function tablesOf(
  op: string,
  { axis }: OnnxNodeFacts["attributes"],
): readonly (readonly [table: number, asked: number])[] {
  if (op === "EmbedLayerNormalization") {
    return [
      [2, 0],
      [4, 1],
    ];
  }
  return op === "Gather" && (axis === undefined || ("i" in axis && axis.i === 0)) ? [[0, 1]] : [];
}
