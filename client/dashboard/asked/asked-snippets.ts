/** A submission as people would write it again: as a command, and in three languages. Pure. */

import type { SubmissionAsked } from "../../../shared/kinds/job-list.ts";
import { KINDS } from "../../../shared/kinds/kinds.ts";
import type { AskedWith } from "../../kinds/asked-with.ts";

export interface Snippet {
  readonly language: "command" | "python" | "typescript" | "curl";
  readonly text: string;
}

type Settings = Readonly<Record<string, unknown>>;

/**
 * @param origin of the coordinator
 * @param asked what its kind says of its data; undefined: it has neither a command nor Python for it
 */
export function askedSnippets(submission: SubmissionAsked, origin: string, asked: AskedWith | undefined): Snippet[] {
  const { kind, source, ...all } = submission as SubmissionAsked & { source: Settings };
  const settings = withoutDefaults(submission, all);
  const given = { kind, source, ...settings };
  const snippets: Snippet[] = [];
  if (asked !== undefined) {
    snippets.push({ language: "command", text: command(kind, asked.flags(source), settings, origin) });
    const call = asked.python(source);
    if (call !== null) snippets.push({ language: "python", text: python(call, settings, origin) });
  }
  snippets.push({ language: "typescript", text: typescript(given, origin) });
  snippets.push({ language: "curl", text: curl(given, origin) });
  return snippets;
}

/** Whatever is as it would be anyway is left out. */
function withoutDefaults(submission: SubmissionAsked, settings: Settings): Settings {
  const { kind, source } = submission;
  const bare = KINDS[kind].submission.safeParse({ kind, source });
  const fallbacks: Settings = bare.success ? { ...bare.data } : {};
  const isSet = ([name, value]: [string, unknown]) => JSON.stringify(value) !== JSON.stringify(fallbacks[name]);
  return Object.fromEntries(Object.entries(settings).filter(isSet));
}

function command(kind: string, ofSource: readonly string[], settings: Settings, origin: string): string {
  const flags = [...ofSource];
  for (const [name, value] of Object.entries(settings)) {
    if (name === "aim") flags.push(...aimFlags(value as Settings));
    else if (typeof value === "object" && value !== null) {
      for (const [part, inner] of Object.entries(value)) flags.push(flagOf(`${name}-${part}`, inner));
    } else flags.push(flagOf(name, value));
  }
  return [`paritab submit ${kind}`, ...flags, flagOf("url", origin)].join(" \\\n  ");
}

const AIM_FLAGS: Readonly<Record<string, (value: unknown) => string>> = {
  finishWithinMs: (ms) => flagOf("within", `${Number(ms)}ms`),
};

function aimFlags(aim: Settings): string[] {
  return Object.entries(aim).map(([name, value]) => AIM_FLAGS[name]?.(value) ?? flagOf(name, value));
}

/** @param name of the API, or of the flag. @param value as it is; quoted where a shell would read it otherwise */
export function flagOf(name: string, value: unknown): string {
  const text = String(value);
  const quoted = /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${quoted}`;
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
