import type { ClientCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";

export const cancel: ClientCommand = {
  name: "cancel",
  summary: "end a job and free its tabs",
  usage: "JOB...",
  about: "What it has answered by then can still be fetched. A job that has ended already is exit code 8.",
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
