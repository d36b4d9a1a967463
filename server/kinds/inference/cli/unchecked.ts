import type { ClientCommand } from "../../../cli/command.ts";
import { EXIT } from "../../../cli/exit-codes.ts";

export const unchecked: ClientCommand = {
  name: "unchecked",
  summary: "let a suspended job go on unchecked",
  usage: "JOB",
  about:
    "A job is suspended if float32 does not determine its answers, as `paritab watch` says. After this command its answers are taken as they come, marked " +
    "unchecked, and none is final. To give it up, cancel it.",
  flags: {},
  words: [1, 1],
  examples: [["paritab unchecked JOB", "better than nothing"]],
  async run({ client, terminal, words, json }) {
    const job = await client.goOnUnchecked(words[0]!, terminal.signal);
    await terminal.out(json ? `${JSON.stringify(job)}\n` : `job ${job.jobId} goes on; nobody checks its answers\n`);
    return EXIT.ok;
  },
};
