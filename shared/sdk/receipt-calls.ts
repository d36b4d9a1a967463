/** Signed receipts: what `paritab verify` and the dashboard check. */
import { z } from "zod";
import { type KeyLink, keyLinkSchema } from "../receipts/sealed-receipt.ts";
import { askAs } from "./ask-as.ts";
import { ofJob } from "./job-calls.ts";
import { askBytes, type Requester } from "./requests.ts";

export interface ReceiptCalls {
  /** Byte by byte as it was signed: keep it so. Of a job that has ended since receipts are signed. */
  signedReceipt(jobId: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** A file that the signed receipt names: rows.bin, batches.jsonl. */
  receiptFile(jobId: string, name: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Public keys, the first one first. The id of a key (keyIdOf) is what one notes. */
  receiptKeys(signal?: AbortSignal): Promise<KeyLink[]>;
}

export function receiptCalls(requester: Requester): ReceiptCalls {
  return {
    signedReceipt: (jobId, signal) => askBytes(requester, `${ofJob(jobId)}/receipt/signed.json`, { signal }),
    receiptFile: (jobId, name, signal) =>
      askBytes(requester, `${ofJob(jobId)}/receipt/files/${encodeURIComponent(name)}`, { signal }),
    receiptKeys: (signal) => askAs(requester, "/api/receipt-keys", z.array(keyLinkSchema), { signal }),
  };
}
