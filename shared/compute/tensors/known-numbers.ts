/**
 * Arithmetic on numbers that are known before anything runs: exporters compute shapes from shapes, and write `expand(-1, ...)` as a
 * comparison and a choice. The size of the batch stays open; what would depend on it is refused.
 */
import { fromHalf, toHalf } from "../../protocol/half-floats.ts";
import { KNOWN_NUMBERS_MAX } from "../../protocol/limits.ts";
import { fail } from "../model-json.ts";
import {
  type BatchedTensor,
  broadcast,
  type ComputedDtype,
  isFloat,
  isMultiple,
  isSameKnown,
  type Known,
  knownTensor,
  type OperatorCost,
  sizeOf,
} from "./batched-tensor.ts";
import { isFar } from "./sure-numbers.ts";

/** Of a choice between two; an operator of a thousand inputs, many times over, would take hours. */
const TAKEN_NUMBERS_MAX = 3 * KNOWN_NUMBERS_MAX;

/** Of numbers that are known. @param refuse throws: the batch's size decides */
export type KnownRule = (values: readonly Known[], refuse: (got: unknown) => never) => Known;

/**
 * The output of an operator that takes numbers one by one, where all of them are known.
 * @param picks the rule gives one of the numbers that it was given, which need not be exact for that
 * @returns null where some come with the query, there are too many to follow, or a whole number would not be exact
 */
export function evaluated(
  what: string,
  inputs: readonly BatchedTensor[],
  dtype: ComputedDtype,
  rule: KnownRule,
  picks = false,
): OperatorCost | null {
  if (inputs.some(({ values }) => values === null || (!picks && values.some(isFar)))) return null;
  const { shape } = broadcast(what, inputs);
  const size = sizeOf(shape);
  if (size > KNOWN_NUMBERS_MAX || size * inputs.length > TAKEN_NUMBERS_MAX) return null;
  const values = inputs.map((input) => spread(input, input.values ?? [], shape));
  const refuse = (got: unknown): never => fail(what, "an answer that the batch does not decide", got);
  const result: Known[] = [];
  for (let i = 0; i < size; i++) {
    const value = rule(
      values.map((one) => one[i]!),
      refuse,
    );
    const kept = picks ? value : held(value, dtype);
    if (kept === null) return null;
    result.push(kept);
  }
  return knownCost(result, shape, dtype);
}

export function knownCost(values: readonly Known[], shape: readonly number[], dtype: ComputedDtype): OperatorCost {
  return { outputs: [knownTensor(values, shape, dtype)], macs: 0 };
}

/** As `held`. @throws ModelError in its place */
export function rounded(value: Known, dtype: ComputedDtype, what: string): Known {
  return held(value, dtype) ?? fail(what, "whole numbers below 2^53", value);
}

/** As the runtime keeps it: float32 is rounded after every step. @returns null for a whole number from 2^53 on, which a runtime may hold and this does not */
export function held(value: Known, dtype: ComputedDtype): Known | null {
  if (isMultiple(value)) return value.batch === 0 ? 0 : value;
  if (dtype === "float32") return Math.fround(value);
  return isFloat(dtype) || Number.isSafeInteger(value) ? value + 0 : null;
}

/** Numbers of one shape as those of a larger one, as numpy broadcasts. */
export function spread(
  { shape }: BatchedTensor,
  values: readonly Known[],
  wanted: readonly number[],
): readonly Known[] {
  if (shape.length === wanted.length && shape.every((length, axis) => length === wanted[axis])) return values;
  if (values.length === 1) return new Array<Known>(sizeOf(wanted)).fill(values[0]!);
  const own = [...Array<number>(wanted.length - shape.length).fill(1), ...shape];
  return Array.from({ length: sizeOf(wanted) }, (_, i) => {
    let [rest, at, stride] = [i, 0, 1];
    for (let axis = wanted.length - 1; axis >= 0; axis--) {
      const place = rest % wanted[axis]!;
      rest = Math.floor(rest / wanted[axis]!);
      if (own[axis] !== 1) at += place * stride;
      stride *= own[axis]!;
    }
    return values[at]!;
  });
}

type Two = (a: number, b: number) => number;

/** Of two numbers; with the batch in it where `withBatch` knows an answer. */
function two(op: Two, withBatch: (a: Known, b: Known) => Known | null): KnownRule {
  return ([a, b], refuse) => {
    if (!isMultiple(a!) && !isMultiple(b!)) return op(a!, b!);
    return withBatch(a!, b!) ?? refuse(isMultiple(a!) ? b : a);
  };
}

const sum = (sign: 1 | -1) => (a: Known, b: Known) => {
  if (isMultiple(a) && isMultiple(b)) return { batch: a.batch + sign * b.batch };
  if (a === 0 && sign === 1) return b;
  return b === 0 ? a : null;
};
const whole = (value: number): Known | null => (Number.isInteger(value) ? { batch: value } : null);

export const add = two((a, b) => a + b, sum(1));
export const subtract = two((a, b) => a - b, sum(-1));
export const multiply = two(
  (a, b) => a * b,
  (a, b) => {
    if (isMultiple(a)) return isMultiple(b) ? null : { batch: a.batch * b };
    return isMultiple(b) ? { batch: a * b.batch } : null;
  },
);
const divided = (op: Two): KnownRule =>
  two(op, (a, b) => {
    if (!isMultiple(a)) return null;
    if (!isMultiple(b)) return whole(a.batch / b);
    return Number.isInteger(a.batch / b.batch) ? a.batch / b.batch : null;
  });
export const divide = (dtype: ComputedDtype): KnownRule =>
  divided((a, b) => (isFloat(dtype) ? a / b : Math.trunc(a / b)));
export const divideDown = divided((a, b) => Math.floor(a / b));
/** With the sign of what divides; exact up to 2^53, beyond which a product of both may lie. */
function downModulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}
export const modulo = (isFmod: boolean): KnownRule =>
  two(
    (a, b) => (isFmod ? a % b : downModulo(a, b)),
    (a, b) => (isMultiple(a) && !isMultiple(b) && a.batch % b === 0 ? 0 : null),
  );
/** A batch has at least one query. */
export const larger = two(Math.max, (a, b) => pickedBySize(a, b, true));
export const smaller = two(Math.min, (a, b) => pickedBySize(a, b, false));

function pickedBySize(a: Known, b: Known, isLarger: boolean): Known | null {
  if (isMultiple(a) && isMultiple(b)) return a.batch > b.batch === isLarger ? a : b;
  const [multiple, number] = isMultiple(a) ? [a, b as number] : [b as { batch: number }, a as number];
  if (number > multiple.batch) return null;
  return isLarger ? multiple : number;
}

/** Whether the batch is some number above its least is not known. */
export const isEqual = two(
  (a, b) => Number(a === b),
  (a, b) => {
    if (isMultiple(a) && isMultiple(b)) return Number(isSameKnown(a, b));
    const [{ batch }, number] = (isMultiple(a) ? [a, b] : [b, a]) as [{ batch: number }, number];
    return number < batch || number % batch !== 0 ? 0 : null;
  },
);
export const isLess = two(
  (a, b) => Number(a < b),
  (a, b) => {
    if (isMultiple(a) && isMultiple(b)) return Number(a.batch < b.batch);
    if (isMultiple(a)) return (b as number) <= a.batch ? 0 : null;
    return (a as number) < (b as { batch: number }).batch ? 1 : null;
  },
);
export const isGreater: KnownRule = ([a, b], refuse) => isLess([b!, a!], refuse);
const not = (rule: KnownRule): KnownRule => {
  return (values, refuse) => (rule(values, refuse) === 0 ? 1 : 0);
};
export const isAtMost = not(isGreater);
export const isAtLeast = not(isLess);
export const both = two(
  (a, b) => Number(a !== 0 && b !== 0),
  () => null,
);
export const either = two(
  (a, b) => Number(a !== 0 || b !== 0),
  () => null,
);
export const onlyOne = two(
  (a, b) => Number((a !== 0) !== (b !== 0)),
  () => null,
);

export const choice: KnownRule = ([condition, yes, no], refuse) =>
  isMultiple(condition!) ? refuse("the batch's size") : condition === 0 ? no! : yes!;

/** To the nearest, ties to even. */
function nearest(value: number): number {
  const below = Math.floor(value);
  const over = value - below;
  if (over !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

const one = (op: (value: number) => number, withBatch: (multiple: number) => Known | null = () => null): KnownRule => {
  return ([value], refuse) => {
    if (!isMultiple(value!)) return op(value!);
    return withBatch(value!.batch) ?? refuse("the batch's size");
  };
};
const kept = (batch: number): Known => ({ batch });

/** Operators of one input that shapes are computed with. */
export const KNOWN_UNARY: Readonly<Record<string, KnownRule>> = {
  Abs: one(Math.abs, kept),
  Ceil: one(Math.ceil, kept),
  Floor: one(Math.floor, kept),
  Neg: one(
    (value) => -value,
    (batch) => ({ batch: -batch }),
  ),
  Not: one((value) => Number(value === 0)),
  Round: one(nearest, kept),
  Sign: one(Math.sign, () => 1),
  Sqrt: one(Math.sqrt),
};

export function castTo(dtype: ComputedDtype): KnownRule {
  if (dtype === "bool") return one((value) => Number(value !== 0));
  if (isFloat(dtype)) return ([value]) => value!;
  return one(Math.trunc, kept);
}

const word = new DataView(new ArrayBuffer(4));

/** As a float of half precision holds it. Libraries cut a bfloat16 in ways of their own: what it does not hold as it is, is not known. */
export function toHalfOf(kind: "float16" | "bfloat16"): KnownRule {
  return ([value]) => {
    if (isMultiple(value!)) return value;
    if (kind === "float16") return fromHalf(toHalf(value!));
    word.setFloat32(0, value!);
    return word.getUint16(2) === 0 ? value! : Number.NaN;
  };
}

/** Of a whole tensor to one number. */
export const KNOWN_REDUCTIONS: Readonly<Record<string, KnownRule>> = {
  ReduceMax: larger,
  ReduceMin: smaller,
  ReduceProd: multiply,
  ReduceSum: add,
};
