/**
 * Weights that an ONNX file keeps in files beside it. The file names them by paths; a path is compared with the names of the files that were
 * given along, and never opened.
 */
import { ONNX_NAME_BYTES_MAX } from "../../../protocol/limits.ts";
import { type ByteSpace, partOf } from "../../byte-space.ts";
import { fail } from "../../model-json.ts";
import type { Reasons } from "../../reasons.ts";
import * as field from "./onnx-fields.ts";
import { wireFields } from "./wire-fields.ts";

/** Bytes by the name under which they were given. */
export type OtherFiles = ReadonlyMap<string, ByteSpace>;

interface ExternalPlace {
  readonly location: string;
  readonly offset: number;
  /** null: to the end of the file. */
  readonly length: number | null;
}

/** @returns where the bytes lie; null where they are not at hand, with a reason. @throws ModelError where the place is none */
export function externalNumbers(
  entries: readonly Uint8Array[],
  others: OtherFiles,
  length: number,
  what: string,
  reasons: Reasons,
): ByteSpace | null {
  const { location, offset, length: told } = placeOf(entries, what);
  const file = others.get(location);
  if (file === undefined) {
    const toDo = "submit it along with the .onnx file, or save the model in one file (in PyTorch: external_data=False)";
    const isPlain = isInside(location);
    reasons.add(
      isPlain
        ? `${what}: expected the file '${location}' with its weights, got none of that name: ${toDo}`
        : `${what}: expected weights in a file beside it, got a path that leads elsewhere and is never opened`,
      `weights in ${location}`,
    );
    return null;
  }
  if ((told ?? length) !== length || offset + length > file.length) {
    fail(what, `${length} bytes at ${offset} of '${location}', which has ${file.length}`, told ?? "fewer");
  }
  return partOf(file, offset, offset + length);
}

/** The files that a model names, each once. @throws ModelError where it is no ONNX file */
export function externalLocations(graph: ByteSpace): string[] {
  const found = new Set<string>();
  for (const { number, space } of wireFields(graph, "onnx graph")) {
    if (number === field.GRAPH.initializer) addLocations(space, found);
    if (number !== field.GRAPH.node) continue;
    for (const inNode of wireFields(space, "onnx node")) {
      if (inNode.number !== field.NODE.attribute) continue;
      for (const inAttribute of wireFields(inNode.bytes, "attribute")) {
        if (inAttribute.number === field.ATTRIBUTE.t) addLocations(inAttribute.bytes, found);
      }
    }
  }
  return [...found];
}

function addLocations(tensor: ByteSpace, found: Set<string>): void {
  const entries: Uint8Array[] = [];
  for (const one of wireFields(tensor, "tensor")) {
    if (one.number === field.TENSOR.externalData) entries.push(one.bytes);
  }
  if (entries.length > 0) found.add(placeOf(entries, "tensor").location);
}

function placeOf(entries: readonly Uint8Array[], what: string): ExternalPlace {
  const values = new Map<string, string>();
  for (const entry of entries) {
    let [key, value] = ["", ""];
    for (const { number, bytes } of wireFields(entry, what)) {
      if (number === field.STRING_ENTRY.key) key = shortText(bytes, what);
      if (number === field.STRING_ENTRY.value) value = shortText(bytes, what);
    }
    values.set(key, value);
  }
  const location = (values.get("location") ?? fail(what, "the name of a file", "none")).replace(/^\.\//, "");
  const offset = numberOf(values.get("offset") ?? "0", what);
  const length = values.get("length");
  return { location, offset, length: length === undefined ? null : numberOf(length, what) };
}

function numberOf(value: string, what: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) ? number : fail(what, "a place in a file", value);
}

function shortText(bytes: Uint8Array, what: string): string {
  if (bytes.length > ONNX_NAME_BYTES_MAX) fail(what, `texts of at most ${ONNX_NAME_BYTES_MAX} bytes`, bytes.length);
  return new TextDecoder().decode(bytes);
}

/** A path below the file's own folder. */
const isInside = (path: string): boolean => !path.startsWith("/") && !/(^|[/\\])\.\.([/\\]|$)|:|^$/.test(path);
