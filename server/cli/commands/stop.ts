import type { ClientCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { endOf } from "../outputs/job-progress.ts";

export const stop: ClientCommand = {
  name: "stop",
  summary: "end a regression with the best weights it has, or close a stream",
  usage: "JOB",
  about:
    "Unlike after cancel, the job ends as done. A regression ends with its weights; if it has none yet, the exit code is 8. A stream " +
    "takes no more queries, and ends when it has answered the queries that it has.",
  flags: {},
  words: [1, 1],
  examples: [["paritab stop JOB", "good enough"]],
  async run({ client, terminal, words, json }) {
    const job = await client.stop(words[0]!, terminal.signal);
    const says =
      job.finishedMs === null ? `job ${job.jobId} is closed; it still answers the queries that it has` : endOf(job);
    await terminal.out(json ? `${JSON.stringify(job)}\n` : `${says}\n`);
    return EXIT.ok;
  },
};
