/** One node of an ONNX graph as the rules see it: its attributes, and what its inputs are by then. */
import { ModelError } from "../../errors.ts";
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  type BatchPlace,
  type ComputedDtype,
  isFloat,
  isMultiple,
  type Known,
  type OperatorCost,
} from "../../tensors/batched-tensor.ts";
import { evaluated, type KnownRule } from "../../tensors/known-numbers.ts";
import { isFar, withinReach } from "../../tensors/sure-numbers.ts";
import { fromJsonFloat } from "./onnx-dtypes.ts";
import { heldNumber } from "./onnx-numbers.ts";
import type { OnnxAttribute, OnnxNodeFacts } from "./onnx-topology.ts";
import { nodeName } from "./read-onnx.ts";

export type OnnxRule = (node: OnnxOperator) => OperatorCost;

/**
 * A graph that computes with the number of rows that go through at once. It reaches no other row, so that it may run a row a call, where
 * that number is 1.
 */
export class BatchSizeError extends ModelError {}

export function failForBatchSize(what: string): never {
  throw new BatchSizeError(`${what}: expected numbers that do not depend on the batch, got the batch's size`);
}

export class OnnxOperator {
  readonly op: string;
  /** Names in errors: node 'y' (Conv) */
  readonly what: string;
  readonly outputCount: number;
  readonly opset: number;
  private readonly facts: OnnxNodeFacts;
  private readonly inputs: readonly (BatchedTensor | null)[];
  /** Places of inputs whose numbers the rule has looked at. */
  private readonly looked = new Set<number>();

  constructor(facts: OnnxNodeFacts, inputs: readonly (BatchedTensor | null)[], opset: number) {
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

  /** Of an operator with these outputs, as many of them as are asked for. */
  giving(outputCount: number): void {
    if (this.outputCount > outputCount) fail(this.what, `at most ${outputCount} outputs`, this.outputCount);
  }

  /** The same operator as if it had these of its inputs alone. */
  withInputs(places: readonly number[]): OnnxOperator {
    return new OnnxOperator(
      this.facts,
      places.map((place) => this.optional(place)),
      this.opset,
    );
  }

  /** An input of floats. */
  floats(place: number): BatchedTensor {
    const input = this.any(place);
    return isFloat(input.dtype) ? input : fail(this.what, `floats as input ${place}`, input.dtype);
  }

  any(place: number): BatchedTensor {
    return this.inputs[place] ?? fail(this.what, `an input ${place}`, "none");
  }

  optional(place: number): BatchedTensor | null {
    return this.inputs[place] ?? null;
  }

  all(): BatchedTensor[] {
    return Array.from({ length: this.inputCount }, (_, place) => this.any(place));
  }

  /** An input without a batch, or none. */
  constant(place: number): BatchedTensor | null {
    const input = this.optional(place);
    if (input === null) return null;
    return input.batch === null ? input : fail(this.what, `a constant as input ${place}`, "a value of the batch");
  }

  requiredConstant(place: number, what: string): BatchedTensor {
    return this.constant(place) ?? fail(this.what, what, "none");
  }

  /** Numbers that are known: of an input, or of the attribute that older opsets had in its place. */
  knownAt(place: number, attribute: string): readonly Known[] | null {
    const input = this.inputs[place];
    if (!input) return this.list(attribute) ?? this.floatList(attribute);
    this.looked.add(place);
    return input.values ?? fail(`${this.what}: ${attribute}`, "a constant", "a computed value");
  }

  /** The same where neither the batch has a place among them nor a number that is not held exactly. */
  numbersAt(place: number, attribute: string): readonly number[] | null {
    const values = this.knownAt(place, attribute);
    if (values?.some(isMultiple)) return failForBatchSize(`${this.what}: ${attribute}`);
    return values?.some(isFar)
      ? fail(`${this.what}: ${attribute}`, "whole numbers below 2^53", "a larger one")
      : (values as readonly number[] | null);
  }

  /** Places along an axis: the largest numbers of all say "to the end". */
  placesAt(place: number, attribute: string): readonly number[] | null {
    const values = this.knownAt(place, attribute)?.map(withinReach) ?? null;
    return values?.some(isMultiple)
      ? failForBatchSize(`${this.what}: ${attribute}`)
      : (values as readonly number[] | null);
  }

  /** Numbers of an input where they are known; null: it has none, or they come with the query. */
  valuesOf(place: number): readonly Known[] | null {
    const values = this.inputs[place]?.values ?? null;
    if (values !== null) this.looked.add(place);
    return values;
  }

  /** The output, where it is made of known numbers alone, one by one; else null. */
  evaluated(dtype: ComputedDtype, rule: KnownRule, picks = false): OperatorCost | null {
    const cost = evaluated(this.what, this.all(), dtype, rule, picks);
    if (cost !== null) for (const place of this.inputs.keys()) this.looked.add(place);
    return cost;
  }

  /**
   * How many rows go through at once may decide a shape, never a number: rows would depend on their batch.
   * @throws ModelError where an input that tells how many was taken as mere numbers
   */
  requireNoBatchSize(): void {
    for (const [place, input] of this.inputs.entries()) {
      if (input?.values?.some(isMultiple) && !this.looked.has(place)) {
        failForBatchSize(this.what);
      }
    }
  }

  integer(name: string, missing: number): number {
    const value = this.attribute(name);
    if (value === undefined) return missing;
    return "i" in value ? value.i : fail(`${this.what}: ${name}`, "a whole number", value);
  }

  float(name: string, missing: number): number {
    const value = this.attribute(name);
    if (value === undefined) return missing;
    return "f" in value ? fromJsonFloat(value.f)! : fail(`${this.what}: ${name}`, "a float", value);
  }

  list(name: string): readonly number[] | null {
    const value = this.attribute(name);
    if (value === undefined || "fs" in value) return null;
    return "is" in value ? value.is : fail(`${this.what}: ${name}`, "whole numbers", value);
  }

  floatList(name: string): readonly number[] | null {
    const value = this.attribute(name);
    return value !== undefined && "fs" in value ? value.fs.map((one) => fromJsonFloat(one)!) : null;
  }

  text(name: string, missing: string): string {
    const value = this.attribute(name);
    if (value === undefined) return missing;
    return "s" in value ? value.s : fail(`${this.what}: ${name}`, "a text", value);
  }

  /** The number that a tensor attribute holds, zero of float32 where there is none. */
  singleOf(name: string): { dtype: ComputedDtype; value: number } {
    const value = this.attribute(name);
    if (value === undefined) return { dtype: "float32", value: 0 };
    if (!("t" in value)) return fail(`${this.what}: ${name}`, "a tensor of one number", value);
    if ("int64" in value.t) return { dtype: "int64", value: value.t.int64 };
    if ("digits" in value.t) return { dtype: value.t.dtype, value: heldNumber(BigInt(value.t.digits)) };
    return { dtype: value.t.dtype, value: fromJsonFloat(value.t.value)! };
  }

  /** An axis >= 0 of that tensor, never the batch's. */
  ownAxis({ shape, batch }: Pick<BatchedTensor, "shape" | "batch">, given: number): number {
    const axis = this.axis(shape.length, given);
    return axis === batch?.axis ? fail(`${this.what}: axis`, "an axis within one query", given) : axis;
  }

  axis(rank: number, given: number): number {
    const axis = given < 0 ? given + rank : given;
    return axis >= 0 && axis < rank ? axis : fail(`${this.what}: axis`, `an axis within one query, of ${rank}`, given);
  }

  /** Of operators over the places of an image: the batch comes first, or there is none. */
  requireBatchFirst({ batch }: { batch: BatchPlace | null }): void {
    if (batch !== null && batch.axis !== 0) fail(this.what, "the batch first", `it at axis ${batch.axis}`);
  }

  private attribute(name: string): OnnxAttribute | undefined {
    return Object.hasOwn(this.facts.attributes, name) ? this.facts.attributes[name] : undefined;
  }
}
