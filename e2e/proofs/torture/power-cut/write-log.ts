/** What power-cut.c wrote down: every change to files, and every sync, in the order in which they happened. */
import { readFileSync } from "node:fs";

export const KINDS = [
  "created",
  "written",
  "truncated",
  "synced",
  "directorySynced",
  "renamed",
  "unlinked",
  "directoryMade",
  "directoryRemoved",
] as const;

export interface WriteRecord {
  readonly kind: (typeof KINDS)[number];
  readonly path: string;
  /** Of a rename: where it went. */
  readonly to: string;
  readonly inode: bigint;
  /** Of a write; of a truncation the new length. */
  readonly offset: number;
  readonly data: Buffer;
}

const HEAD_BYTES = 33;

/** @returns the whole records; the kill may have torn the last one */
export function readWriteLog(path: string): WriteRecord[] {
  const bytes = readFileSync(path);
  const records: WriteRecord[] = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const nameLength = bytes.readUInt32LE(at + 1);
    const toLength = bytes.readUInt32LE(at + 5);
    const kind = KINDS[bytes[at]! - 1];
    if (kind === undefined)
      throw new Error(`${path}: expected a kind from 1 to ${KINDS.length}, got ${bytes[at]} at ${at}`);
    const dataLength = kind === "written" ? Number(bytes.readBigUInt64LE(at + 25)) : 0;
    const nameAt = at + HEAD_BYTES;
    const dataAt = nameAt + nameLength + toLength;
    const end = dataAt + dataLength;
    if (end > bytes.length) break;
    records.push({
      kind,
      path: bytes.toString("utf8", nameAt, nameAt + nameLength),
      to: bytes.toString("utf8", nameAt + nameLength, dataAt),
      inode: bytes.readBigUInt64LE(at + 9),
      offset: Number(bytes.readBigUInt64LE(at + 17)),
      data: bytes.subarray(dataAt, end),
    });
    at = end;
  }
  return records;
}
