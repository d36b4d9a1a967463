/** Errors of the HTTP API: one body for all of them. */
import type { z } from "zod";
import type { ApiError } from "../../shared/protocol/api-error.ts";
import { describeIssues } from "../../shared/protocol/describe-issues.ts";
import type { ApiProblem } from "./coordinator-port.ts";

/** Thrown by a route; the error handler turns it into its status and an ApiError. */
export class ApiFailure extends Error implements ApiProblem {
  override readonly name = "ApiFailure";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** [PR25] What the coordinator's load is judged by looks back so far; seconds. */
export const RETRY_AFTER_S = 5;

/** Headers that say nothing true of what stands in the place of an answer. */
export const OF_A_BODY = ["content-length", "content-disposition", "content-encoding", "etag", "last-modified"];
export const JSON_TYPE = "application/json; charset=utf-8";

export function errorBody(problem: { code: string; message: string }): ApiError {
  return { error: { code: problem.code, message: problem.message } };
}

/** @throws ApiFailure 400 that names each field, what was expected and what came */
export function parseOrFail<Schema extends z.ZodType>(schema: Schema, input: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ApiFailure(400, "bad-request", `${what}: ${describeIssues(parsed.error, input)}`);
}
