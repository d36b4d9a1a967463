/**
 * Bytes that need not be in memory: of a model of a gigabyte the header and the small weights are looked at, and the large ones are read one
 * after the other. A Uint8Array is such a space; one that lies in a file reads what it is asked for.
 */
export interface ByteSpace {
  readonly length: number;
  /** @returns the bytes from start up to end: a view where they are in memory, else a copy of that part alone */
  subarray(start: number, end: number): Uint8Array;
  /** The same as a request's body, which reads it piece by piece as it is sent; absent: it is read whole. */
  blob?(): Blob;
}

/** Bytes that are read at once where all of a space goes by. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/** @returns the bytes themselves where they are in memory already, else all of them */
export function inMemory(space: ByteSpace): Uint8Array {
  return space instanceof Uint8Array ? space : space.subarray(0, space.length);
}

/** As part of a request's body: what lies in a file is read as it is sent. */
export function blobOf(space: ByteSpace): Blob {
  return space.blob?.() ?? new Blob([inMemory(space) as Uint8Array<ArrayBuffer>]);
}

/** A part of a space, as a space: nothing is read yet. */
export function partOf(space: ByteSpace, start: number, end: number): ByteSpace {
  if (space instanceof Uint8Array) return space.subarray(start, end);
  const length = end - start;
  const part: ByteSpace = {
    length,
    subarray: (from, to) => space.subarray(start + from, start + Math.min(to, length)),
  };
  return space.blob === undefined ? part : { ...part, blob: () => space.blob!().slice(start, end) };
}

/** One after another, as one space: nothing is copied yet. */
export function joinedSpaces(spaces: readonly ByteSpace[]): ByteSpace {
  const ends: number[] = [];
  for (const { length } of spaces) ends.push((ends.at(-1) ?? 0) + length);
  const length = ends.at(-1) ?? 0;
  return {
    length,
    subarray(start, end) {
      const [from, to] = [Math.min(start, length), Math.min(end, length)];
      const joined = new Uint8Array(Math.max(0, to - from));
      for (let place = firstBehind(ends, from); place < spaces.length; place++) {
        const space = spaces[place]!;
        const before = ends[place]! - space.length;
        if (before >= to) break;
        const [first, last] = [Math.max(0, from - before), Math.min(space.length, to - before)];
        // One space holds all of it: a view, where it can give one.
        if (last - first === joined.length) return space.subarray(first, last);
        joined.set(space.subarray(first, last), before + first - from);
      }
      return joined;
    },
    blob: () => new Blob(spaces.map(blobOf)),
  };
}

/** The first of the ends that lies behind a place. */
function firstBehind(ends: readonly number[], place: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** All of it, a piece at a time. */
export function* piecesInTurn(space: ByteSpace, chunkBytes = CHUNK_BYTES): Generator<Uint8Array> {
  for (let at = 0; at < space.length; at += chunkBytes) {
    yield space.subarray(at, Math.min(at + chunkBytes, space.length));
  }
}
