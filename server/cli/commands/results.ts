import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { CLI_KINDS } from "../../kinds/cli-kinds.ts";
import type { ClientCommand } from "../command.ts";
import { EXIT, UsageError } from "../exit-codes.ts";
import { formatOfEnding } from "../outputs/format-of-ending.ts";
import { requireFinal } from "../require-final.ts";

const KINDS = Object.values(CLI_KINDS).map(({ results }) => results);
const FORMATS = [...new Set(KINDS.flatMap(({ formats }) => formats))];

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
    "require-final": {
      help: "exit with 8, and write nothing, unless every answer is final",
    },
  },
  words: [1, 1],
  examples: [
    ["paritab results JOB --out answers.npy", "for numpy"],
    ["paritab results JOB --format label | sort | uniq -c", "how often each label"],
    ["paritab results JOB --require-final --out answers.csv", "only what stands"],
  ],
  async run(call) {
    const { client, terminal, words, flags, json } = call;
    const jobId = words[0]!;
    const out = flags.text("out");
    const job = await client.job(jobId, terminal.signal);
    const { formats, what, fallback, writeLines, file, notes, notFinal } = CLI_KINDS[job.kind].results;
    if (flags.has("require-final")) requireFinal(job, await notFinal?.(call, job));
    const isNamed = out !== undefined && extname(out) !== "";
    const format =
      flags.oneOf("format", FORMATS) ??
      (isNamed ? formatOfEnding("--out", out, formats, ` for ${what}, or --format`) : fallback(json));
    if (!formats.includes(format)) {
      throw new UsageError(`--format: expected ${formats.join(" or ")} for ${what}, got "${format}"`);
    }
    for (const note of (await notes?.(call, job)) ?? []) terminal.say(note);
    if (out === undefined && (await writeLines?.(call, jobId, format))) return EXIT.ok;
    const bytes = await file(call, jobId, format);
    if (out === undefined) await terminal.out(bytes);
    else await writeFile(out, bytes);
    return EXIT.ok;
  },
};
