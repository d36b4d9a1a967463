/** What a schema found wrong, as one sentence that a person can act on. */
import type { z } from "zod";

const ISSUES_SHOWN_MAX = 5;

export function describeIssues(error: z.ZodError, input: unknown): string {
  return inOneSentence(error.issues.map((issue) => describeIssue(issue, input)));
}

/** The first few, and how many more there are. */
export function inOneSentence(issues: readonly string[]): string {
  const more = issues.length - ISSUES_SHOWN_MAX;
  return issues.slice(0, ISSUES_SHOWN_MAX).join("; ") + (more > 0 ? `; and ${more} more` : "");
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): string {
  const path = issue.path.map(String).join(".");
  const at = path === "" ? "" : `${path}: `;
  if (issue.code === "unrecognized_keys") {
    const them = issue.keys.length === 1 ? "it" : "them";
    return `${at}expected no field ${issue.keys.map(shown).join(", ")}: leave ${them} out`;
  }
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
