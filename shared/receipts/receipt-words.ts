/** What is now known of a job, and how surely, as one paragraph for people. */
import { z } from "zod";
import { quarantinedSince, redoneSince } from "./check-receipt.ts";
import type { CheckedReceipt } from "./checked-receipt.ts";
import { CHECKS, listed, type ReceiptFinding } from "./findings.ts";

const promisedSchema = z.looseObject({ rows: z.looseObject({ promise: z.string() }) });
/** So many of those who were named since are told one by one. */
const NAMED_SHOWN = 3;

/** @param computedAgain rows that were computed again here, none of which differs; 0: none were */
export function receiptParagraph(
  checked: CheckedReceipt,
  findings: readonly ReceiptFinding[],
  computedAgain: number,
): string {
  const broken = findings.filter(({ state }) => state === "broken");
  if (broken.length > 0 || checked.sealed === null || checked.ended === null) {
    const reasons = broken.map(({ check, text }) => `it is not so that ${CHECKS[check]}: ${text}`);
    return `Do not rely on this: ${reasons.join("; ")}.`;
  }
  const sentences = [said(checked), ...ofAnswers(checked), ofSample(checked, computedAgain), ...amended(checked)];
  const unsettled = findings.filter(({ state }) => state === "open");
  if (unsettled.length > 0)
    sentences.push(
      `Not checked: ${unsettled.map(({ check, text }) => `whether ${CHECKS[check]} (${text})`).join("; ")}.`,
    );
  sentences.push(
    "Not known from any receipt: whether its volunteers are different people, whether the coordinator's clock is right, and what it computed itself beyond the rows that you compute again.",
  );
  return sentences.filter((sentence) => sentence !== "").join(" ");
}

function said({ sealed, ended }: CheckedReceipt): string {
  const { statements } = sealed!;
  const { keyId, atMs, receipt, jobId } = ended!;
  const last = statements.length - 1;
  const upTo = last === 0 ? "no amendment" : `amendment ${last}`;
  return `The coordinator with the key ${keyId} has signed what this says of job ${jobId} (${receipt.kind}), on ${new Date(atMs).toUTCString()} by its own clock, up to ${upTo}, and no byte has changed since.`;
}

function ofAnswers({ counted, ended }: CheckedReceipt): string[] {
  if (counted === null) return [];
  const { queryCount, byMark, final, wrongExpectedMax } = counted.answers;
  const marks = Object.entries(byMark).filter(([, count]) => count > 0);
  const numbers = marks.map(([mark, count]) => `${count} ${mark}`).join(", ");
  const ofRounds = () =>
    ` By its bounds at most ${Number(wrongExpectedMax.toPrecision(2))} of the audited ones are wrong, on average.`;
  const ofBounds = ended!.onRows === undefined ? ofRounds : () => promiseOf(ended!.receipt);
  const bounds = (byMark.audited ?? 0) > 0 ? ofBounds() : "";
  const draws =
    ended!.opened !== null && counted.verification === "audits"
      ? " Which rows it had to compute itself followed from a secret that it had committed to before the first answer; it says that it has computed them."
      : "";
  return [`Of ${queryCount} answers (${numbers}) ${final} were final when the job ended.${bounds}${draws}`];
}

/** The promise of a job on the ledger of rows: a bound that is no share of the accepted answers. */
function promiseOf(receipt: Record<string, unknown>): string {
  const parsed = promisedSchema.safeParse(receipt);
  return parsed.success ? ` ${parsed.data.rows.promise}` : "";
}

/** A uniform sample of n rows without a wrong one: with 95 % certainty fewer than 1 - 0.05^(1/n) of all are wrong. */
function ofSample({ counted }: CheckedReceipt, computedAgain: number): string {
  if (computedAgain === 0) return "";
  const share = 1 - 0.05 ** (1 / computedAgain);
  const of = counted === null ? "of the result" : "of the answers that were computed";
  return `You have computed ${computedAgain} rows again, drawn just now, and none differs: with 95 % certainty less than ${Number((100 * share).toPrecision(2))} % ${of} is wrong, whatever the coordinator did.`;
}

/** The second part of a receipt: what was found since, each with its date. */
function amended({ sealed, takenBack }: CheckedReceipt): string[] {
  const since = quarantinedSince(sealed!);
  const sentences = since.slice(0, NAMED_SHOWN).map(({ volunteerId, atMs, reason }) => {
    const taken = takenBack.find((one) => one.volunteerId === volunteerId);
    const count = taken?.queries.length ?? 0;
    const answers = count === 0 ? "" : `: ${count} answers that were final are not any more`;
    const others =
      (taken?.leanedOn ?? 0) === 0
        ? ""
        : `; ${taken!.leanedOn} more had its second opinion, and the coordinator says which of these stand`;
    return `Since then ${volunteerId} was quarantined (${new Date(atMs).toUTCString()} by the coordinator's clock, ${reason})${answers}${others}.`;
  });
  if (since.length > NAMED_SHOWN) {
    const more = since.slice(NAMED_SHOWN).map(({ volunteerId }) => volunteerId);
    const count = takenBack.slice(NAMED_SHOWN).reduce((sum, { queries }) => sum + queries.length, 0);
    sentences.push(`So were ${listed(more, NAMED_SHOWN)}: ${count} more such answers.`);
  }
  const redone = redoneSince(sealed!);
  if (redone.length > 0) {
    sentences.push(
      `Rows of this job were redone by job ${listed(redone, NAMED_SHOWN)}, whose own receipt says which, and what came of them.`,
    );
  }
  return sentences;
}
