/** Bounds and finality of a receipt's answers: no smaller and no more of it than the receipt's own counts allow. docs/receipts.md, "Bounds". */
import { z } from "zod";
import { ANSWER_MARKS, type AnswerMark } from "../kinds/inference/answers.ts";
import { jsonOrNull } from "../protocol/json-or-null.ts";
import { answerBound } from "../verify/audit-bounds.ts";
import { blockBound } from "../verify/cross-checks/volunteer-bounds.ts";
import { majorityBound } from "../verify/majority-bound.ts";
import type { BatchRecord } from "./batch-lines.ts";
import { recordsIn } from "./check-rows.ts";
import { broken, holds, listed, type ReceiptFinding } from "./findings.ts";
import type { RowRecord } from "./row-records.ts";
import { RULES, RULES_SHA256 } from "./rules.ts";
import type { EndedStatement } from "./sealed-receipt.ts";

/** Of an inference receipt, what bounds follow from. */
const boundedSchema = z.looseObject({
  verification: z.string(),
  submission: z.looseObject({ answerBound: z.number().optional() }),
  code: z.looseObject({ liars: z.number().int().min(0) }),
  answers: z.looseObject({ queryCount: z.number(), boundOfJob: z.number() }),
});
type Bounded = z.infer<typeof boundedSchema>;
const recordsSchema = z.array(
  z.looseObject({ volunteerId: z.string(), recordAtEnd: z.number().int().min(0).optional() }),
);

/** A record that no receipt tells is taken for this many rows: no volunteer has more. */
const RECORD_ROWS_MAX = 1e9;
/** Bounds are sums of floating-point numbers. */
const ROUNDING = 1 - 1e-9;
/** A cross-checked row is checked once as its author's and once as its partner's word, at most. */
const CHECKS_OF_ROW_MAX = 2;

/** @param pinned the hash of the rules that was told when the job began; null: nobody noted it */
export function checkRules({ rules }: EndedStatement, pinned: string | null): ReceiptFinding[] {
  if (pinned !== null && rules !== pinned)
    return [broken("bounds", `rules: expected ${pinned}, which was told when the job began, got ${rules ?? "none"}`)];
  return [];
}

/** @param volunteers volunteers.json, where the receipt says that volunteers are beside it */
export function checkBounds(
  ended: EndedStatement,
  rows: Uint8Array,
  batches: readonly BatchRecord[],
  volunteers: Uint8Array | undefined,
): ReceiptFinding {
  const parsed = boundedSchema.safeParse(ended.receipt);
  if (!parsed.success)
    return broken("bounds", `the receipt lacks what bounds follow from: ${parsed.error.issues[0]!.message}`);
  const { submission, answers } = parsed.data;
  if (submission.answerBound !== undefined && submission.answerBound !== answers.boundOfJob)
    return broken("bounds", `the job asked for ${submission.answerBound}, its receipt says ${answers.boundOfJob}`);
  const floorOf = floors(parsed.data, batches, recordsOf(ended, volunteers));
  const problems: string[] = [];
  let query = -1;
  for (const record of recordsIn(rows)) {
    query++;
    const problem = record && problemOf(record, answers.boundOfJob, floorOf);
    if (problem !== null && problem !== undefined) problems.push(`answer ${query} ${problem}`);
  }
  if (problems.length > 0) return broken("bounds", listed(problems, 3));
  const known = ended.rules === undefined || ended.rules === RULES_SHA256;
  return holds(
    "bounds",
    known ? `${query + 1} answers` : `${query + 1} answers, by this verifier's rules; the receipt names others`,
  );
}

/** @returns null: its bound and mark allow what is said of it */
function problemOf(
  { mark: place, bound, isFinal, hasOpenLabel, place: at }: RowRecord,
  boundOfJob: number,
  floorOf: (at: RowRecord["place"]) => number,
): string | null {
  const mark: AnswerMark = ANSWER_MARKS[place]!;
  if (mark === "exact" || mark === "non-finite")
    return bound === null || bound === 0 ? null : `is ${mark} with the bound ${bound}`;
  if (mark !== "audited") {
    if (isFinal) return `is ${mark}, and called final`;
    return bound === null ? null : `is ${mark}, with the bound ${bound}`;
  }
  if (isFinal && (bound === null || bound > boundOfJob))
    return `is called final with the bound ${bound}, above ${boundOfJob}`;
  if (isFinal && hasOpenLabel) return "is called final, and its label is open";
  const floor = floorOf(at);
  if (bound !== null && bound < floor * ROUNDING)
    return `has the bound ${bound}: by the receipt's counts it is ${Number(floor.toPrecision(3))} at least`;
  return null;
}

/** @returns the least bound that an audited answer at this place may have */
function floors(
  { verification, code, answers }: Bounded,
  batches: readonly BatchRecord[],
  records: ReadonlyMap<string, number>,
): (at: RowRecord["place"]) => number {
  if (verification === "none") return () => 1;
  if (verification === "votes") return () => majorityBound(code.liars, RULES.liarShareMin);
  const { liarShareMin: liarShare } = RULES;
  const ofCrossChecks = blockBound(RULES.liarShareOfCrossChecksMin, CHECKS_OF_ROW_MAX * answers.queryCount);
  const byPlace = new Map<string, number>();
  for (const { roundIndex, workerIndex, volunteerId, rows, drawnRows, opinionBy, coins } of batches) {
    const auditsPassed = records.get(volunteerId) ?? RECORD_ROWS_MAX;
    const facts = { batchRows: Math.max(1, rows), auditedRows: Math.min(drawnRows, rows), auditsPassed, liarShare };
    const ofAudits = answerBound({ ...facts, hasSecondOpinion: opinionBy !== null });
    byPlace.set(`${roundIndex} ${workerIndex}`, coins === null ? ofAudits : Math.min(ofCrossChecks, ofAudits));
  }
  const least = answerBound({
    batchRows: 1,
    auditedRows: 0,
    auditsPassed: RECORD_ROWS_MAX,
    liarShare,
    hasSecondOpinion: true,
  });
  return (at) => (at === null ? least : (byPlace.get(`${at.roundIndex} ${at.workerIndex}`) ?? least));
}

/** Rows of each volunteer that the coordinator says it recomputed and found right, in all jobs until the end of this one. */
function recordsOf({ receipt }: EndedStatement, volunteers: Uint8Array | undefined): Map<string, number> {
  const beside = volunteers === undefined ? null : jsonOrNull(new TextDecoder().decode(volunteers));
  const told = recordsSchema.safeParse(beside ?? (receipt as { readonly volunteers?: unknown }).volunteers);
  const found = new Map<string, number>();
  for (const { volunteerId, recordAtEnd } of told.success ? told.data : [])
    if (recordAtEnd !== undefined) found.set(volunteerId, recordAtEnd);
  return found;
}
