import { writeFile } from "node:fs/promises";
import { REDO_WHICH } from "../../../../shared/kinds/inference/redo.ts";
import type { ClientCommand } from "../../../cli/command.ts";
import { watchToEnd } from "../../../cli/commands/watch.ts";
import { EXIT } from "../../../cli/exit-codes.ts";
import { formatOfEnding } from "../../../cli/outputs/format-of-ending.ts";

const FORMATS = ["npy", "csv"] as const;

export const redo: ClientCommand = {
  name: "redo",
  summary: "redo the answers of a job that are not final, or not any more",
  usage: "JOB [--only taken-back] [--out FILE]",
  about:
    "For an ended inference job. The command submits only those rows again, as a new job with checks, a receipt and a secret of its own, " +
    "and waits for their answers. The first job, its answers and its receipt do not change; `paritab results JOB --redone` puts the answers of both " +
    "together. Ctrl-C stops waiting; the job goes on, and the same command finds it again. If all answers are final, the exit code is 8.",
  flags: {
    only: {
      value: REDO_WHICH.join("|"),
      help: "which answers: all that are not final (default), or only those that were final once",
    },
    out: { value: "FILE", help: "write the answers of both together to this file at the end: .npy or .csv" },
    detach: { help: "print the new job's id and leave it running" },
  },
  words: [1, 1],
  examples: [
    ["paritab redo JOB", "all that is not final"],
    [
      "paritab redo JOB --only taken-back --out answers.csv",
      "answers of a volunteer that was shut out since; both jobs together",
    ],
  ],
  async run(call) {
    const { client, terminal, words, flags, json } = call;
    const firstId = words[0]!;
    const out = flags.text("out");
    const format = out === undefined ? null : formatOfEnding("--out", out, FORMATS);
    const begun = await client.redo(firstId, flags.oneOf("only", REDO_WHICH), terminal.signal);
    // Of a job in parts there is one for each part.
    const all = [begun, ...(begun.others ?? [])];
    if (flags.has("detach")) {
      await terminal.out(json ? `${JSON.stringify(begun)}\n` : all.map(({ jobId }) => `${jobId}\n`).join(""));
      return EXIT.ok;
    }
    for (const { jobId, rows, isNew } of all) {
      const does = isNew ? "does" : "is at work already, and does";
      terminal.say(`job ${jobId} ${does} ${rows} rows of job ${firstId} again`);
    }
    for (const { jobId } of all) {
      const code = await watchToEnd(call, jobId);
      if (code !== EXIT.ok) return code;
    }
    if (out === undefined) terminal.say(`\`paritab results ${firstId} --redone\` has the answers of both together`);
    else await writeFile(out, await client.redoneFile(firstId, format!, terminal.signal));
    return EXIT.ok;
  },
};
