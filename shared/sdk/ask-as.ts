/** Requests whose answers are parsed: what comes is what its schema says, or an error that names the field. */
import type { z } from "zod";
import { describeIssues } from "../protocol/describe-issues.ts";
import { askLater } from "./later-answer.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import { askJson, type Request, type Requester } from "./requests.ts";

/** @throws ParitabApiError as askJson does, and on an answer of another shape: a coordinator of another version gives such */
export async function askAs<Schema extends z.ZodType>(
  requester: Requester,
  path: string,
  schema: Schema,
  request: Request = {},
): Promise<z.output<Schema>> {
  const ask = request.mayTakeLong ? askLater : askJson<unknown>;
  return parsedAs(schema, await ask(requester, path, request), path);
}

export function parsedAs<Schema extends z.ZodType>(schema: Schema, answer: unknown, path: string): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const problem = `${path}: ${describeIssues(parsed.error, answer)}; is the coordinator of another version?`;
  throw new ParitabApiError(200, "bad-answer", problem);
}

/** @param body sent as JSON */
export function posting(body: unknown, signal?: AbortSignal, headers: Record<string, string> = {}): Request {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal,
  };
}
