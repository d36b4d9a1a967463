/** Signed receipts: what `paritab verify` and the dashboard check. */
import { z } from "zod";
import { type KeyLink, keyLinkSchema } from "../receipts/sealed-receipt.ts";
import { askAs } from "./ask-as.ts";
import type { KeyKeeper, NotedJob, ReceiptLooked } from "./coordinator-key.ts";
import { ofJob } from "./job-calls.ts";
import { askBytes, type Requester } from "./requests.ts";

export interface ReceiptCalls {
  /** Byte by byte as it was signed: keep it so. Of a job that has ended since receipts are signed. */
  signedReceipt(jobId: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** A file that the signed receipt names: rows.bin, batches.jsonl. */
  receiptFile(jobId: string, name: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Fetches the signed receipt, the files beside it and the answers, and checks them here, with what was noted when the job began. Rows
   * are not computed again: `paritab verify` does that.
   */
  checkReceipt(jobId: string, signal?: AbortSignal): Promise<ReceiptLooked>;
  /** Public keys, the first one first. The id of a key (keyIdOf) is what one notes. */
  receiptKeys(signal?: AbortSignal): Promise<KeyLink[]>;
}

export function receiptCalls(requester: Requester, { notes }: Pick<KeyKeeper, "notes">): ReceiptCalls {
  const calls: ReceiptCalls = {
    signedReceipt: (jobId, signal) => askBytes(requester, `${ofJob(jobId)}/receipt/signed.json`, { signal }),
    receiptFile: (jobId, name, signal) =>
      askBytes(requester, `${ofJob(jobId)}/receipt/files/${encodeURIComponent(name)}`, { signal }),
    async checkReceipt(jobId, signal) {
      const [{ checkReceipt }, { receiptParagraph }] = await Promise.all([
        import("../receipts/check-receipt.ts"),
        import("../receipts/receipt-words.ts"),
      ]);
      const receipt = await calls.signedReceipt(jobId, signal);
      const noted: NotedJob = (await notes.job(jobId)) ?? {
        ...NOTHING_NOTED,
        keyId: await notes.key(requester.baseUrl),
      };
      const { kind } = await askAs(requester, ofJob(jobId), z.object({ kind: z.string() }), { signal });
      const answers =
        kind === "inference" ? await askBytes(requester, `${ofJob(jobId)}/answers.npy`, { signal }) : null;
      const checked = await checkReceipt({
        ...{ receipt, answers },
        file: (name) => calls.receiptFile(jobId, name, signal),
        pinnedKey: noted.keyId,
        pinnedCommitment: noted.commitment,
        pinnedNonce: noted.nonce,
        pinnedRules: noted.rules ?? null,
      });
      const { findings } = checked;
      const holds = findings.every(({ state }) => state !== "broken");
      return { holds, findings, paragraph: receiptParagraph(checked, findings, 0) };
    },
    receiptKeys: (signal) => askAs(requester, "/api/receipt-keys", z.array(keyLinkSchema), { signal }),
  };
  return calls;
}

const NOTHING_NOTED = { commitment: null, nonce: null };
