import type { ClientCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { endOf } from "../outputs/job-progress.ts";

export const stop: ClientCommand = {
  name: "stop",
  summary: "end a gradient job with the best weights it has",
  usage: "JOB",
  about: "Unlike cancel, it leaves a job that is done, with its weights. Before the first weights it is exit code 8.",
  flags: {},
  words: [1, 1],
  examples: [["paritab stop JOB", "good enough"]],
  async run({ client, terminal, words, json }) {
    const job = await client.stop(words[0]!, terminal.signal);
    await terminal.out(json ? `${JSON.stringify(job)}\n` : `${endOf(job)}\n`);
    return EXIT.ok;
  },
};
