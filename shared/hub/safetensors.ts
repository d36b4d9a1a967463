/** Tensors of a `.safetensors` file: 8 bytes of a length, JSON of so many bytes that names them, then their numbers, little-endian. */
import { InputError } from "../inputs/input-error.ts";
import { jsonOrNull } from "../protocol/json-or-null.ts";

type Entry = { readonly dtype?: unknown; readonly shape?: unknown; readonly data_offsets?: unknown } | undefined;

const HEAD_BYTES = 8;

/**
 * @param where the file, for errors
 * @returns null: it has no tensor of that name
 * @throws InputError where it is no such file, or the tensor is none of float32 that fits
 */
export function floatsIn(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  where: string,
): { readonly shape: readonly number[]; readonly data: Float32Array } | null {
  const broken = (expected: string): never => {
    throw new InputError(`${where}: expected ${expected}, got something else`);
  };
  if (bytes.length < HEAD_BYTES) return broken("a safetensors file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = HEAD_BYTES + Number(view.getBigUint64(0, true));
  if (start > bytes.length) return broken("a safetensors file");
  const head = jsonOrNull(new TextDecoder().decode(bytes.subarray(HEAD_BYTES, start)));
  if (typeof head !== "object" || head === null) return broken("a safetensors file");
  const entry = (head as Readonly<Record<string, Entry>>)[name];
  if (entry === undefined) return null;
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== "F32") {
    throw new InputError(`${where}: ${name}: expected float32 (F32), got ${JSON.stringify(dtype)}; save it in float32`);
  }
  const isList = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((one) => Number.isSafeInteger(one) && one >= 0);
  if (!isList(shape) || !isList(offsets) || offsets.length !== 2) return broken(`a shape and offsets of ${name}`);
  const [from, to] = [start + offsets[0]!, start + offsets[1]!];
  const count = shape.reduce((all, length) => all * length, 1);
  if (to > bytes.length || to - from !== 4 * count) return broken(`${count} numbers of ${name}`);
  return { shape, data: Float32Array.from({ length: count }, (_, i) => view.getFloat32(from + 4 * i, true)) };
}
