/**
 * Arithmetic on shapes. Exporters write `expand(-1, ...)` as a comparison of the wanted shape with -1, and a choice; all of it is
 * known before anything runs, but for the batch itself.
 */
import { ONNX_INTEGERS_MAX } from "../../../protocol/limits.ts";
import { checkedSize } from "../../checked-size.ts";
import { fail } from "../../model-json.ts";
import { integerTensor, type KnownInteger, type OnnxCost, type OnnxOperator } from "./onnx-operator.ts";

export function constantOfShape(node: OnnxOperator): OnnxCost {
  node.atMost(1);
  const shape = node.numbersAt(0, "shape") ?? fail(node.what, "a shape", "none");
  const value = node.integerTensorOf("value") ?? fail(`${node.what}: value`, "a whole number", "another kind");
  const size = checkedSize(shape, ONNX_INTEGERS_MAX, node.what);
  return { outputs: [integerTensor(new Array<number>(size).fill(value), shape)], macs: 0 };
}

/** 1 where two whole numbers are the same, else 0. Whether the batch is some number above 0 is not known. */
export function equal(node: OnnxOperator): OnnxCost {
  return eachOf(node, 2, ([a, b]) => {
    if (a === "batch" && b === "batch") return 1;
    if (a !== "batch" && b !== "batch") return a === b ? 1 : 0;
    const number = (a === "batch" ? b : a) as number;
    return number < 1 ? 0 : fail(node.what, "a comparison that the batch does not decide", number);
  });
}

export function where(node: OnnxOperator): OnnxCost {
  return eachOf(node, 3, ([condition, yes, no]) => {
    return condition === "batch"
      ? fail(node.what, "a condition that is known", "the batch")
      : condition === 0
        ? no!
        : yes!;
  });
}

/** @returns null where the inputs are float32 */
export function integerArithmetic(node: OnnxOperator, op: (a: number, b: number) => number): OnnxCost | null {
  if (node.allIntegers() === null) return null;
  return eachOf(node, 2, ([a, b]) => {
    const value = a === "batch" || b === "batch" ? fail(node.what, "numbers", "the batch") : op(a!, b!);
    return Number.isSafeInteger(value) ? value : fail(node.what, "a whole number", value);
  });
}

/** One list of numbers with another, or with a single one. */
function eachOf(node: OnnxOperator, count: number, rule: (values: KnownInteger[]) => KnownInteger): OnnxCost {
  const inputs = node.allIntegers();
  if (inputs === null || inputs.length !== count)
    return fail(node.what, `${count} inputs of known whole numbers`, "others");
  const longest = inputs.reduce((a, b) => (b.integers.length > a.integers.length ? b : a));
  const { length } = longest.integers;
  if (inputs.some(({ integers }) => integers.length !== length && integers.length !== 1)) {
    fail(
      node.what,
      `lists of ${length} numbers, or single ones`,
      inputs.map(({ shape }) => shape),
    );
  }
  const values = Array.from({ length }, (_, i) =>
    rule(inputs.map(({ integers }) => integers[integers.length === 1 ? 0 : i]!)),
  );
  return { outputs: [integerTensor(values, longest.shape)], macs: 0 };
}
