import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { REDO_WHICH } from "../../../../shared/kinds/inference/redo.ts";
import type { ClientCommand } from "../../../cli/command.ts";
import { watchToEnd } from "../../../cli/commands/watch.ts";
import { EXIT, UsageError } from "../../../cli/exit-codes.ts";

const FORMATS = ["npy", "csv"] as const;

export const redo: ClientCommand = {
  name: "redo",
  summary: "answers of a job that are not final, or not any more, are done again",
  usage: "JOB [--only taken-back] [--out FILE]",
  about:
    "For an inference job that has ended. Just those rows are submitted once more, as a job of their own with checks, a receipt and a secret of its own, " +
    "and their answers are waited for. The first job, its answers and its receipt stay as they are; `paritab results JOB --redone` puts what both have " +
    "together. Ctrl-C stops waiting; the job goes on, and the same command finds it again. Where all answers are final that is exit code 8.",
  flags: {
    only: {
      value: REDO_WHICH.join("|"),
      help: "which: all that are not final (unless told), or those alone that were final once",
    },
    out: { value: "FILE", help: "write the answers of both together there when it is done: .npy or .csv" },
    detach: { help: "print the new job's id and leave it running" },
  },
  words: [1, 1],
  examples: [
    ["paritab redo JOB", "all that is not final"],
    [
      "paritab redo JOB --only taken-back --out answers.csv",
      "what a volunteer gave that was shut out since; both together",
    ],
  ],
  async run(call) {
    const { client, terminal, words, flags, json } = call;
    const firstId = words[0]!;
    const out = flags.text("out");
    const format = FORMATS.find((one) => out !== undefined && extname(out) === `.${one}`);
    if (out !== undefined && format === undefined) {
      throw new UsageError(`--out: expected a file ending in .npy or .csv, got "${out}"`);
    }
    const begun = await client.redo(firstId, flags.oneOf("only", REDO_WHICH), terminal.signal);
    const { jobId, rows, isNew } = begun;
    if (flags.has("detach")) {
      await terminal.out(json ? `${JSON.stringify(begun)}\n` : `${jobId}\n`);
      return EXIT.ok;
    }
    terminal.say(
      `job ${jobId} ${isNew ? "does" : "is at work already, and does"} ${rows} rows of job ${firstId} again`,
    );
    const code = await watchToEnd(call, jobId);
    if (code !== EXIT.ok) return code;
    if (out === undefined) terminal.say(`\`paritab results ${firstId} --redone\` has the answers of both together`);
    else await writeFile(out, await client.redoneFile(firstId, format!, terminal.signal));
    return EXIT.ok;
  },
};
