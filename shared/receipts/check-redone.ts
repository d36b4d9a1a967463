/** Is a second receipt that of the job which, as the first one says, did rows of it again? */
import { broken, holds, type ReceiptFinding } from "./findings.ts";
import { type SealedReceipt, statementHash } from "./sealed-receipt.ts";

/** @param later whose own signatures are checked elsewhere */
export function checkRedone(first: SealedReceipt, later: SealedReceipt): ReceiptFinding {
  const [end] = later.statements;
  if (end?.body.what !== "ended") return broken("redone", "the second receipt tells no job's end");
  const { jobId } = end.body;
  const said = first.statements.find(({ body }) => body.what === "redone" && body.by === jobId)?.body;
  if (said?.what !== "redone") return broken("redone", `it names no job ${jobId} that did rows of it again`);
  if (said.statement !== statementHash(end)) {
    return broken("redone", `the receipt of job ${jobId} is not the one that it names: a byte of it was changed`);
  }
  const of = (end.body.receipt as { redoOf?: { jobId?: unknown } }).redoOf?.jobId;
  if (of !== said.jobId) {
    return broken(
      "redone",
      `the receipt of job ${jobId} says that it did rows of ${of ?? "no other job"} again, not of this one`,
    );
  }
  return holds("redone", `job ${jobId} did rows of it again, and its receipt says so too`);
}
