/** The secret that was opened, and whether the rows that it draws were computed by the coordinator. */
import { ANSWER_MARKS } from "../kinds/inference/answers.ts";
import { AUDIT_ROW_SHARE, AUDIT_SHARE_MAX } from "../protocol/limits.ts";
import { askedRows } from "./asked-rows.ts";
import { type BatchRecord, readBatchLine } from "./batch-lines.ts";
import { bytesOfHex, hexOf, utf8 } from "./bytes.ts";
import { recordsIn } from "./check-rows.ts";
import { broken, holds, listed, open, type ReceiptFinding } from "./findings.ts";
import { commitmentTo } from "./job-draws.ts";
import { MerkleRoot } from "./merkle.ts";
import { RULES } from "./rules.ts";
import type { EndedStatement } from "./sealed-receipt.ts";

const [AUDITED, EXACT, NON_FINITE] = (["audited", "exact", "non-finite"] as const).map((mark) =>
  ANSWER_MARKS.indexOf(mark),
) as [number, number, number];

/**
 * @param pinned what was told when the job began; null: nobody noted it
 * @param nonce what the submitter sent with the job; null: nobody noted it
 */
export function checkCommitment(
  { commitment, opened }: EndedStatement,
  pinned: string | null,
  nonce: string | null,
): ReceiptFinding {
  if (commitment === null && pinned !== null)
    return broken("commitment", `expected ${pinned}, which was told when the job began, got none`);
  if (commitment === null) return open("commitment", "this job made none: its draws cannot be made again");
  if (pinned !== null && pinned !== commitment.commitment) {
    return broken("commitment", `expected ${pinned}, which was told when the job began, got ${commitment.commitment}`);
  }
  if (nonce !== null && nonce !== commitment.nonce) {
    return broken("commitment", `expected it to be made with your nonce ${nonce}, got "${commitment.nonce}"`);
  }
  if (opened === null) return open("commitment", "it is not opened: the coordinator says that it lost the secret");
  const got = commitmentTo(bytesOfHex(opened), commitment.nonce, commitment.queries);
  if (got !== commitment.commitment)
    return broken("commitment", `expected ${commitment.commitment}, the secret that was opened makes ${got}`);
  const known =
    pinned === null ? "; that it was told before the job began is the coordinator's word, for you named none" : "";
  const without = commitment.nonce === "" ? ", without a nonce of the submitter" : "";
  return holds("commitment", `${got}${without}${known}`);
}

/** Lines of batches.jsonl. */
export function checkBatches(
  file: Uint8Array,
  { trees }: EndedStatement,
): { batches: BatchRecord[] | null; finding: ReceiptFinding } {
  const { count, root } = trees!.batches;
  const tree = new MerkleRoot();
  const batches: BatchRecord[] = [];
  const fail = (text: string) => ({ batches: null, finding: broken("batches", `batches.jsonl: ${text}`) });
  const lines = new TextDecoder().decode(file).split("\n");
  if (lines.pop() !== "") return fail("expected a newline at its end");
  for (const [place, line] of lines.entries()) {
    const batch = readBatchLine(line);
    if (batch === null) return fail(`line ${place + 1} is none that a coordinator writes`);
    const before = batches.at(-1);
    if (before !== undefined && !isBehind(before, batch))
      return fail(`line ${place + 1} is not behind the one before it`);
    batches.push(batch);
    tree.add(utf8(line));
  }
  if (batches.length !== count) return fail(`expected ${count} lines, got ${batches.length}`);
  const got = hexOf(tree.root());
  if (got !== root) return fail(`expected the root ${root}, got ${got}`);
  const volunteers = new Set(batches.map(({ volunteerId }) => volunteerId)).size;
  return {
    batches,
    finding: holds("batches", `${count} results of ${volunteers} ${volunteers === 1 ? "volunteer" : "volunteers"}`),
  };
}

function isBehind(before: BatchRecord, after: BatchRecord): boolean {
  if (before.roundIndex !== after.roundIndex) return before.roundIndex < after.roundIndex;
  return before.workerIndex < after.workerIndex;
}

/** Rows of a batch that no answer has: padding, or a query that another batch answers. */
const NOWHERE = 255;
const NO_PLACE = { roundIndex: -1, workerIndex: 0, row: 0 };

/**
 * Rows that were drawn are exact: the coordinator's own numbers stand for them. Of a result that somebody else agreed with as many as the
 * rule asks for are looked at, for what was drawn to check the other one counts too.
 */
export function checkDraws(ended: EndedStatement, rows: Uint8Array, batches: readonly BatchRecord[]): ReceiptFinding {
  const { opened, auditShareMax, anchorShare } = ended;
  const isCapped = auditShareMax !== null && auditShareMax < AUDIT_SHARE_MAX;
  if (opened === null) return open("draws", "nobody can draw them again without the job's secret");
  if (anchorShare !== null && anchorShare < RULES.anchorShareMin)
    return broken("draws", `anchorShare: expected ${RULES.anchorShareMin} at least, got ${anchorShare}`);
  const secret = bytesOfHex(opened);
  const held = marksOf(rows, batches);
  if ("problem" in held) return broken("draws", held.problem);
  const [unchecked, skipped, few, hidden]: [string[], string[], string[], string[]] = [[], [], [], []];
  let [looked, seen] = [0, 0];
  for (const [b, batch] of batches.entries()) {
    const marks = held.marks.subarray(held.starts[b]!, held.starts[b]! + batch.rows);
    if (marks.every((mark) => mark === NOWHERE)) continue; // mixtures: nobody sees their rows
    seen++;
    // Padding fills up the last group alone.
    const name = nameOf(batch);
    if (marks.indexOf(NOWHERE) >= 0 && marks.indexOf(NOWHERE) < batch.rows - 1) {
      // Whatever was computed of it: nobody writes such a batch, and it may be of any size.
      hidden.push(name);
      continue;
    }
    const floor = Math.min(batch.rows, Math.max(1, Math.ceil(batch.rows * AUDIT_ROW_SHARE)));
    if (marks.includes(AUDITED) && batch.coins === null) {
      if (batch.drawnRows === 0 && batch.opinionBy === null) unchecked.push(name);
      else if (batch.drawnRows < floor) few.push(name);
    }
    const isComputed = (row: number) => [NOWHERE, EXACT, NON_FINITE].includes(marks[row]!);
    const { rows: best, isCut } = askedRows(batch, { secret, ended, floor, isCapped, isComputed });
    if (isCut) few.push(name);
    looked += best.length;
    for (const row of best) if (!isComputed(row)) skipped.push(`row ${row} of ${name}`);
  }
  if (skipped.length > 0) return broken("draws", `drawn, and not computed by the coordinator: ${listed(skipped, 3)}`);
  if (hidden.length > 0) return broken("draws", `no answer is said to be one of its rows: ${listed(hidden, 3)}`);
  if (seen > 0 && held.placeless > 0) {
    return broken("draws", `${held.placeless} audited answers are said to be of no batch`);
  }
  if (unchecked.length > 0)
    return broken("draws", `called audited, and no row of it was drawn: ${listed(unchecked, 3)}`);
  if (few.length > 0 && !isCapped)
    return broken("draws", `fewer rows drawn than one in ${1 / AUDIT_ROW_SHARE}: ${listed(few, 3)}`);
  if (seen === 0)
    return open("draws", "no result of this job shows its rows: its scheme mixes queries, or nothing was checked");
  const capped =
    few.length > 0
      ? `; of ${few.length} fewer than the rule asks for, because the operator caps recomputed rows at ${auditShareMax} of all`
      : "";
  return holds("draws", `${looked} rows of ${seen} results, as the secret draws them${capped}`);
}

function nameOf({ roundIndex, workerIndex }: BatchRecord): string {
  return `round ${roundIndex}, worker index ${workerIndex}`;
}

/** By batch, the mark of the answer that each of its rows gave. */
function marksOf(
  rows: Uint8Array,
  batches: readonly BatchRecord[],
): { marks: Uint8Array; starts: Float64Array; placeless: number } | { problem: string } {
  const starts = new Float64Array(batches.length);
  const placeOf = new Map<number, number>();
  let total = 0;
  for (const [b, { roundIndex, workerIndex, rows: count }] of batches.entries()) {
    starts[b] = total;
    total += count;
    placeOf.set(roundIndex * 0x10000 + workerIndex, b);
  }
  if (total > rows.length) return { problem: `batches.jsonl: ${total} rows are more than there can be` };
  const marks = new Uint8Array(total).fill(NOWHERE);
  let [query, placeless] = [-1, 0];
  for (const record of recordsIn(rows)) {
    query++;
    const { roundIndex, workerIndex, row } = record?.place ?? NO_PLACE;
    const b = placeOf.get(roundIndex * 0x10000 + workerIndex);
    if (record === null || b === undefined) {
      if (record?.mark === AUDITED) placeless++;
      continue;
    }
    if (row >= batches[b]!.rows)
      return { problem: `answer ${query}: row ${row} of a batch that has ${batches[b]!.rows}` };
    if (marks[starts[b]! + row] !== NOWHERE)
      return { problem: `answer ${query}: another answer is said to be row ${row} of its batch too` };
    marks[starts[b]! + row] = record.mark;
  }
  return { marks, starts, placeless };
}
