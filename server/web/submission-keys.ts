/**
 * A submission whose answer got lost may be sent again: with the same `Idempotency-Key` it is the same job. The key makes the
 * job's id, so this holds across a restart of the coordinator too.
 */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import { SUBMISSION_KEYS_HELD_MAX } from "../../shared/protocol/limits.ts";
import { jobIdOfKey } from "../../shared/sdk/job-id-of-key.ts";
import { ApiFailure } from "./api-failure.ts";
import { type ApiProblem, isProblem } from "./coordinator-port.ts";

type Answer = JobSubmitted | ApiProblem;

/** Described here; what is wrong with one is said by submissionKeyOf. */
export const submissionKeyHeader = z.looseObject({
  "idempotency-key": z
    .any()
    .optional()
    .describe(
      "sent again with the same key of 22 to 64 random letters, it is the same job: use it when the answer was lost",
    ),
});

export class SubmissionKeys {
  readonly #hasJob: (jobId: string) => Promise<boolean>;
  /** By the id that the key makes: submissions under way, and the latest ones that were accepted. */
  readonly #answers = new Map<string, Promise<Answer>>();

  constructor(hasJob: (jobId: string) => Promise<boolean>) {
    this.#hasJob = hasJob;
  }

  /**
   * @param submitter whose key it is: the same letters of two submitters are two keys
   * @param submit is given the id that the job is to have; undefined: any
   */
  async once(
    submitter: string,
    key: string | undefined,
    submit: (jobId: string | undefined) => Promise<Answer>,
  ): Promise<Answer> {
    if (key === undefined) return submit(undefined);
    const jobId = jobIdOfKey(submitter, key);
    const held = this.#answers.get(jobId);
    if (held !== undefined) return held;
    const answer = this.#hasJob(jobId).then((isThere) => (isThere ? { jobId } : submit(jobId)));
    this.#hold(jobId, answer);
    // What was refused may be tried again, and be accepted then.
    const isRefused = await answer.then(isProblem, () => true);
    if (isRefused) this.#answers.delete(jobId);
    return answer;
  }

  #hold(jobId: string, answer: Promise<Answer>): void {
    this.#answers.set(jobId, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > SUBMISSION_KEYS_HELD_MAX) this.#answers.delete(oldest!);
  }
}

/** @throws ApiFailure where the header is no key: it has to be hard to guess, for it makes the job's id */
export function submissionKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key === "string" && /^[\w-]{22,64}$/.test(key)) return key;
  throw new ApiFailure(400, "bad-request", "Idempotency-Key: expected 22 to 64 random letters, digits, - or _");
}
