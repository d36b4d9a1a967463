/** Goes through a graph node by node, each after what it takes, and keeps what is known of its tensors and what they cost. */
import { MODEL_ACTIVATION_SIZE_MAX, TENSOR_RANK_MAX } from "../../../protocol/limits.ts";
import type { ByteSpace } from "../../byte-space.ts";
import { checkedSize } from "../../checked-size.ts";
import { type MemoryStep, mostLiveNumbers } from "../../live-numbers.ts";
import type { WeightDtype } from "../../model-bundle.ts";
import { fail } from "../../model-json.ts";
import { JUMPING } from "../../orders.ts";
import {
  type BatchedTensor,
  type ComputedDtype,
  FIRST,
  isFloat,
  type OperatorCost,
  roomOf,
  shapesInWords,
  sizeOf,
  tensor,
} from "../../tensors/batched-tensor.ts";
import { macsOf } from "../../tensors/moving-cost.ts";
import { type IsSure, isFar, isSureWhole, outgrown, withSureNumbers } from "../../tensors/sure-numbers.ts";
import type { TopologyFacts } from "../runtime-description.ts";
import { failUnknown } from "./onnx-advice.ts";
import { knownNumbers } from "./onnx-numbers.ts";
import { failForBatchSize, OnnxOperator } from "./onnx-operator.ts";
import { onnxRule } from "./onnx-rules.ts";
import { FREE, type OnnxNodeFacts, type OnnxTopology } from "./onnx-topology.ts";
import { nodeName } from "./read-onnx.ts";

/**
 * The library rounds floats as IEEE 754 says, after each operator, so that fractions are sure too. What is infinite may have the sign of a
 * zero, which kernels lose; what is no number compares with none.
 */
const isSure: IsSure = (dtype) => {
  if (isFloat(dtype)) return Number.isFinite;
  const isWhole = isSureWhole(dtype);
  return dtype === "int64" || dtype === "uint64" ? (value) => isWhole(value) || isFar(value) : isWhole;
};

export class OnnxWalk {
  readonly tensors = new Map<string, BatchedTensor>();
  private readonly opset: number;
  private readonly input: OnnxTopology["input"];
  /** Names of what is made from the query; all else is made once, when the model is loaded. */
  private readonly ofQuery: Set<string>;
  private readonly inputSize: number;
  private readonly steps: MemoryStep[] = [];
  private readonly jumps = new Set<string>();
  private macs = 0;
  private numbersPerRun = 0;

  constructor(opset: number, input: OnnxTopology["input"]) {
    this.opset = opset;
    this.input = input;
    this.ofQuery = new Set([input.name]);
    const [batch, ...rest] = input.shape;
    this.inputSize = checkedSize(rest, MODEL_ACTIVATION_SIZE_MAX, `input '${input.name}'`);
    this.tensors.set(input.name, tensor({ shape: [1, ...rest], batch: batch === FREE ? FIRST : null }));
  }

  addWeights(name: string, shape: readonly number[], stored: WeightDtype, bytes: ByteSpace): void {
    const dtype: ComputedDtype = stored === "float16" ? "float32" : stored;
    this.define(name, { shape, batch: null, dtype, values: knownNumbers(stored, shape, bytes) }, `'${name}'`);
  }

  addIntegers(name: string, { dtype, shape, values }: OnnxTopology["integers"][string]): void {
    this.define(name, { shape, batch: null, dtype, values }, `'${name}'`);
  }

  /** @throws ModelError where the operator is not taken, or what it is given does not fit */
  add(facts: OnnxNodeFacts): void {
    const what = nodeName(facts.op, facts.outputs);
    const cost = this.costOf(facts, what);
    this.macs += macsOf(facts.op, cost);
    const isOfQuery = facts.inputs.some((name) => this.ofQuery.has(name));
    // Whole numbers are exact everywhere.
    const jumps = JUMPING.has(facts.op) && cost.outputs.some(({ values, dtype }) => values === null && isFloat(dtype));
    if (jumps && isOfQuery) this.jumps.add(facts.op);
    const made: { name: string; size: number }[] = [];
    for (const [place, name] of facts.outputs.entries()) {
      const one = cost.outputs[place];
      if (one === undefined) {
        if (name !== "") fail(what, `at most ${cost.outputs.length} outputs`, facts.outputs.length);
        continue;
      }
      if (one.shape.length > TENSOR_RANK_MAX) fail(what, `at most ${TENSOR_RANK_MAX} dimensions`, one.shape.length);
      const size = checkedSize(one.shape, MODEL_ACTIVATION_SIZE_MAX, `output of ${what}`);
      made.push({ name, size: Math.ceil(size * roomOf(one.dtype)) });
      if (name === "") continue;
      this.define(name, one, what);
      if (isOfQuery) this.ofQuery.add(name);
    }
    // What comes of weights alone is folded when the model is loaded, and stays.
    if (isOfQuery) this.steps.push({ inputs: facts.inputs, outputs: made, scratch: cost.scratch ?? 0 });
    else this.numbersPerRun += made.reduce((sum, { size }) => sum + size, cost.scratch ?? 0);
    this.numbersPerRun += cost.perRun ?? 0;
  }

  /** Is it the same for every query? */
  isConstant(name: string): boolean {
    return !this.ofQuery.has(name);
  }

  private costOf(facts: OnnxNodeFacts, what: string): OperatorCost {
    const rule = onnxRule(facts);
    if (rule === null) return failUnknown(facts);
    const inputs = facts.inputs.map((name) => {
      if (name === "") return null;
      return this.tensors.get(name) ?? fail(what, "inputs made by earlier nodes, without cycles", name);
    });
    const node = new OnnxOperator(facts, inputs, this.opset);
    const cost = rule(node);
    node.requireNoBatchSize();
    if (cost.outputs.some((one) => outgrown(one, this.inputSize) !== null)) failForBatchSize(what);
    return cost;
  }

  private define(name: string, one: BatchedTensor, what: string): void {
    if (this.tensors.has(name)) fail(what, "tensors whose names differ", name);
    this.tensors.set(name, withSureNumbers(one, isSure));
  }

  /** @throws ModelError where it is no answer to a query */
  requireOutput(name: string): BatchedTensor {
    const output = this.tensors.get(name) ?? fail(`output '${name}'`, "a node", "none");
    if (output.values !== null) {
      fail(
        `output '${name}'`,
        "float32",
        isFloat(output.dtype) ? "numbers that are the same for each query" : "whole numbers",
      );
    }
    if (this.input.shape[0] !== FREE) return output;
    const isFirst = output.batch?.axis === 0 && output.batch.lead === 1;
    return isFirst ? output : fail(`output '${name}'`, "an output with the batch first", shapesInWords([output]));
  }

  /** @param name of the one output, of float32 */
  factsOf(name: string): TopologyFacts {
    const output = this.requireOutput(name);
    if (output.dtype !== "float32") fail(`output '${name}'`, "float32", output.dtype);
    // With a free batch the first dimension of 1 is the batch's; with a batch of 1 the whole output is the answer of that one query.
    const isBatch = output.batch?.times === 1;
    const inputShape = this.input.shape.slice(1);
    return {
      inputShape,
      outputShape: isBatch ? output.shape.slice(1) : output.shape,
      macs: this.macs,
      activations: mostLiveNumbers(sizeOf(inputShape), this.steps, name),
      numbersPerRun: this.numbersPerRun,
      ...(this.jumps.size === 0 ? {} : { jumps: [...this.jumps].sort() }),
    };
  }
}
