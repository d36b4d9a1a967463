/** Thrift's compact protocol, as far as the footer of a Parquet file needs it: structs of whole numbers, texts, lists and structs. */

const TYPES = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

export type ThriftValue =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly text: string }
  | { readonly list: readonly ThriftValue[] }
  /** By the field's number. */
  | { readonly struct: Readonly<Record<number, ThriftValue>> };

/** @returns a struct without a name, as Parquet has them @param fields by their numbers */
export function thriftStruct(fields: Readonly<Record<number, ThriftValue>>): Buffer {
  const parts: Buffer[] = [];
  let before = 0;
  for (const [key, value] of Object.entries(fields)) {
    const number = Number(key);
    parts.push(Buffer.of(((number - before) << 4) | typeOf(value)), bytesOf(value));
    before = number;
  }
  return Buffer.concat([...parts, Buffer.of(0)]);
}

function typeOf(value: ThriftValue): number {
  if ("i32" in value) return TYPES.i32;
  if ("i64" in value) return TYPES.i64;
  if ("text" in value) return TYPES.binary;
  return "list" in value ? TYPES.list : TYPES.struct;
}

function bytesOf(value: ThriftValue): Buffer {
  if ("i32" in value) return zigzag(value.i32);
  if ("i64" in value) return zigzag(value.i64);
  if ("text" in value) {
    const bytes = Buffer.from(value.text);
    return Buffer.concat([unsignedVarint(bytes.length), bytes]);
  }
  if ("struct" in value) return thriftStruct(value.struct);
  const [first] = value.list;
  const type = first === undefined ? TYPES.i32 : typeOf(first);
  const size = value.list.length;
  const head =
    size < 15 ? Buffer.of((size << 4) | type) : Buffer.concat([Buffer.of(0xf0 | type), unsignedVarint(size)]);
  return Buffer.concat([head, ...value.list.map(bytesOf)]);
}

/** Of values from 0 on alone: doubled. */
const zigzag = (value: number) => unsignedVarint(value * 2);

/** @param value a whole number from 0 to 2^53 */
export function unsignedVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
