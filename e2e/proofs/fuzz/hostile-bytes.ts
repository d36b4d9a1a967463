/** Malformed inputs, made by fast-check from well-formed ones: so a failure is found again from its seed, and shrinks. */
import fc from "fast-check";

type Edit = (bytes: Buffer<ArrayBufferLike>) => Buffer<ArrayBufferLike>;

/** What parsers stumble over: limits of integers, lengths that are no lengths, names that reach prototypes. */
const WORDS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "-1",
  "0",
  "1e400",
  "NaN",
  "4294967296",
  "9007199254740993",
  "18446744073709551615",
  "null",
  "[]",
  "{}",
  '"',
  "\\u0000",
  "\\ud800",
  "../../etc/passwd",
  "\ufeff",
  ",,,",
  "1e-400",
];
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A share of the input in [0, 1): of whole numbers, for fast-check's doubles are nearly all near zero. */
const place = fc.integer({ min: 0, max: 999_999 }).map((millionths) => millionths / 1e6);
const at = (bytes: Buffer, share: number) => Math.floor(share * (bytes.length + 1));
const put = (bytes: Buffer, from: number, to: number, middle: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(Math.max(from, to))]);

const byteEdits: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, fc.nat(255)).map(
    ([where, byte]): Edit =>
      (bytes) => {
        const changed = Buffer.from(bytes);
        if (changed.length > 0) changed[at(bytes, where) % changed.length] = byte;
        return changed;
      },
  ),
  place.map(
    (where): Edit =>
      (bytes) =>
        bytes.subarray(0, at(bytes, where)),
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 24 })).map(
    ([where, more]): Edit =>
      (bytes) =>
        put(bytes, at(bytes, where), at(bytes, where), more),
  ),
  fc.tuple(place, place).map(
    ([a, b]): Edit =>
      (bytes) =>
        put(bytes, at(bytes, Math.min(a, b)), at(bytes, Math.max(a, b)), Buffer.alloc(0)),
  ),
  fc.tuple(place, place, fc.integer({ min: 1, max: 60 })).map(
    ([a, b, times]): Edit =>
      (bytes) => {
        const part = bytes.subarray(
          at(bytes, Math.min(a, b)),
          at(bytes, Math.min(a, b)) + 1 + Math.floor(Math.abs(a - b) * 64),
        );
        return put(bytes, at(bytes, b), at(bytes, b), Buffer.concat(Array.from({ length: times }, () => part)));
      },
  ),
  fc.tuple(place, fc.constantFrom(...EDGES), fc.constantFrom(1, 2, 4)).map(
    ([where, edge, width]): Edit =>
      (bytes) => {
        const changed = Buffer.from(bytes);
        const from = Math.min(at(bytes, where), changed.length - width);
        if (from >= 0) changed.writeUIntLE(edge % 2 ** (8 * width), from, width);
        return changed;
      },
  ),
);

/** A number or a name of the text becomes another one: what is left is well-formed, and means something else. */
const wordEdits: fc.Arbitrary<Edit> = fc.tuple(place, fc.constantFrom(...WORDS)).map(
  ([where, word]): Edit =>
    (bytes) => {
      const text = bytes.toString("latin1");
      const words = [...text.matchAll(/-?\d+(\.\d+)?|"[^"\\]{0,40}"/g)];
      const found = words[Math.floor(where * words.length)];
      if (found === undefined) return bytes;
      const said = found[0].startsWith('"') && !word.startsWith('"') ? `"${word}"` : word;
      return put(bytes, found.index, found.index + found[0].length, Buffer.from(said));
    },
);

const edits = fc.oneof(byteEdits, wordEdits);

const nested = fc
  .tuple(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom(["[", "]"], ['{"a":', "}"], ['[{"__proto__":', "}]"]))
  .map(([depth, [open, close]]) => Buffer.from(open!.repeat(depth) + close!.repeat(depth)));

/** Mostly a well-formed input with one to six edits; sometimes anything at all. */
export function hostileBytes(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edited = fc
    .tuple(fc.constantFrom(...seeds), fc.array(edits, { maxLength: 6 }))
    .map(([seed, list]) => list.reduce<Buffer<ArrayBufferLike>>((bytes, edit) => edit(bytes), Buffer.from(seed)));
  const anyJson = fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text));
  return fc
    .oneof(
      { weight: 12, arbitrary: edited },
      { weight: 2, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
      { weight: 2, arbitrary: anyJson },
      { weight: 1, arbitrary: nested },
    )
    .map((bytes) => Uint8Array.from(bytes));
}
