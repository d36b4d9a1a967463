/**
 * The files of a model as they came, as one blob: what packing made of them is compared with them where they run on their own library.
 *
 *   8 bytes   length of the header, little-endian
 *   header    JSON: [{ name, length }, ...]
 *   data      the files one after another
 */
import { MODEL_FILES_MAX, MODEL_JSON_BYTES_MAX, MODEL_SOURCE_BYTES_MAX } from "../protocol/limits.ts";
import { type ByteSpace, joinedSpaces } from "./byte-space.ts";
import { asArray, asInteger, asObject, asText, fail } from "./model-json.ts";
import type { NamedFile, SourceFile } from "./runtimes/runtime-description.ts";

/** @returns nothing of it read yet; null: they are too large to be kept beside the bundle */
export function packSource(files: readonly SourceFile[]): ByteSpace | null {
  const header = new TextEncoder().encode(
    JSON.stringify(files.map(({ name, bytes }) => ({ name, length: bytes.length }))),
  );
  const source = joinedSpaces([lengthBytes(header.length), header, ...files.map(({ bytes }) => bytes)]);
  return source.length > MODEL_SOURCE_BYTES_MAX ? null : source;
}

/** @throws ModelError where it is no such blob */
export function unpackSource(source: Uint8Array): NamedFile[] {
  const what = "model source";
  const length = lengthAt(source, 0, MODEL_JSON_BYTES_MAX);
  const header: unknown = JSON.parse(new TextDecoder().decode(source.subarray(8, 8 + length)));
  let at = 8 + length;
  const files = asArray(header, what).map((one): NamedFile => {
    const { name, length: size } = asObject(one, what);
    at += asInteger(size, 0, what);
    return { name: asText(name, what), bytes: source.subarray(at - (size as number), at) };
  });
  if (at !== source.length || files.length > MODEL_FILES_MAX + 1) fail(what, `${at} bytes`, source.length);
  return files;
}

/** What a model's process gets to run a model as it came: the bundle of what packing made of it, the source, and which outputs are compared. */
export interface BesideSource {
  readonly bundle: Uint8Array;
  readonly source: Uint8Array;
  /** As the file calls them, in order. */
  readonly outputs: readonly string[];
}

/** What follows the bundle. */
export function sourceBehind({ bundle, source, outputs }: BesideSource): Uint8Array {
  const names = new TextEncoder().encode(JSON.stringify(outputs));
  const all = new Uint8Array(source.length + names.length + 16);
  all.set(source);
  all.set(names, source.length);
  all.set(lengthBytes(bundle.length), all.length - 16);
  all.set(lengthBytes(source.length), all.length - 8);
  return all;
}

/** @param joined a bundle with what sourceBehind gives of it */
export function readBesideSource(joined: Uint8Array): BesideSource {
  const [bundleEnd, sourceLength] = [16, 8].map((fromEnd) => lengthAt(joined, joined.length - fromEnd, joined.length));
  const sourceEnd = bundleEnd! + sourceLength!;
  const names: unknown = JSON.parse(new TextDecoder().decode(joined.subarray(sourceEnd, joined.length - 16)));
  return {
    bundle: joined.subarray(0, bundleEnd),
    source: joined.subarray(bundleEnd, sourceEnd),
    outputs: asArray(names, "model source: outputs").map((name) => asText(name, "model source: outputs")),
  };
}

function lengthBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  return bytes;
}

function lengthAt(bytes: Uint8Array, at: number, most: number): number {
  if (bytes.length < at + 8) fail("model source", "8 bytes of a length", bytes.length);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(at, true));
  return length <= most ? length : fail("model source", `at most ${most} bytes`, length);
}
