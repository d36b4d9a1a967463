/** What the signed receipt of a job on the ledger says of each row beside its answer: who gave it, in which attempt, and who agreed. */
import { AUTHOR_RECORD_BYTES, writeAuthor } from "../../../../shared/receipts/author-records.ts";
import { hexOf, utf8 } from "../../../../shared/receipts/bytes.ts";
import { canonical } from "../../../../shared/receipts/canonical.ts";
import { AUTHOR_NAMES_FILE, AUTHORS_FILE } from "../../../../shared/receipts/check-authors.ts";
import { BATCHES_FILE, SIGNATURES_FILE } from "../../../../shared/receipts/check-receipt.ts";
import { MerkleRoot } from "../../../../shared/receipts/merkle.ts";
import { isSignedResult, signatureLine } from "../../../../shared/receipts/signature-lines.ts";
import { VolunteerKeys } from "../../../../shared/receipts/volunteer-keys.ts";
import { nativeDigest } from "../../../native-digest.ts";
import type { SealedParts } from "../../../shell/receipt-parts.ts";
import type { Store } from "../../../store/store.ts";
import { COORDINATOR } from "../core/job.ts";
import { inPieces, LOOKED_UP } from "../in-pieces.ts";
import type { AnswersOfJob } from "../views.ts";
import { blockOf } from "./engine/blocks.ts";
import { RowAnswers } from "./engine/row-answers.ts";
import { readAppends } from "./engine/row-workspace.ts";

/** @param parts what its receipt holds as that of any job of inference */
export async function rowReceiptParts(
  store: Pick<Store, "appends" | "blocks">,
  { job }: AnswersOfJob,
  parts: SealedParts,
): Promise<SealedParts> {
  const rows = new RowAnswers(job, null);
  await readAppends(rows, store.appends(job.jobId));
  const names = new Map<string, number>();
  const numberOf = (name: string): number => {
    const known = names.get(name) ?? names.size;
    names.set(name, known);
    return known;
  };
  const records = new Uint8Array(job.queryCount * AUTHOR_RECORD_BYTES);
  await inPieces(job.queryCount, LOOKED_UP, (start, end) => {
    for (let place = start; place < end; place++) {
      const { author, partner, blockId } = rows.saidOf(place);
      writeAuthor(records.subarray(place * AUTHOR_RECORD_BYTES, (place + 1) * AUTHOR_RECORD_BYTES), {
        author: author === null ? null : numberOf(author),
        partner: partner === null ? null : partner === COORDINATOR ? "coordinator" : numberOf(partner),
        ...{ attempt: rows.attemptOf(place), blockId },
      });
    }
  });
  const lines = await signedLines(job.jobId, rows, names);
  const blocks = (await store.blocks(job.jobId)).map((block) => blockOf(block).block.terms);
  const least = (of: (terms: (typeof blocks)[number]) => number) =>
    blocks.length === 0 ? 0 : Math.min(...blocks.map(of));
  const files = [
    ...parts.files.filter(({ name }) => name !== BATCHES_FILE),
    { name: AUTHORS_FILE, bytes: records },
    { name: AUTHOR_NAMES_FILE, bytes: utf8(canonical([...names.keys()])) },
    ...(lines.length === 0 ? [] : [{ name: SIGNATURES_FILE, bytes: utf8(`${lines.join("\n")}\n`) }]),
  ];
  return {
    ...parts,
    onRows: {
      anchorShare: least(({ anchorShare }) => anchorShare),
      duplicateShare: least(({ duplicateShare }) => duplicateShare),
    },
    ...(lines.length === 0 ? {} : { signatures: treeOf(lines) }),
    files,
  };
}

/** [RC9] Of whoever gave an answer, what is signed by its key. */
async function signedLines(jobId: string, rows: RowAnswers, names: ReadonlyMap<string, number>): Promise<string[]> {
  const keys = new VolunteerKeys();
  const lines: string[] = [];
  for (const result of rows.signed.values()) {
    if (!names.has(keys.idOf(result.publicKey)) || !(await isSignedResult(jobId, result, keys, nativeDigest))) continue;
    lines.push(signatureLine({ roundIndex: lines.length, workerIndex: 0, ...result }));
  }
  return lines;
}

function treeOf(lines: readonly string[]) {
  const tree = new MerkleRoot(nativeDigest);
  for (const line of lines) tree.add(utf8(line));
  return { count: tree.count, root: hexOf(tree.root()) };
}
