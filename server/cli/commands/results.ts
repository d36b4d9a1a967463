import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { CLI_KINDS } from "../../kinds/cli-kinds.ts";
import type { NamedResults } from "../cli-kind.ts";
import type { Call, ClientCommand } from "../command.ts";
import { EXIT, UsageError } from "../exit-codes.ts";
import { formatOfEnding } from "../outputs/format-of-ending.ts";
import { RAW_CELLS_FLAG } from "../raw-cells-flag.ts";
import { requireFinal } from "../require-final.ts";

const KINDS = Object.values(CLI_KINDS).map(({ results }) => results);
const FORMATS = [...new Set(KINDS.flatMap(({ formats, namedFormats = [] }) => [...formats, ...namedFormats]))];

export const results: ClientCommand = {
  name: "results",
  summary: "print a job's result: answers, weights or a product",
  usage: "JOB [--format FORMAT] [--out FILE]",
  about: `${KINDS.map(({ about }) => about).join(" ")} A running job gives the results that it has so far: missing ones are empty, or NaN in npy.`,
  flags: {
    format: {
      value: FORMATS.join("|"),
      help: `else what FILE ends with, else ${KINDS.map(({ fallback, what }) => `${fallback(false)} for ${what}`).join(", ")}`,
    },
    out: { value: "FILE", help: "write there instead of to standard output" },
    redone: {
      help: "of an inference job: with the redone answers of `paritab redo` in the place of the old ones (csv, npy, marks)",
    },
    numbers: { help: "of an inference job whose rows have names: its numbers, as of any other" },
    top: { value: "NUMBER", help: "labels of an answer, where they have names (as it was submitted)" },
    ...RAW_CELLS_FLAG,
    "require-final": {
      help: "exit with 8, and write nothing, unless every answer is final",
    },
  },
  words: [1, 1],
  examples: [
    ["paritab results JOB --out answers.npy", "for numpy"],
    ["paritab results JOB --out labels.csv", "what `paritab submit --out` writes, from any machine"],
    ["paritab results JOB --format label | sort | uniq -c", "how often each label"],
    ["paritab results JOB --require-final --out answers.csv", "only what stands"],
  ],
  async run(call) {
    const { client, terminal, words, flags, json } = call;
    const jobId = words[0]!;
    const out = flags.text("out");
    const job = await client.job(jobId, terminal.signal);
    const ofKind = CLI_KINDS[job.kind].results;
    const { formats, what, fallback, writeLines, file, notes, notFinal } = ofKind;
    if (flags.has("require-final")) requireFinal(job, await notFinal?.(call, job));
    for (const note of (await notes?.(call, job)) ?? []) terminal.say(note);
    const named = flags.has("redone") || flags.has("numbers") ? null : ((await ofKind.named?.(call, job)) ?? null);
    if (named !== null && (await writesNamed(call, named))) return EXIT.ok;
    const isNamed = out !== undefined && extname(out) !== "";
    const format =
      flags.oneOf("format", FORMATS) ??
      (isNamed ? formatOfEnding("--out", out, formats, ` for ${what}, or --format`) : fallback(json));
    if (!formats.includes(format)) {
      throw new UsageError(`--format: expected ${formats.join(" or ")} for ${what}, got "${format}"`);
    }
    if (out === undefined && (await writeLines?.(call, jobId, format))) return EXIT.ok;
    const bytes = await file(call, jobId, format);
    if (out === undefined) await terminal.out(bytes);
    else await writeFile(out, bytes);
    return EXIT.ok;
  },
};

/** @returns false: what is asked for has no names in it */
async function writesNamed({ flags, json }: Call, { formats, fallback, write }: NamedResults): Promise<boolean> {
  const out = flags.text("out") ?? null;
  const said = flags.oneOf("format", FORMATS) ?? (json && out === null ? "json" : undefined);
  // Lines of JSON have names as other lines have.
  const asked = said === "json" && out === null ? "jsonl" : said;
  const isEnding = out !== null && extname(out) !== "";
  const format = asked ?? (isEnding ? formatOfEnding("--out", out, [...formats, "json"]) : fallback);
  if (!formats.includes(format) || (out === null && format === "parquet")) return false;
  await write(format, out);
  return true;
}
