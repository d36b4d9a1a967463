/** An uploaded array that is read by rows, where it lies in a file that can be. */
import { open } from "node:fs/promises";
import { NPY_HEADER_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { readNpyHeader } from "../../../shared/protocol/npy.ts";
import type { Store } from "../../store/store.ts";
import type { QueryFile } from "./engine/query-file.ts";

/** Magic, version and the header's length lie before it. */
const HEADER_BYTES = NPY_HEADER_BYTES_MAX + 12;

export interface StoredQueryFile {
  readonly shape: readonly number[];
  readonly values: QueryFile;
}

/**
 * @returns null: there is none, or its numbers are of another type or order than rows are read in
 * @throws StoreError where it is damaged
 */
export async function storedQueryFile(store: Pick<Store, "blobFile">, sha256: string): Promise<StoredQueryFile | null> {
  const blob = await store.blobFile(sha256);
  const header = blob && readNpyHeader(await beginningOf(blob.path));
  if (!header) return null;
  const { dtype, shape, count, isBigEndian, isFortran, dataStart } = header;
  if (isBigEndian || isFortran || (dtype !== "U8" && dtype !== "U16" && dtype !== "F32")) return null;
  return { shape, values: { path: blob.path, dataStart, dtype, length: count } };
}

async function beginningOf(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
