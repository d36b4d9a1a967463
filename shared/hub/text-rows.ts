/** Tokens of texts as the inputs of a text model, padded to one length, each in the smallest type of whole numbers that holds it. */
import { InputError } from "../inputs/input-error.ts";
import type { NpyArray } from "../protocol/npy.ts";

export type WholeArray = Extract<NpyArray, { dtype: "U8" | "U16" | "U32" }>;

/** What can be made of texts alone. */
const TEXT_INPUTS = ["input_ids", "attention_mask", "token_type_ids", "position_ids"] as const;
export type TextInput = (typeof TEXT_INPUTS)[number];

/** @throws InputError that names what a text does not give */
export function textInputs(names: readonly string[]): TextInput[] {
  const other = names.filter((name) => !TEXT_INPUTS.includes(name as TextInput));
  if (other.length > 0 || !names.includes("input_ids")) {
    const toDo = other.some((name) => name.includes("past") || name === "use_cache_branch")
      ? "; export it without a cache: optimum-cli export onnx --task feature-extraction"
      : "";
    throw new InputError(
      `model inputs: expected input_ids, and beside it no others than ${TEXT_INPUTS.slice(1).join(", ")}; got ${names.join(", ")}${toDo}`,
    );
  }
  return names as TextInput[];
}

/**
 * @param texts ids of each, at most `length`
 * @param types of each text's tokens; null: 0
 * @returns texts x length for each input: token_type_ids are 0 behind a text, position_ids count from 0
 */
export function textRows(
  texts: readonly (readonly number[])[],
  length: number,
  padId: number,
  inputs: readonly TextInput[],
  types: readonly (readonly number[])[] | null = null,
): Record<string, WholeArray> {
  const values: Readonly<Record<TextInput, (ids: readonly number[], place: number, row: number) => number>> = {
    input_ids: (ids, place) => ids[place] ?? padId,
    attention_mask: (ids, place) => (place < ids.length ? 1 : 0),
    token_type_ids: (_, place, row) => types?.[row]?.[place] ?? 0,
    position_ids: (_, place) => place,
  };
  return Object.fromEntries(inputs.map((name) => [name, smallest(texts, length, values[name])]));
}

function smallest(
  texts: readonly (readonly number[])[],
  length: number,
  numberAt: (ids: readonly number[], place: number, row: number) => number,
): WholeArray {
  const data = new Uint32Array(texts.length * length);
  let most = 0;
  for (const [row, ids] of texts.entries()) {
    for (let place = 0; place < length; place++) {
      const value = numberAt(ids, place, row);
      data[row * length + place] = value;
      most = Math.max(most, value);
    }
  }
  const shape = [texts.length, length];
  if (most <= 0xff) return { dtype: "U8", shape, data: Uint8Array.from(data) };
  return most <= 0xffff ? { dtype: "U16", shape, data: Uint16Array.from(data) } : { dtype: "U32", shape, data };
}
