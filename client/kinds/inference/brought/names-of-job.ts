/** Names of a job's rows: those that stay with it, else those that this browser alone has. */
import { type KeptNames, keptNamesIn } from "../../../../shared/hub/kept-names.ts";
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import type { ParitabClient } from "../../../../shared/sdk/paritab-client.ts";
import { broughtOf } from "./brought-store.ts";

export type NamedJobView = Pick<InferenceJobView, "jobId" | "queryCount" | "keepsNames" | "partOf">;

/** @returns null: there are none @throws what the client throws; InputError where they are no names */
export async function namesOfJob(client: Pick<ParitabClient, "names">, job: NamedJobView): Promise<KeptNames | null> {
  if (job.keepsNames !== true) return broughtOf(job.jobId);
  // A part has rows of its whole, whose names are by the whole's.
  if (job.partOf !== undefined) return null;
  return keptNamesIn(await client.names(job.jobId), job);
}
