/**
 * All that can be checked of a receipt with the files beside it and no coordinator: the same in a browser and on a command line.
 * Rows that are computed again come on top (verify-sample), and what a coordinator says of its newest amendment.
 */
import { ANSWER_MARKS } from "../kinds/inference/answers.ts";
import type { BatchRecord } from "./batch-lines.ts";
import { hexOf } from "./bytes.ts";
import {
  AUTHOR_NAMES_FILE,
  AUTHORS_FILE,
  type Authors,
  checkAuthorSignatures,
  checkAuthors,
  checkCoins,
  takenBackOf,
} from "./check-authors.ts";
import { checkBounds, checkRules } from "./check-bounds.ts";
import { checkBatches, checkCommitment, checkDraws } from "./check-draws.ts";
import { readReceipt, readReceiptOfJob, sizeProblem } from "./check-form.ts";
import { checkRounds } from "./check-rounds.ts";
import { type Counted, checkAnswers, checkCounts, checkRows, countedSchema, recordsIn } from "./check-rows.ts";
import { checkSignatures } from "./check-signatures.ts";
import { checkPinned, checkSigned } from "./check-statements.ts";
import { checkWhole } from "./check-whole.ts";
import type { CheckedReceipt, ReceiptToCheck, TakenBackSince } from "./checked-receipt.ts";
import { broken, holds, open, type ReceiptFinding } from "./findings.ts";
import type { Amendment, EndedStatement, FileBeside, SealedReceipt } from "./sealed-receipt.ts";
import { digestOf } from "./sha256.ts";
import { WHOLE_FORMAT } from "./whole-receipt.ts";

/** Goes on as long as what comes next has something to stand on. */
export async function checkReceipt(given: ReceiptToCheck): Promise<CheckedReceipt> {
  const { receipt, finding } = readReceipt(given.receipt);
  return receipt?.format === WHOLE_FORMAT
    ? checkWhole(receipt, finding, given, (part) => checkOfJob(readReceiptOfJob(part.receipt), part))
    : checkOfJob({ receipt, finding }, given);
}

async function checkOfJob(
  { receipt: sealed, finding }: ReturnType<typeof readReceiptOfJob>,
  given: ReceiptToCheck,
): Promise<CheckedReceipt> {
  const findings: ReceiptFinding[] = [finding];
  const nothing = { findings, sealed, ended: null, counted: null, rows: null, takenBack: [] };
  if (sealed === null) return nothing;
  const { keyIds, findings: signed } = await checkSigned(sealed);
  findings.push(...signed, checkPinned(keyIds, given.pinnedKey));
  const first = sealed.statements[0]!.body;
  if (first.what !== "ended" || findings.some(({ state }) => state === "broken")) return nothing;
  if (first.receipt.jobId !== first.jobId) {
    findings.push(
      broken("statements", `the receipt in it is of job ${first.receipt.jobId}, the statement of job ${first.jobId}`),
    );
    return nothing;
  }
  findings.push(checkCommitment(first, given.pinnedCommitment, given.pinnedNonce ?? null));
  findings.push(...checkRules(first, given.pinnedRules ?? null));
  const { files, finding: beside } = await filesBeside(first.files, given);
  findings.push(beside);
  if (first.rounds !== undefined) findings.push(...(await checkRounds(first, files)).findings);
  if (first.receipt.kind !== "inference" || first.trees === null) return { ...nothing, ended: first };
  const counted = countedSchema.safeParse(first.receipt);
  if (!counted.success) {
    findings.push(
      broken("counts", `the receipt lacks what one of an inference job has: ${counted.error.issues[0]!.message}`),
    );
    return { ...nothing, ended: first };
  }
  const found = await checkContents(first, counted.data, files, given.answers);
  findings.push(...found.findings);
  const { rows, batches, authors } = found;
  const since = quarantinedSince(sealed);
  const takenBack =
    rows === null
      ? []
      : authors !== undefined
        ? takenBackOf(since, rows, authors)
        : batches === null
          ? []
          : takenBackBy(since, rows, batches);
  return { findings, sealed, ended: first, counted: counted.data, rows, takenBack };
}

interface Contents {
  readonly findings: readonly ReceiptFinding[];
  readonly rows: Uint8Array | null;
  readonly batches: readonly BatchRecord[] | null;
  /** Of a job whose rows went out one by one. */
  readonly authors?: Authors;
}

async function checkContents(
  ended: EndedStatement,
  counted: Counted,
  files: ReadonlyMap<string, Uint8Array>,
  answers: Uint8Array | null,
): Promise<Contents> {
  const [rows, lines] = [files.get(ROWS_FILE), files.get(BATCHES_FILE)];
  if (rows === undefined) return { findings: [], rows: null, batches: null };
  const ofRows = checkRows(rows, ended);
  if (ofRows.state === "broken") return { findings: [ofRows], rows: null, batches: null };
  const findings = [ofRows, checkAnswers(answers, rows, counted), checkCounts(rows, counted)];
  if (ended.onRows !== undefined) {
    const { authors, finding } = checkAuthors(files.get(AUTHORS_FILE), files.get(AUTHOR_NAMES_FILE), rows);
    findings.push(finding);
    if (authors === null) return { findings, rows, batches: null };
    findings.push(await checkAuthorSignatures(files.get(SIGNATURES_FILE), ended, rows, authors));
    const bounds = checkBounds(ended, rows, [], files.get(VOLUNTEERS_FILE));
    return { findings: [...findings, checkCoins(ended, rows, authors), bounds], rows, batches: null, authors };
  }
  if (lines === undefined) return { findings, rows, batches: null };
  const { batches, finding } = checkBatches(lines, ended);
  findings.push(finding);
  if (batches === null) return { findings, rows, batches };
  findings.push(await checkSignatures(files.get(SIGNATURES_FILE), ended, rows, batches));
  const isAudited = counted.verification === "audits";
  const draws = isAudited
    ? checkDraws(ended, rows, batches)
    : open("draws", `this job's answers were not audited: ${counted.verification}`);
  const bounds = checkBounds(ended, rows, batches, files.get(VOLUNTEERS_FILE));
  return { findings: [...findings, draws, bounds], rows, batches };
}

/** Audited answers that were final, of these volunteers, and with their opinion. */
function takenBackBy(
  amendments: readonly Amendment[],
  rows: Uint8Array,
  batches: readonly BatchRecord[],
): TakenBackSince[] {
  if (amendments.length === 0) return [];
  const placeOf = (at: { readonly roundIndex: number; readonly workerIndex: number }) =>
    `${at.roundIndex} ${at.workerIndex}`;
  const byPlace = new Map(batches.map((batch) => [placeOf(batch), batch]));
  const found = new Map(amendments.map(({ volunteerId }) => [volunteerId, { queries: [] as number[], leanedOn: 0 }]));
  let query = -1;
  for (const record of recordsIn(rows)) {
    query++;
    if (record?.place == null || !record.isFinal || ANSWER_MARKS[record.mark] !== "audited") continue;
    const batch = byPlace.get(placeOf(record.place));
    if (batch === undefined) continue;
    const own = found.get(batch.volunteerId);
    if (own !== undefined) own.queries.push(query);
    const other = batch.opinionBy === null ? undefined : found.get(batch.opinionBy);
    if (own === undefined && other !== undefined) other.leanedOn++;
  }
  return amendments.map(({ volunteerId, atMs, reason }) => ({ volunteerId, atMs, reason, ...found.get(volunteerId)! }));
}

/** Jobs that did rows of it again, as it says. */
export function redoneSince({ statements }: SealedReceipt): string[] {
  return statements.flatMap(({ body }) => (body.what === "redone" ? [body.by] : []));
}

/** The receipt itself, where it is kept with the files that it names. */
export const RECEIPT_FILE = "receipt.json";
export const ROWS_FILE = "rows.bin";
export const BATCHES_FILE = "batches.jsonl";
export const SIGNATURES_FILE = "signatures.jsonl";
export const VOLUNTEERS_FILE = "volunteers.json";

/** @returns those files that are what was signed */
async function filesBeside(
  signed: readonly FileBeside[],
  { file }: Pick<ReceiptToCheck, "file">,
): Promise<{ files: ReadonlyMap<string, Uint8Array>; finding: ReceiptFinding }> {
  const files = new Map<string, Uint8Array>();
  const [missing, changed]: [string[], string[]] = [[], []];
  const problem = sizeProblem(signed);
  if (problem !== null) return { files, finding: broken("files", problem) };
  for (const { name, bytes, sha256 } of signed) {
    const found = await file(name);
    if (found === null) missing.push(name);
    else if (found.length !== bytes) changed.push(`${name}: expected ${bytes} bytes, got ${found.length}`);
    else if (hexOf(digestOf(found)) !== sha256)
      changed.push(`${name}: its sha-256 is not ${sha256}: a byte of it was changed`);
    else files.set(name, found);
  }
  if (changed.length > 0) return { files, finding: broken("files", changed.join("; ")) };
  if (missing.length > 0) return { files, finding: open("files", `${missing.join(", ")}: not there`) };
  return {
    files,
    finding: holds("files", signed.length === 0 ? "there are none" : signed.map(({ name }) => name).join(", ")),
  };
}

/** Whom the amendments leave quarantined: no answer of theirs is final any more. */
export function quarantinedSince({ statements }: SealedReceipt): Amendment[] {
  const standing = new Map<string, Amendment>();
  for (const { body } of statements) {
    if (body.what === "quarantined") standing.set(body.volunteerId, body);
    if (body.what === "released") standing.delete(body.volunteerId);
  }
  return [...standing.values()];
}
