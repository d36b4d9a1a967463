/** Which rows of a result were recomputed, as flags, and how several such lists become one. */

/** Rows that the coordinator recomputed and found right, with its own outputs, in the order of the flags. */
export interface CheckedRows {
  readonly flags: Uint8Array;
  readonly ownOutputs: Float32Array;
}

/** Rows that were recomputed at one time or the other, with the coordinator's own outputs. */
export function checkedToo(before: CheckedRows | null, now: CheckedRows): CheckedRows {
  if (before === null) return now;
  const flags = before.flags.map((flag, row) => flag | now.flags[row]!);
  const width = now.ownOutputs.length / countFlags(now.flags);
  const ownOutputs = new Float32Array(countFlags(flags) * width);
  const [ranksBefore, ranksNow, ranksAll] = [ranks(before.flags), ranks(now.flags), ranks(flags)];
  flags.forEach((flag, row) => {
    if (flag === 0) return;
    const [from, rank] = now.flags[row] === 1 ? [now, ranksNow[row]!] : [before, ranksBefore[row]!];
    ownOutputs.set(from.ownOutputs.subarray(rank * width, (rank + 1) * width), ranksAll[row]! * width);
  });
  return { flags, ownOutputs };
}

export function rowsWith(values: Uint8Array, wanted: number): number[] {
  return [...values.keys()].filter((row) => values[row] === wanted);
}

export function countFlags(flags: Uint8Array): number {
  return countOf(flags, 1);
}

export function countOf(values: Uint8Array, wanted: number): number {
  let found = 0;
  for (const value of values) if (value === wanted) found++;
  return found;
}

/** For each flag that is set, how many are set before it. */
export function ranks(flags: Uint8Array): Uint32Array {
  const before = new Uint32Array(flags.length);
  let set = 0;
  flags.forEach((flag, i) => {
    before[i] = set;
    if (flag === 1) set++;
  });
  return before;
}
