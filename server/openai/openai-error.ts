/** Errors as OpenAI's API has them: its clients read type, param and code, and try again by status. */
import type { OpenAiError } from "../../shared/protocol/api-error.ts";
import { inOneSentence } from "../../shared/protocol/describe-issues.ts";
import { ApiFailure, errorBody } from "../web/api-failure.ts";

/** Thrown by a route under /v1. */
export class OpenAiFailure extends ApiFailure {
  readonly param: string | null;

  constructor(status: number, code: string, message: string, param: string | null = null) {
    super(status, code, message);
    this.param = param;
  }
}

/** What was sent cannot be: 400. */
export function invalid(param: string, message: string, code = "invalid_value"): OpenAiFailure {
  return new OpenAiFailure(400, code, message, param);
}

/** The same, of a value that is none of those expected. */
export function unexpected(param: string, expected: string, got: unknown): OpenAiFailure {
  return invalid(param, `expected ${expected}, got ${JSON.stringify(got ?? null).slice(0, 80)}`);
}

/** @throws OpenAiFailure where anything is wrong: all of it, each under its field; status, code and param are those of the first */
export function refuseAny([first, ...others]: readonly OpenAiFailure[]): void {
  if (first === undefined) return;
  if (others.length === 0) throw first;
  const named = ({ param, message }: OpenAiFailure) =>
    param === null || message.startsWith(param) ? message : `${param}: ${message}`;
  throw new OpenAiFailure(first.status, first.code, inOneSentence([first, ...others].map(named)), first.param);
}

const TYPES: Readonly<Record<number, string>> = {
  401: "invalid_request_error",
  403: "permission_error",
  429: "requests",
};
/** Our own codes where OpenAI has another word. */
const CODES: Readonly<Record<string, string>> = {
  "token-required": "invalid_api_key",
  "bad-token": "invalid_api_key",
  "too-many-requests": "rate_limit_exceeded",
  "not-found": "unknown_url",
  quota: "insufficient_quota",
};

export function openAiErrorBody(problem: { status: number; code: string; message: string }): OpenAiError {
  const { status, code, message } = problem;
  const type = TYPES[status] ?? (status >= 500 ? "server_error" : "invalid_request_error");
  const param = problem instanceof OpenAiFailure ? problem.param : null;
  return { error: { message, type, param, code: CODES[code] ?? code.replaceAll("-", "_") } };
}

/** Whoever asks at /v1 reads errors as OpenAI writes them. */
export function errorBodyAt(url: string, problem: { status: number; code: string; message: string }) {
  return url.startsWith("/v1/") ? openAiErrorBody(problem) : errorBody(problem);
}
