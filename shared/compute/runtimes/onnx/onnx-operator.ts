/** One node of an ONNX graph as the rules see it: its attributes, and what its inputs are by then. */
import { fail } from "../../model-json.ts";
import { FREE, type OnnxNodeFacts } from "./onnx-topology.ts";
import { nodeName } from "./read-onnx.ts";

/** A whole number that is known before anything runs; "batch" where it is the free batch dimension. */
export type KnownInteger = number | "batch";

export interface OnnxTensor {
  /** FREE for the batch, which is always the first dimension. */
  readonly shape: readonly number[];
  /** Values of a whole-number tensor, such as axes or a shape; null: it holds float32. */
  readonly integers: readonly KnownInteger[] | null;
}

export interface OnnxCost {
  readonly outputs: readonly OnnxTensor[];
  /** Multiply-adds for one query. */
  readonly macs: number;
  /** Numbers that it needs for a while beside its inputs and outputs, for one query. */
  readonly scratch?: number;
  /** The same whatever the batch: what a library unfolds of one image at a time. */
  readonly perRun?: number;
}

export type OnnxRule = (node: OnnxOperator) => OnnxCost;
type Shape = readonly number[];

export class OnnxOperator {
  readonly op: string;
  /** Names in errors: node 'y' (Conv) */
  readonly what: string;
  readonly outputCount: number;
  readonly opset: number;
  private readonly facts: OnnxNodeFacts;
  private readonly inputs: readonly (OnnxTensor | null)[];

  constructor(facts: OnnxNodeFacts, inputs: readonly (OnnxTensor | null)[], opset: number) {
    this.facts = facts;
    this.inputs = inputs;
    this.opset = opset;
    this.op = facts.op;
    this.what = nodeName(facts.op, facts.outputs);
    this.outputCount = facts.outputs.findLastIndex((name) => name !== "") + 1;
  }

  get inputCount(): number {
    return this.inputs.findLastIndex((input) => input !== null) + 1;
  }

  /** Of an operator that takes no more than these. */
  atMost(inputCount: number): void {
    if (this.inputCount > inputCount) fail(this.what, `at most ${inputCount} inputs`, this.inputCount);
  }

  /** A float32 input. */
  floats(place: number): OnnxTensor {
    const input = this.any(place);
    return input.integers === null ? input : fail(this.what, `float32 as input ${place}`, "whole numbers");
  }

  any(place: number): OnnxTensor {
    return this.inputs[place] ?? fail(this.what, `an input ${place}`, "none");
  }

  allFloats(): OnnxTensor[] {
    return Array.from({ length: this.inputCount }, (_, place) => this.floats(place));
  }

  /** A float32 input without a batch, or none. */
  constant(place: number): OnnxTensor | null {
    if (place >= this.inputCount || this.inputs[place] === null) return null;
    const input = this.floats(place);
    return isBatched(input) ? fail(this.what, `a constant as input ${place}`, "a value of the batch") : input;
  }

  /** Whole numbers that are known: of an input, or of the attribute that older opsets had in its place. */
  integersAt(place: number, attribute: string): readonly KnownInteger[] | null {
    const input = this.inputs[place];
    if (input) return input.integers ?? fail(`${this.what}: ${attribute}`, "a constant", "a computed value");
    return this.list(attribute);
  }

  /** The same where the batch has no place among them. */
  numbersAt(place: number, attribute: string): readonly number[] | null {
    const values = this.integersAt(place, attribute);
    return values?.some((value) => value === "batch")
      ? fail(`${this.what}: ${attribute}`, "numbers that do not depend on the batch", values)
      : (values as readonly number[] | null);
  }

  integer(name: string, missing: number): number {
    const value = this.attribute(name);
    if (value === undefined) return missing;
    return "i" in value ? value.i : fail(`${this.what}: ${name}`, "a whole number", value);
  }

  list(name: string): readonly number[] | null {
    const value = this.attribute(name);
    if (value === undefined) return null;
    return "is" in value ? value.is : fail(`${this.what}: ${name}`, "whole numbers", value);
  }

  text(name: string, missing: string): string {
    const value = this.attribute(name);
    if (value === undefined) return missing;
    return "s" in value ? value.s : fail(`${this.what}: ${name}`, "a text", value);
  }

  /** The whole number that a tensor attribute holds; null: there is none. */
  integerTensorOf(name: string): number | null {
    const value = this.attribute(name);
    return value !== undefined && "t" in value ? value.t.int64 : null;
  }

  /** All inputs, where each of them holds whole numbers that are known; else null. */
  allIntegers(): readonly (OnnxTensor & { readonly integers: readonly KnownInteger[] })[] | null {
    const all = Array.from({ length: this.inputCount }, (_, place) => this.any(place));
    const isKnown = (one: OnnxTensor) => one.integers !== null;
    return all.every(isKnown) ? (all as (OnnxTensor & { integers: readonly KnownInteger[] })[]) : null;
  }

  /** An axis >= 0 of that shape, never the batch's. */
  ownAxis(shape: Shape, given: number): number {
    const axis = given < 0 ? given + shape.length : given;
    const lowest = shape[0] === FREE ? 1 : 0;
    return axis >= lowest && axis < shape.length ? axis : fail(`${this.what}: axis`, "an axis within one query", given);
  }

  private attribute(name: string) {
    return Object.hasOwn(this.facts.attributes, name) ? this.facts.attributes[name] : undefined;
  }
}

export const isBatched = ({ shape }: OnnxTensor): boolean => shape[0] === FREE;
/** Elements for one query. */
export const perQuery = (shape: Shape): number =>
  shape.reduce((size, length) => size * (length === FREE ? 1 : length), 1);
export const floatTensor = (shape: Shape): OnnxTensor => ({ shape, integers: null });
export const integerTensor = (values: readonly KnownInteger[], shape: Shape = [values.length]): OnnxTensor => ({
  shape,
  integers: values,
});
export const moved = (shape: Shape): OnnxCost => ({ outputs: [floatTensor(shape)], macs: 0 });
export const elementwise = (shape: Shape): OnnxCost => ({ outputs: [floatTensor(shape)], macs: perQuery(shape) });

/** numpy's broadcasting, the batch first on both sides or absent. */
export function broadcast(what: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [one, other] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    const isWrongBatch = (one === FREE || other === FREE) && i !== 0;
    if (isWrongBatch || (one !== other && one !== 1 && other !== 1)) fail(what, `shapes that go with [${a}]`, b);
    return one === 1 ? other : one;
  });
}
