import type { JobView } from "../../../shared/kinds/kinds.ts";
import { isWaitingForChecks } from "../../../shared/protocol/job-api.ts";
import type { Call, ClientCommand } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { endOf, ProgressMeter } from "../outputs/job-progress.ts";
import { waitsInWords } from "../outputs/waits-in-words.ts";

export const watch: ClientCommand = {
  name: "watch",
  summary: "follow a job until it ends",
  usage: "JOB",
  about:
    "On a terminal: a progress bar with an estimate of the time left. Elsewhere: a line whenever the job's state changes, or what it waits for. " +
    "With --json the whole job, a line at each change. The exit code is 7 if the job fails, diverges or is cancelled. " +
    "Ctrl-C stops watching; the job goes on.",
  flags: {},
  words: [1, 1],
  examples: [
    ["paritab watch JOB", "a progress bar"],
    ["paritab watch JOB --json | jq --unbuffered .roundsDone", "for a program"],
  ],
  run: (call) => watchToEnd(call, call.words[0]!),
};

/** Shows a job until it has ended. @returns what its end says */
export async function watchToEnd({ client, terminal, json, url }: Call, jobId: string): Promise<ExitCode> {
  const meter = new ProgressMeter();
  let said = "";
  let toldOfChecks = false;
  let last: JobView | null = null;
  for await (const job of client.watch(jobId, terminal.signal)) {
    last = job;
    if (json) await terminal.out(`${JSON.stringify(job)}\n`);
    else {
      terminal.progress(meter.line(job, terminal.nowMs()));
      // What it waits for too: how many volunteers are missing changes while the state does not.
      const now = waitsInWords(job, url) ?? job.state;
      const isForChecks = isWaitingForChecks(job);
      // They come and go, row by row: once is enough.
      if (isForChecks && toldOfChecks) continue;
      toldOfChecks ||= isForChecks;
      if (now !== said && job.finishedMs === null) terminal.say(`job ${jobId}: ${now}`);
      said = now;
    }
  }
  if (!json) await terminal.out(`${endOf(last!)}\n`);
  return endCode(last!);
}

function endCode(job: JobView): ExitCode {
  const isGood = job.state === "done" && !(job.kind === "regression" && job.endKind === "diverged");
  return isGood ? EXIT.ok : EXIT.jobEnded;
}
