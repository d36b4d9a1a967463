/**
 * Answers are float32. A whole number that float32 does not hold exactly becomes an infinity instead of its neighbour, so that its row is marked as
 * one without numbers and not answered with others.
 */
import type { ComputedDtype } from "../../tensors/batched-tensor.ts";
import { WHOLE_ANSWER_MAX } from "../../whole-answers.ts";
import { castNode } from "./choice-nodes.ts";
import type { OnnxNodeFacts } from "./onnx-topology.ts";
import type { FileTensor } from "./read-onnx.ts";

/** Of others float32 holds all. */
const LARGE: ReadonlySet<ComputedDtype> = new Set(["int32", "uint32", "int64", "uint64"]);
/** From this version on the smaller of two float64 is taken. */
const ENDS_OPSET = 8;

export interface OutputNodes {
  readonly nodes: readonly OnnxNodeFacts[];
  readonly tensors: readonly FileTensor[];
}

/** As heldByFloat32 has it. @param fresh gives a name that nothing has */
export function floatOutput(
  { from, to, dtype, opset }: { from: string; to: string; dtype: ComputedDtype; opset: number },
  fresh: (wanted: string) => string,
): OutputNodes {
  if (!LARGE.has(dtype)) return { nodes: [castNode(from, to, "float32")], tensors: [] };
  const names = ["wide", "float", "back", "apart", "isOther", "same", "one"];
  const [wide, float, back, apart, isOther, same, one] = names.map((name) => fresh(`${to}/${name}`));
  const nodes = [castNode(from, wide!, "float64")];
  const tensors: FileTensor[] = [];
  let cut = wide!;
  for (const [op, end] of opset < ENDS_OPSET
    ? []
    : ([
        ["Min", WHOLE_ANSWER_MAX],
        ["Max", -WHOLE_ANSWER_MAX],
      ] as const)) {
    const [name, next] = [fresh(`${to}/${op}`), fresh(`${to}/cut`)];
    tensors.push({ name, dtype: "float64", shape: [], bytes: new Uint8Array(Float64Array.of(end).buffer) });
    nodes.push({ op, inputs: [cut, name], outputs: [next], attributes: {} });
    cut = next;
  }
  nodes.push(
    castNode(cut, float!, "float32"),
    castNode(float!, back!, "float64"),
    // Before opset 11 no float64 are compared.
    { op: "Sub", inputs: [back!, wide!], outputs: [apart!], attributes: {} },
    castNode(apart!, isOther!, "bool"),
    { op: "Not", inputs: [isOther!], outputs: [same!], attributes: {} },
    castNode(same!, one!, "float32"),
    // By 1, or by 0: what is not held is not 0 itself.
    { op: "Div", inputs: [float!, one!], outputs: [to], attributes: {} },
  );
  return { nodes, tensors };
}
