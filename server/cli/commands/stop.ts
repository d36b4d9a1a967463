import type { ClientCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { endOf } from "../outputs/job-progress.ts";

export const stop: ClientCommand = {
  name: "stop",
  summary: "end a training with the best weights it has, or close a stream",
  usage: "JOB",
  about:
    "Unlike cancel, it leaves a job that is done. A regression ends with its weights; before the first ones it is exit code 8. A stream " +
    "takes no more queries, and is done when it has answered those that it has.",
  flags: {},
  words: [1, 1],
  examples: [["paritab stop JOB", "good enough"]],
  async run({ client, terminal, words, json }) {
    const job = await client.stop(words[0]!, terminal.signal);
    const says = job.finishedMs === null ? `job ${job.jobId} is closed; what it has is answered still` : endOf(job);
    await terminal.out(json ? `${JSON.stringify(job)}\n` : `${says}\n`);
    return EXIT.ok;
  },
};
