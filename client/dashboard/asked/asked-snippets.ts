/** A submission as people would write it again: as a command, and in three languages. Pure. */

import type { SubmissionAsked } from "../../../shared/kinds/job-list.ts";
import type { AskedWith } from "../../kinds/asked-with.ts";
import { type Settings, settingsAsked, settingWords, shellCommand } from "../../kinds/asked-words.ts";

export interface Snippet {
  readonly language: "command" | "python" | "typescript" | "curl";
  readonly text: string;
}

/**
 * @param origin of the coordinator
 * @param asked what its kind says of its data; undefined: it has neither a command nor Python for it
 */
export function askedSnippets(submission: SubmissionAsked, origin: string, asked: AskedWith | undefined): Snippet[] {
  const { kind, source, asked: typed } = submission as SubmissionAsked & { source: Settings; asked?: string[] };
  const settings = settingsAsked(submission);
  const given = { kind, source, ...settings };
  const snippets: Snippet[] = [];
  const words = typed ?? (asked && ["paritab", "submit", kind, ...asked.flags(source), ...settingWords(settings)]);
  if (words !== undefined) snippets.push({ language: "command", text: shellCommand([...words, "--url", origin]) });
  if (asked !== undefined) {
    const call = asked.python(source);
    if (call !== null) snippets.push({ language: "python", text: python(call, settings, origin) });
  }
  snippets.push({ language: "typescript", text: typescript(given, origin) });
  snippets.push({ language: "curl", text: curl(given, origin) });
  return snippets;
}

function python(
  { head, args, tail }: NonNullable<ReturnType<AskedWith["python"]>>,
  settings: Settings,
  origin: string,
) {
  const named = Object.entries(settings).map(([name, value]) => `${snake(name)}=${pythonValue(value)}`);
  const lines = [...args, ...named].map((argument) => `    ${argument},`);
  return [
    "import numpy as np",
    "import paritab",
    "",
    `client = paritab.Client(${JSON.stringify(origin)})`,
    `${head}(`,
    ...lines,
    tail,
  ].join("\n");
}

/** JSON is Python but for three words. */
function pythonValue(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonValue).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value as object);
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}: ${pythonValue(inner)}`).join(", ")}}`;
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function typescript(given: Settings, origin: string): string {
  return [
    'import { createParitabClient } from "./shared/sdk/paritab-client.ts";',
    "",
    `const paritab = createParitabClient({ baseUrl: ${JSON.stringify(origin)} });`,
    `const { jobId } = await paritab.submit(${JSON.stringify(given, null, 2)});`,
    "for await (const job of paritab.watch(jobId)) console.log(job.state);",
  ].join("\n");
}

function curl(given: Settings, origin: string): string {
  const body = JSON.stringify(given).replaceAll("'", "'\\''");
  return `curl -H 'content-type: application/json' ${origin}/api/jobs \\\n  -d '${body}'`;
}
