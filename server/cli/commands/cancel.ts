import type { ClientCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";

export const cancel: ClientCommand = {
  name: "cancel",
  summary: "end a job and free its tabs",
  usage: "JOB...",
  about: "Answers that the job has by then can still be fetched. If the job has already ended, the exit code is 8.",
  flags: {},
  words: [1, 1_000],
  examples: [
    ["paritab cancel JOB", "one"],
    ["paritab jobs --state running --json | jq -r .jobId | xargs paritab cancel", "all"],
  ],
  async run({ client, terminal, words, json }) {
    for (const jobId of words) {
      const job = await client.cancel(jobId, terminal.signal);
      const says = job.state === "cancelled" ? "was cancelled" : "is being cancelled";
      await terminal.out(json ? `${JSON.stringify(job)}\n` : `job ${jobId} ${says}\n`);
    }
    return EXIT.ok;
  },
};
