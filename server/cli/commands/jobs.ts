import type { JobView } from "../../../shared/kinds/kinds.ts";
import { whyEnded } from "../../../shared/kinds/why-ended.ts";
import { JOB_STATES } from "../../../shared/protocol/job-api.ts";
import { wordsOf } from "../../kinds/cli-words.ts";
import type { ClientCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { textTable } from "../outputs/text-table.ts";

const SHOWN_MAX = 10_000;

export const jobs: ClientCommand = {
  name: "jobs",
  summary: "your jobs, the latest last",
  usage: "[--state STATE] [--last COUNT]",
  about: "One line for each job: id, kind, state, how far it is, name, and what it waits for or why it ended.",
  flags: {
    state: { value: JOB_STATES.join("|"), help: "only these" },
    last: { value: "COUNT", help: "only the latest COUNT jobs" },
  },
  words: [0, 0],
  examples: [
    ["paritab jobs --last 5", "the latest five"],
    ["paritab jobs --state running --json | jq -r .jobId", "ids, for a script"],
  ],
  async run({ terminal, client, flags, json }) {
    const state = flags.oneOf("state", JOB_STATES);
    const last = flags.whole("last", 1, SHOWN_MAX) ?? SHOWN_MAX;
    const all: JobView[] = await client.jobs(terminal.signal);
    const shown = all
      .filter((job) => state === undefined || job.state === state)
      .toSorted((a, b) => a.submittedMs - b.submittedMs)
      .slice(-last);
    await terminal.out(json ? shown.map((job) => `${JSON.stringify(job)}\n`).join("") : tableOf(shown));
    return EXIT.ok;
  },
};

function tableOf(shown: readonly JobView[]): string {
  if (shown.length === 0) return "no jobs\n";
  const rows = shown.map((job) => {
    const [done, total] = wordsOf(job).doneOf(job);
    const remark = job.waitingFor ?? whyEnded(job) ?? "";
    return [job.jobId, job.kind, "scheme" in job ? job.scheme : "", stateOf(job), `${done}/${total}`, job.name, remark];
  });
  return textTable(["job", "kind", "scheme", "state", "done", "name", ""], rows);
}

/** A training that diverged, or was stopped, is done as well; which of them is the word that people need. */
function stateOf(job: JobView): string {
  return "endKind" in job && job.state === "done" ? (job.endKind ?? job.state) : job.state;
}
