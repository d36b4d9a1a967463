/** [PR87] The smallest form in which the numbers of an input travel: all one number, up to an end of each row, or those of a mask. */
import type { QueryNumbers } from "../../../../shared/coding/query-numbers.ts";

/** Columns of rowCount x width entries. */
export interface PartColumns {
  readonly entries: QueryNumbers;
  readonly width: number;
  readonly start: number;
  readonly size: number;
}

/** Rows that end with one number, as padded texts do. */
export interface Ends {
  /** The number after each row's end. */
  readonly after: number;
  /** Of each row: how many numbers it has before it. */
  readonly ends: Uint16Array;
}

/** What a second tensor takes in what is said of a batch that is like the last one (PR99). */
const TENSOR_BYTES = 16;
const MOST = 65_535;
const IN_A_BYTE = 255;

/** Of an end in a row of so many numbers. */
export const endBytes = (size: number): 1 | 2 => (size <= IN_A_BYTE ? 1 : 2);

/** @returns the number that all of them are, scaled as float32; null: there are others, or JSON has no such number */
export function sameOf({ entries, width, start, size }: PartColumns, scale: number): number | null {
  const one = entries[start]!;
  const same = Math.fround(one * scale);
  if (!Number.isFinite(same) || Object.is(same, -0)) return null;
  for (let row = start; row < entries.length; row += width) {
    for (let at = row; at < row + size; at++) if (!Object.is(entries[at], one)) return null;
  }
  return same;
}

/** Where rows end with the number that the row with the longest such end has. @returns null where none ends so */
export function endsOf({ entries, width, start, size }: PartColumns): Ends | null {
  if (size > MOST) return null;
  const ends = new Uint16Array(entries.length / width);
  let [after, longest] = [0, 1];
  const endOf = (row: number, last: number): number => {
    let end = size;
    while (end > 0 && Object.is(entries[row + end - 1], last)) end--;
    return end;
  };
  for (let row = start; row < entries.length; row += width) {
    const last = entries[row + size - 1]!;
    const length = size - endOf(row, last);
    if (length > longest && Number.isFinite(last) && !Object.is(last, -0)) [after, longest] = [last, length];
  }
  if (longest === 1) return null;
  for (let n = 0; n < ends.length; n++) ends[n] = endOf(start + n * width, after);
  return { after, ends };
}

/** Is it 1 before each row's end, and 0 after it, as an attention mask is? */
export function isMaskOf({ entries, width, start, size }: PartColumns, { ends }: Ends): boolean {
  for (let n = 0; n < ends.length; n++) {
    const row = start + n * width;
    for (let i = 0; i < size; i++) if (!Object.is(entries[row + i], i < ends[n]! ? 1 : 0)) return false;
  }
  return true;
}

/** @param masks numbers of parts that follow from the ends, all together */
export function savedBytes({ ends }: Ends, size: number, bytesPerNumber: number, masks: number): number {
  const left = ends.reduce((sum, end) => sum + size - end, 0);
  return left * bytesPerNumber + masks - ends.length * endBytes(size) - TENSOR_BYTES;
}
