/**
 * Signed statements, the files beside them and the public keys that signed them. Appended and never changed; every write is durable when
 * its promise resolves.
 */
import type { FileBeside, KeyLink, Statement } from "../../shared/receipts/sealed-receipt.ts";

export interface ReceiptStore {
  /** Of one job, in their order. Empty: it was not signed. */
  statements(jobId: string): Promise<Statement[]>;
  /** @throws StoreError where its job has a statement of that number already */
  append(statement: Statement): Promise<void>;
  /** Files beside receipts are blobs: they are kept as long as a statement names them. */
  filesBeside(): Promise<FileBeside[]>;
  /** All keys that ever signed, the first one first. */
  keys(): Promise<KeyLink[]>;
  /** Those that are there already stay as they are. */
  addKeys(links: readonly KeyLink[]): Promise<void>;
  /** Signed jobs that this volunteer did something for. */
  jobsOf(volunteerId: string): Promise<string[]>;
}

export function filesOf({ body }: Statement): readonly FileBeside[] {
  return body.what === "ended" ? body.files : [];
}
