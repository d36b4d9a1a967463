/** The careful reading of a stranger's JSON: bounded depth, plain objects, and errors that say where and what. */

import { MODEL_JSON_BYTES_MAX, MODEL_JSON_DEPTH_MAX } from "../protocol/limits.ts";
import { type ByteSpace, inMemory } from "./byte-space.ts";
import { ModelError } from "./errors.ts";

export type JsonObject = { readonly [key: string]: unknown };

/** @param what names the text in errors @throws ModelError where the bytes are too many, too deep, not UTF-8, or not one JSON object */
export function parseModelJson(text: ByteSpace, what: string): JsonObject {
  if (text.length > MODEL_JSON_BYTES_MAX) {
    throw new ModelError(`${what}: expected at most ${MODEL_JSON_BYTES_MAX} bytes, got ${text.length}`);
  }
  const bytes = inMemory(text);
  const depth = jsonDepth(bytes);
  if (depth > MODEL_JSON_DEPTH_MAX) {
    throw new ModelError(`${what}: expected at most ${MODEL_JSON_DEPTH_MAX} levels of nesting, got ${depth}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ModelError(`${what}: expected JSON, got ${(error as Error).message}`);
  }
  return asObject(value, what);
}

/** Deepest nesting of brackets outside strings; looks at bytes alone, so that nothing deep is ever parsed. */
export function jsonDepth(bytes: Uint8Array): number {
  const [quote, backslash] = [0x22, 0x5c];
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (inString) {
      if (byte === backslash) i++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === 0x5b || byte === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return deepest;
}

export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(what, "an object", value);
  return value as JsonObject;
}

export function asArray(value: unknown, what: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(what, "an array", value);
}

export function asText(value: unknown, what: string): string {
  return typeof value === "string" ? value : fail(what, "a text", value);
}

/** A whole number of at least `min`. */
export function asInteger(value: unknown, min: number, what: string): number {
  return Number.isSafeInteger(value) && (value as number) >= min
    ? (value as number)
    : fail(what, `a whole number >= ${min}`, value);
}

export function asShape(value: unknown, what: string): number[] {
  return asArray(value, what).map((length) => asInteger(length, 0, what));
}

/** @throws ModelError always: `what: expected ..., got ...` */
export function fail(what: string, expected: string, got: unknown): never {
  throw new ModelError(`${what}: expected ${expected}, got ${brief(got)}`);
}

/** @param toDo what the submitter can do about it @throws ModelError always: `what: expected ..., got ...; toDo` */
export function failWith(what: string, expected: string, got: unknown, toDo: string): never {
  throw new ModelError(sentenceWith(what, expected, got, toDo));
}

export function sentenceWith(what: string, expected: string, got: unknown, toDo: string): string {
  return `${what}: expected ${expected}, got ${brief(got)}; ${toDo}`;
}

function brief(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
