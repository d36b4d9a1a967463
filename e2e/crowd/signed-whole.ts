/** The signed receipt of a job in parts that tabs in this process have done, with everything that lies beside it. */
import { answersNpy } from "../../server/kinds/inference/web/answer-files.ts";
import { INPUT_SIZE, model, SYSTEMATIC } from "../../server/shell/testing/small-job.ts";
import { inferenceSubmissionSchema } from "../../shared/kinds/inference/submission.ts";
import { encodeNpy, parseNpy } from "../../shared/protocol/npy.ts";
import type { SealedReceipt } from "../../shared/receipts/sealed-receipt.ts";
import { filesNamed, type SealedWhole } from "../../shared/receipts/whole-receipt.ts";
import type { ShellWithTabs } from "./shell-with-tabs.ts";

export interface SignedWhole {
  readonly sealed: SealedWhole;
  readonly answers: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** @param wholeId of 24 characters. @param rows n x INPUT_SIZE. @returns once it has ended */
export async function signedWhole(
  world: ShellWithTabs,
  wholeId: string,
  partCount: number,
  rows: Float32Array,
): Promise<SignedWhole> {
  const { store, shell } = world;
  const [modelSha256, queriesSha256] = await Promise.all([
    store.putBlob(model),
    world.upload({ dtype: "F32", shape: [rows.length / INPUT_SIZE, INPUT_SIZE], data: rows }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256 };
  const settings = { kind: "inference", ...SYSTEMATIC, answerBound: 0.4, parts: partCount, source };
  await shell.submit(inferenceSubmissionSchema.parse(settings), wholeId);
  const whole = (await store.whole(wholeId))!;
  const parts: SealedReceipt[] = [];
  const outputs: number[] = [];
  for (const { jobId } of whole.parts) {
    await world.ended(jobId);
    parts.push((await shell.sealedReceipt(jobId)) as SealedReceipt);
    outputs.push(...(parseNpy(answersNpy((await shell.desks.inference.allAnswers(jobId))!)).data as Float32Array));
  }
  const sealed = (await shell.sealedWhole(whole, parts)) as SealedWhole;
  const files = new Map<string, Uint8Array>();
  for (const name of filesNamed(sealed)) {
    const [, index, own] = /^(\d+)\.(.+)$/.exec(name)!;
    files.set(name, (await shell.receiptFile(whole.parts[Number(index)]!.jobId, own!))!);
  }
  const width = outputs.length / (rows.length / INPUT_SIZE);
  const answers = encodeNpy({ dtype: "F32", shape: [outputs.length / width, width], data: Float32Array.from(outputs) });
  return { sealed, answers, files };
}
