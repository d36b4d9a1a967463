/** A submission to a coordinator whose key is known, with a nonce, and with what it commits to noted. */
import { hexOf, utf8 } from "../receipts/bytes.ts";
import { digestOf } from "../receipts/sha256.ts";
import type { KeyKeeper } from "./coordinator-key.ts";
import type { JobCalls } from "./job-calls.ts";
import { submissionKey } from "./submit-once.ts";

/** @param submit one request */
export function submittingTo(keeper: KeyKeeper, submit: JobCalls["submit"]): JobCalls["submit"] {
  return async (submission, signal, key) => {
    const keyId = await keeper.known(signal);
    const asked =
      submission.kind === "inference" ? { ...submission, nonce: submission.nonce ?? nonceOf(key) } : submission;
    const reply = await submit(asked, signal, key);
    const nonce = asked.kind === "inference" && reply.commitment !== undefined ? asked.nonce : null;
    const { commitment = null, rules } = reply;
    const noted = { keyId, commitment, nonce: nonce ?? null, ...(rules === undefined ? {} : { rules }) };
    await keeper.note((notes) => notes.noteJob(reply.jobId, noted));
    return reply;
  };
}

/** The same for the same key: a submission that is sent again is the same job, and has the nonce of the first time. */
function nonceOf(key: string | undefined): string {
  return key === undefined ? submissionKey() : hexOf(digestOf(utf8(`nonce:${key}`))).slice(0, 32);
}
