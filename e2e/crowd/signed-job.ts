/** The signed receipt of a job that tabs in this process have done, with everything that lies beside it. */

import { answersNpy } from "../../server/kinds/inference/web/answer-files.ts";
import { INPUT_SIZE, model, QUERIES, queries } from "../../server/shell/testing/small-job.ts";
import { checkReceipt } from "../../shared/receipts/check-receipt.ts";
import type { CheckedReceipt } from "../../shared/receipts/checked-receipt.ts";
import type { CheckName } from "../../shared/receipts/findings.ts";
import { receiptFile } from "../../shared/receipts/receipt-file.ts";
import type { SealedReceipt } from "../../shared/receipts/sealed-receipt.ts";
import type { ShellWithTabs } from "./shell-with-tabs.ts";

export interface SignedJob {
  readonly receipt: Uint8Array;
  readonly answers: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** @param settings of the submission, beside its model and queries. @returns its id, once it has ended */
export async function runSmallJob(world: ShellWithTabs, settings: object): Promise<string> {
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
  ]);
  return world.run({ ...settings, source: { kind: "uploads", modelSha256, queriesSha256 } });
}

export async function signedJob({ shell }: ShellWithTabs, jobId: string): Promise<SignedJob> {
  const sealed = await shell.sealedReceipt(jobId);
  if (sealed === null || typeof sealed === "string") throw new Error(`expected a signed receipt, got ${sealed}`);
  const { body } = sealed.statements[0]!;
  if (body.what !== "ended") throw new Error(`expected the job's end first, got ${body.what}`);
  const files = new Map<string, Uint8Array>();
  for (const { name } of body.files) files.set(name, (await shell.receiptFile(jobId, name))!);
  const answers = answersNpy((await shell.desks.inference.allAnswers(jobId))!);
  return { receipt: receiptFile(sealed), answers, files };
}

export function checkSignedJob(
  { receipt, answers, files }: SignedJob,
  pinned: { readonly pinnedKey?: string; readonly pinnedCommitment?: string; readonly pinnedRules?: string } = {},
): Promise<CheckedReceipt> {
  const { pinnedKey = null, pinnedCommitment = null, pinnedRules = null } = pinned;
  const file = async (name: string) => files.get(name) ?? null;
  return checkReceipt({ receipt, answers, file, pinnedKey, pinnedCommitment, pinnedRules });
}

/** The checks that ended so. */
export function checksThat({ findings }: CheckedReceipt, state: "holds" | "broken" | "open"): CheckName[] {
  return findings.filter((finding) => finding.state === state).map(({ check }) => check);
}

/** The receipt with something else in it, as somebody who has no key would write it. */
export function parsedReceipt({ receipt }: SignedJob): SealedReceipt {
  return JSON.parse(new TextDecoder().decode(receipt)) as SealedReceipt;
}
