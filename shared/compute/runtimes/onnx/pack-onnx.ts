/** An uploaded .onnx file becomes a bundle: what was understood of it, as JSON, and its weights. */
import { ONNX_OPSET_MAX, ONNX_OPSET_MIN } from "../../../protocol/limits.ts";
import { type ByteSpace, inMemory } from "../../byte-space.ts";
import { ModelError } from "../../errors.ts";
import { fail, failWith } from "../../model-json.ts";
import { Reasons } from "../../reasons.ts";
import type { InputSizes } from "../input-sizes.ts";
import { FreshNames } from "./fresh-names.ts";
import { GraphPacking } from "./graph-packing.ts";
import { failUnknown } from "./onnx-advice.ts";
import { externalLocations, type OtherFiles } from "./onnx-external.ts";
import { alone, aloneFlag, type GraphInputs, graphInputs } from "./onnx-input.ts";
import { asOneRow } from "./onnx-rows.ts";
import { ONE_ROW_OPERATORS, onnxRule } from "./onnx-rules.ts";
import { FREE } from "./onnx-topology.ts";
import type { InputValues } from "./onnx-values.ts";
import { type FileNode, readOnnx, readOnnxModel } from "./read-onnx.ts";

/** What whoever submits a file says of it. */
export interface SaidOfOnnx {
  /** Of the dimensions beside the batch that the file leaves free. */
  readonly sizes?: InputSizes;
  /** Of inputs that are the same for every row. */
  readonly values?: InputValues;
  /** Values within the graph in place of its own outputs. */
  readonly outputs?: readonly string[];
}

/**
 * @param file the bytes of one .onnx file
 * @param others the files that came along, by their names: weights that are kept outside
 * @returns a bundle (model-bundle.ts) of format "onnx"; what no output needs is left out
 * @throws ModelError with all reasons where it is no ONNX file, an operator is not taken, or its graph does not hang together
 */
export function packOnnx(file: Uint8Array, others: OtherFiles = new Map(), said?: SaidOfOnnx): Uint8Array {
  return inMemory(onnxBundle(file, others, said));
}

/** As packOnnx, of weights that need not be in memory: they are looked through one after the other, and not joined. */
export function onnxBundle(
  file: ByteSpace,
  others: OtherFiles,
  { sizes = new Map(), values = new Map(), outputs: inner }: SaidOfOnnx = {},
): ByteSpace {
  const reasons = new Reasons();
  const model = readOnnx(file, others, reasons);
  const { opset, outputs, nodes } = model;
  if (opset < ONNX_OPSET_MIN || opset > ONNX_OPSET_MAX) {
    const toDo = "export with opset_version=17, or convert the file (onnx.version_converter)";
    failWith("onnx opset", `a version from ${ONNX_OPSET_MIN} to ${ONNX_OPSET_MAX}`, opset, toDo);
  }
  const taken = graphInputs(model, sizes, values, reasons);
  if (taken === null) {
    // Without inputs no shapes are known, but operators are.
    for (const node of nodes) addRefusal(node, reasons);
    reasons.throwIfAny();
    return fail("onnx graph", "an input", "none");
  }
  const names = inner ?? outputs.map(({ name }) => name);
  const packed = ({ inputs, constants }: GraphInputs, found = reasons): GraphPacking => {
    const names = new FreshNames(model);
    const row = asOneRow(inputs, opset, (wanted) => names.fresh(wanted));
    const packing = new GraphPacking({ opset, row, names, reasons: found, others });
    packing.addGraph({ ...model, tensors: [...constants, ...model.tensors] }, new Map());
    return packing;
  };
  const one = alone(taken);
  if (nodes.some(({ op }) => ONE_ROW_OPERATORS.has(op))) return packed(one).bundle(names);
  const canTryAlone = taken.inputs[0]!.shape[0] === FREE && reasons.isEmpty;
  try {
    const packing = packed(taken);
    return (packing.isForOneRow ? packed(one) : packing).bundle(names);
  } catch (error) {
    if (!(error instanceof ModelError && canTryAlone && isTaken(() => packed(one, new Reasons()).bundle(names)))) {
      throw error;
    }
    throw new ModelError(
      `${error.message}; with each row alone it is taken: submit it with ${aloneFlag(model, taken)}`,
    );
  }
}

function isTaken(pack: () => ByteSpace): boolean {
  try {
    pack();
    return true;
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
}

function addRefusal(node: FileNode, reasons: Reasons): void {
  const { op, domain } = node;
  const isTaken = domain === "" && (op === "Constant" || op === "If");
  if (!isTaken && onnxRule({ op, domain }) === null) reasons.attempt(() => failUnknown(node), `${domain}.${op}`);
}

/** The files beside it that a model names. @throws ModelError where it is no ONNX file */
export function companionsOfOnnx(file: ByteSpace): string[] {
  return externalLocations(readOnnxModel(file).graph);
}
