/**
 * Both sides of a branch are computed where the query decides between them. The side that is not taken must not end the run: numbers of its
 * own by which an operator could fail are replaced there by one with which none does.
 */
import { type BatchedTensor, isFloat, isMultiple } from "../../tensors/batched-tensor.ts";
import type { OnnxNodeFacts } from "./onnx-topology.ts";

export interface FailingInput {
  /** Among the operator's inputs. */
  readonly place: number;
  /** A number with which it never fails. */
  readonly safe: number;
}

/** Places among a table's rows: none is outside. */
const IN_TABLES: Readonly<Record<string, readonly number[]>> = {
  EmbedLayerNormalization: [0, 1, 7],
  Gather: [1],
  GatherElements: [1],
  GatherND: [1],
  Scatter: [1],
  ScatterElements: [1],
  ScatterND: [1],
};
/** Whole numbers are not divided by zero. */
const DIVISIONS = new Set(["Div", "Mod"]);

/** @param tensorOf what is known of an input by then @returns the inputs by whose numbers the operator may fail */
export function failingInputs(
  { op, inputs, attributes }: OnnxNodeFacts,
  tensorOf: (name: string) => BatchedTensor | undefined,
): FailingInput[] {
  const of = (place: number) => tensorOf(inputs[place] ?? "");
  if (DIVISIONS.has(op)) {
    const divisor = of(1);
    if (divisor === undefined || isFloat(divisor.dtype)) return [];
    return divisor.values?.every((value) => value !== 0) ? [] : [{ place: 1, safe: 1 }];
  }
  if (op === "ReverseSequence") return of(1)?.values ? [] : [{ place: 1, safe: 1 }];
  const places = Object.hasOwn(IN_TABLES, op) ? IN_TABLES[op]! : [];
  const { axis } = attributes;
  const isWithin = (place: number): boolean => {
    const [table, asked] = [of(0), of(place)];
    if (op !== "Gather" || table === undefined || !asked?.values) return false;
    const given = axis !== undefined && "i" in axis ? axis.i : 0;
    const length = table.shape.at(given) ?? 0;
    return asked.values.every((value) => !isMultiple(value) && value >= -length && value < length);
  };
  return places.filter((place) => of(place) !== undefined && !isWithin(place)).map((place) => ({ place, safe: 0 }));
}
