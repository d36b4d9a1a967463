/** [RC4] [RC7] At the end of a run: the signed receipt of every job that has ended holds, whatever happened on the way. */
import { answersNpy } from "../../../server/kinds/inference/web/answer-files.ts";
import { ReceiptKeys, type ReceiptSigner } from "../../../server/receipts/receipt-keys.ts";
import { sha256Hex } from "../../../server/sha256-hex.ts";
import type { CoordinatorShell } from "../../../server/shell/coordinator-shell.ts";
import { ReceiptOffice } from "../../../server/shell/receipt-office.ts";
import { MemoryReceipts } from "../../../server/store/testing/memory-receipts.ts";
import { utf8 } from "../../../shared/receipts/bytes.ts";
import { checkReceipt } from "../../../shared/receipts/check-receipt.ts";
import { receiptFile } from "../../../shared/receipts/receipt-file.ts";
import { hmacSha256 } from "../../../shared/receipts/sha256.ts";
import { VirtualClock } from "../../crowd/virtual-clock.ts";

/** What draws of a simulated job derive from: of its seed, so that a run is the same again. */
export function simulatedSecret(seed: number): (jobId: string) => Uint8Array {
  return (jobId) => hmacSha256(utf8(`seed ${seed}`), utf8(jobId));
}

/** @returns held: so many receipts hold, draws and all. broken: what does not, in words */
export async function checkReceipts(
  shell: CoordinatorShell,
  jobIds: readonly string[],
  jobSecret: (jobId: string) => Uint8Array,
): Promise<{ held: number; broken: string[] }> {
  const keys = ReceiptKeys.inMemory(() => 0);
  const signer: ReceiptSigner = { links: () => keys.links(), sign: (of) => keys.sign(of), jobSecret };
  const blobs = new Map<string, Uint8Array>();
  // A store of its own: on the run's disk nothing is written any more.
  const store = {
    receipts: new MemoryReceipts(() => []),
    contributions: async () => [],
    job: async () => null,
    signWhole: async (_wholeId: string, statement: string) => statement,
    signedWhole: async () => null,
    getBlob: async (sha256: string) => blobs.get(sha256) ?? null,
    putBlob: async (bytes: Uint8Array) => {
      const sha256 = sha256Hex(bytes);
      blobs.set(sha256, bytes);
      return sha256;
    },
  };
  const broken: string[] = [];
  const office = new ReceiptOffice({
    ...{ store, signer, state: shell.state, clock: new VirtualClock() },
    onProblem: (message, error) => void broken.push(`[RC4] ${message}: ${error}`),
    receipt: (jobId) => shell.receipt(jobId),
    parts: async (jobId) => (await shell.desks.inference.receiptParts(jobId))!,
  });
  let held = 0;
  for (const jobId of jobIds) {
    const sealed = await office.sealed(jobId);
    if (sealed === null || typeof sealed === "string") continue; // it has not ended, or its data was lost
    const answers = answersNpy((await shell.desks.inference.allAnswers(jobId))!);
    const file = (name: string) => office.file(jobId, name);
    const receipt = receiptFile(sealed);
    const { findings } = await checkReceipt({ receipt, answers, file, pinnedKey: null, pinnedCommitment: null });
    if (findings.some(({ check, state }) => check === "draws" && state === "holds")) held++;
    for (const { check, state, text } of findings) {
      if (state === "broken") broken.push(`[RC7] the receipt of ${jobId}: ${check}: ${text}`);
    }
  }
  return { held, broken };
}
