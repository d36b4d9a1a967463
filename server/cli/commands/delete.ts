import type { JobView } from "../../../shared/kinds/kinds.ts";
import type { ClientCommand } from "../command.ts";
import { EXIT, UsageError } from "../exit-codes.ts";

const GOES = "answers, queries, log and receipt";

export const deleteJobs: ClientCommand = {
  name: "delete",
  summary: "remove ended jobs with all that is kept of them",
  usage: "JOB... [--yes]",
  about:
    `A job's ${GOES} go, and files that no other job needs. Nobody can bring them back: fetch what you want to keep with ` +
    "`paritab results` and `paritab receipt` before. Volunteers keep their credit. Cancel a job that has not ended first: where " +
    "one runs, nothing is deleted (exit code 8). Asks before it deletes anything, unless --yes is given.",
  flags: { yes: { help: "do not ask" } },
  words: [1, 1_000],
  examples: [
    ["paritab delete JOB", "asks first"],
    ["paritab jobs --state cancelled --json | jq -r .jobId | xargs paritab delete --yes", "all that were cancelled"],
  ],
  async run({ client, terminal, words, flags, json }) {
    const jobs: JobView[] = [];
    for (const jobId of new Set(words)) jobs.push(await client.job(jobId, terminal.signal));
    const running = jobs.filter(({ finishedMs }) => finishedMs === null);
    for (const { jobId, state } of running) terminal.say(`job ${jobId} is ${state}: cancel it first`);
    if (running.length > 0) return EXIT.notReady;
    if (!flags.has("yes")) {
      for (const { jobId, name } of jobs) terminal.say(`${jobId}  ${name}`);
      const which = jobs.length === 1 ? "this job" : `these ${jobs.length} jobs`;
      const answer = await terminal.ask(`Delete ${which} with ${GOES}? Nobody can bring them back. (yes/no) `);
      if (answer === null) throw new UsageError("--yes: expected it where there is no terminal to ask on, got none");
      if (!/^y(es)?$/i.test(answer.trim())) {
        terminal.say("nothing was deleted");
        return EXIT.ok;
      }
    }
    for (const { jobId, name } of jobs) {
      await client.deleteJob(jobId, terminal.signal);
      await terminal.out(json ? `${JSON.stringify({ jobId })}\n` : `job ${jobId} (${name}) is deleted\n`);
    }
    return EXIT.ok;
  },
};
