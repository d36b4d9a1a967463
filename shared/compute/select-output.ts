/**
 * A model with several outputs becomes one with the output that a job asks for: a bundle of its own, without what only served the
 * others. Whoever runs it knows nothing of them.
 */
import { type ByteSpace, inMemory } from "./byte-space.ts";
import { ModelError } from "./errors.ts";
import { type UnpackedModel, unpackModel } from "./model-bundle.ts";
import type { ModelFormat } from "./runtimes/runtime-description.ts";
import { runtimeOfFormat } from "./runtimes/runtimes.ts";

/** In place of a name: all outputs in one row, in their order. */
export const ALL_OUTPUTS = "all";

/**
 * The names of a model's outputs, in its own order.
 * @throws ModelError where the bytes are no bundle
 */
export async function outputNames(bundle: ByteSpace): Promise<string[]> {
  const model = unpackModel(bundle);
  return (await formatOf(model)).outputs(model).map(({ name }) => name);
}

/**
 * @param output a name, or a place in outputNames; undefined: the only one; ALL_OUTPUTS
 * @returns the bundle itself where it has one output, else a smaller one, or one that joins them all
 * @throws ModelError that lists the outputs where there is no such one, or none was chosen among several
 */
export async function selectOutput(bundle: Uint8Array, output: string | number | undefined): Promise<Uint8Array> {
  return selectOutputOf(await formatOf(unpackModel(bundle)), bundle, output);
}

/** As selectOutput, where the format is at hand. What is not in memory is not read either. */
export function selectOutputOf(
  format: ModelFormat,
  bundle: Uint8Array,
  output: string | number | undefined,
): Uint8Array;
export function selectOutputOf(format: ModelFormat, bundle: ByteSpace, output: string | number | undefined): ByteSpace;
export function selectOutputOf(format: ModelFormat, bundle: ByteSpace, output: string | number | undefined): ByteSpace {
  const chosen = withOutput(format, bundle, output);
  return bundle instanceof Uint8Array ? inMemory(chosen) : chosen;
}

function withOutput(format: ModelFormat, bundle: ByteSpace, output: string | number | undefined): ByteSpace {
  const model = unpackModel(bundle);
  const outputs = format.outputs(model);
  if (output === ALL_OUTPUTS && outputs.length > 1 && !outputs.some(({ name }) => name === output)) {
    return format.joinOutputs(model, outputs);
  }
  const listed = outputs.map(({ name }) => `'${name}'`).join(", ");
  const wanted = outputs.find(
    ({ name }, place) => name === output || place === (output ?? (outputs.length === 1 ? 0 : -1)),
  );
  if (wanted === undefined) {
    const got = output === undefined ? "none chosen" : JSON.stringify(output);
    throw new ModelError(`output: expected one of ${listed}, or its place from 0 on, got ${got}`);
  }
  return outputs.length === 1 ? bundle : format.keepOutput(model, wanted);
}

function formatOf({ format }: UnpackedModel<ByteSpace>): Promise<ModelFormat> {
  return runtimeOfFormat(format).loadFormat();
}
