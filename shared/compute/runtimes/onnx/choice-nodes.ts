/** Nodes that choose one of two tensors. */
import type { ComputedDtype } from "../../tensors/batched-tensor.ts";
import { DATA_TYPE_NUMBERS } from "./onnx-dtypes.ts";
import type { OnnxNodeFacts } from "./onnx-topology.ts";

/** The library chooses between numbers of few kinds: of others by way of a kind that holds them all. */
const CHOSEN_AS: Readonly<Partial<Record<ComputedDtype, ComputedDtype>>> = {
  ...{ bool: "int32", int8: "int32", int16: "int32", uint16: "int32" },
  ...{ uint32: "int64", uint64: "int64" },
};

export interface TensorChoice {
  /** Without axes. */
  readonly condition: string;
  readonly yes: string;
  /** Of the same type, or int64. */
  readonly no: string;
  readonly output: string;
}

/** @param fresh gives a name that nothing has */
export function choiceNodes(
  { condition, yes, no, output }: TensorChoice,
  dtypeOf: (name: string) => ComputedDtype,
  fresh: (wanted: string) => string,
): OnnxNodeFacts[] {
  const dtype = dtypeOf(yes);
  const by = CHOSEN_AS[dtype] ?? dtype;
  const nodes: OnnxNodeFacts[] = [];
  const sides = [yes, no].map((name, i) => {
    if (dtypeOf(name) === by) return name;
    const cast = fresh(`${output}/${i}`);
    nodes.push(castNode(name, cast, by));
    return cast;
  });
  const chosen = by === dtype ? output : fresh(`${output}/chosen`);
  nodes.push({ op: "Where", inputs: [condition, ...sides], outputs: [chosen], attributes: {} });
  if (chosen !== output) nodes.push(castNode(chosen, output, dtype));
  return nodes;
}

export function castNode(from: string, to: string, dtype: keyof typeof DATA_TYPE_NUMBERS): OnnxNodeFacts {
  return { op: "Cast", inputs: [from], outputs: [to], attributes: { to: { i: DATA_TYPE_NUMBERS[dtype] } } };
}
