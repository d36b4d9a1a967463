/** Names on the command line: what stays with a job, and what is read of it again, on this machine or another. */
import { type KeptNames, keptBytes, keptNamesIn } from "../../../../shared/hub/kept-names.ts";
import { type RowsTogether, rowsTogether } from "../../../../shared/hub/rows-together.ts";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import type { JobView } from "../../../../shared/kinds/kinds.ts";
import { ParitabApiError } from "../../../../shared/sdk/paritab-api-error.ts";
import { patiently } from "../../../../shared/sdk/patience.ts";
import { submissionKey } from "../../../../shared/sdk/submit-once.ts";
import type { Call } from "../../../cli/command.ts";
import { keepsNames } from "../../../cli/keep-names-flag.ts";

/** Random letters beside the names, so that nobody finds names by their hash. */
export const newSeal = submissionKey;

/** @returns what the submission says of them; undefined: they do not stay with the job */
export async function leftWith(call: Call, kept: KeptNames): Promise<{ readonly namesSha256: string } | undefined> {
  const { client, terminal, flags } = call;
  if (!keepsNames(flags)) return undefined;
  const bytes = keptBytes(kept);
  if (bytes !== null) return patiently(client, () => client.uploadNames(bytes, terminal.signal), terminal.signal);
  terminal.say("the names are too many or too long to stay with the job: on other machines its answers have none");
  return undefined;
}

/** @returns what stays with a job, and the jobs that its rows became together; null: nothing does, or not for its rows */
export async function keptOf(call: Call, job: JobView): Promise<RowsTogether | null> {
  // A part has rows of its whole, whose names are by the whole's.
  if (job.kind !== "inference" || job.keepsNames !== true || job.partOf !== undefined) return null;
  const kept = await read(call, job);
  if (kept === null) return null;
  const together = await rowsTogether(job.jobId, kept, (jobId) => sibling(call, jobId));
  for (const jobId of together.gone)
    call.terminal.say(
      `job ${jobId}, which has other rows of this one's texts, is gone or cannot be read: they are missing`,
    );
  return together;
}

async function sibling(call: Call, jobId: string): Promise<KeptNames | null> {
  try {
    const job = await call.client.inferenceJob(jobId, call.terminal.signal);
    return job.keepsNames === true ? await read(call, job) : null;
  } catch (error) {
    if (error instanceof InputError || (error instanceof ParitabApiError && [403, 404].includes(error.status)))
      return null;
    throw error;
  }
}

async function read({ client, terminal }: Call, job: { jobId: string; queryCount: number }): Promise<KeptNames | null> {
  return keptNamesIn(await client.names(job.jobId, terminal.signal), job);
}
