/** Errors of the HTTP API: one body for all of them, and zod's findings as one sentence a person can act on. */
import type { z } from "zod";
import type { ApiError } from "../../shared/protocol/api-error.ts";
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

export function errorBody(problem: { code: string; message: string }): ApiError {
  return { error: { code: problem.code, message: problem.message } };
}

/** @throws ApiFailure 400 that names each field, what was expected and what came */
export function parseOrFail<Schema extends z.ZodType>(schema: Schema, input: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ApiFailure(400, "bad-request", `${what}: ${describeIssues(parsed.error, input)}`);
}

const ISSUES_SHOWN_MAX = 5;

export function describeIssues(error: z.ZodError, input: unknown): string {
  const lines = error.issues.slice(0, ISSUES_SHOWN_MAX).map((issue) => describeIssue(issue, input));
  const more = error.issues.length - lines.length;
  return lines.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): string {
  const path = issue.path.map(String).join(".");
  const at = path === "" ? "" : `${path}: `;
  if (issue.code === "unrecognized_keys") return `${at}expected no field ${issue.keys.map(shown).join(", ")}`;
  const got = shown(valueAt(input, issue.path));
  if (issue.code === "invalid_value") return `${at}expected ${issue.values.map(shown).join(" or ")}, got ${got}`;
  const expected = issue.message
    .replace(/^Invalid discriminator value\. Expected /, "expected ")
    .replace(/^(Invalid input|Too small|Too big|Invalid string|Invalid number): /, "")
    .replace(/, (received|got) .*$/, "");
  return `${at}${expected === "Invalid input" ? "expected another value" : expected}, got ${got}`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
