/** What a thrown error is to whoever asked. */
import type { FastifyError, FastifyRequest } from "fastify";
import { DISK_IS_FULL, isDiskFull } from "../store/disk-full.ts";
import { StoreError } from "../store/store.ts";
import { ApiFailure } from "./api-failure.ts";
import type { ApiProblem } from "./coordinator-port.ts";

/** Of 500 and more, what is no mistake of ours. */
const EXPECTED: readonly string[] = [
  "busy",
  "disk-full",
  "overloaded",
  "intake-paused",
  "no-tabs",
  "timeout",
  "lease-unsure",
  "cell-away",
];
const MEDIA_TYPES =
  "content-type: expected application/octet-stream for tensors, application/json for jobs, multipart/form-data for models";
const CODES: Readonly<Record<number, string>> = { 400: "bad-request", 413: "too-large", 415: "bad-media-type" };

/** What was not foreseen goes to the log. */
export function problemOf(error: FastifyError | ApiFailure | StoreError, request: FastifyRequest): ApiProblem {
  const problem = problemIn(error);
  if (problem.status >= 500 && !EXPECTED.includes(problem.code)) request.log.error(error);
  return problem;
}

function problemIn(error: FastifyError | ApiFailure | StoreError): ApiProblem {
  if (error instanceof ApiFailure) return error;
  if (error instanceof StoreError) {
    if (isDiskFull(error))
      return { status: 507, code: "disk-full", message: `${DISK_IS_FULL} on the coordinator's side; nothing was kept` };
    return {
      status: 503,
      code: "store-failed",
      message: "the coordinator could not write to its disk; nothing was kept",
    };
  }
  const status = "statusCode" in error ? (error.statusCode ?? 500) : 500;
  // What was not foreseen may hold anything: it goes to the log, not to the caller.
  if (status >= 500)
    return { status: 500, code: "internal", message: "the coordinator made a mistake, which its log describes" };
  if (status === 415) return { status, code: "bad-media-type", message: MEDIA_TYPES };
  return { status, code: CODES[status] ?? "bad-request", message: error.message };
}
