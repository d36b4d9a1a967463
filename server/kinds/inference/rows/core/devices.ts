/** What the device of a volunteer is taken for in a job. SPEC.md PC rules. */
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { backendOfClass, classKeyFor, expectedClass, isFixedBackend } from "../../core/model-classes.ts";
import type { WordOf } from "../work.ts";
import type { Device, RowsJob } from "./rows-job.ts";

/** As what rows of this volunteer are looked at: its class as it is expected, and whether it was measured to be as fine as that. */
export function wordOf(state: CoordinatorState, job: RowsJob, volunteerId: string): WordOf {
  const { measured, isFine } = deviceOf(job, volunteerId);
  return { volunteerId, precision: expectedClass(state, measured), isFine };
}

/** After a restart nobody knows on what a volunteer computed rows of before: half precision, so that none is held against it. */
export function deviceOf(job: RowsJob, volunteerId: string): Device {
  const known = job.devices.get(volunteerId);
  if (known !== undefined) return known;
  const measured = { volunteerId, classKey: classKeyFor(job.stored.modelSha256, ""), probed: "float16" as const };
  return { measured, isFine: false };
}

/** [PC11] May it have computed rows of the job on a card, whose order of sums nothing fixes? After a restart its measured back-ends say so. */
export function mayBeOnCard({ volunteers }: CoordinatorState, job: RowsJob, volunteerId: string): boolean {
  if (job.onCards.has(volunteerId)) return true;
  if (job.devices.has(volunteerId)) return false;
  const measured = [...(volunteers.get(volunteerId)?.classes.keys() ?? [])];
  const ofModel = measured.filter((classKey) => classKey.startsWith(classKeyFor(job.stored.modelSha256, "")));
  return ofModel.length === 0 || ofModel.some((classKey) => !isFixedBackend(backendOfClass(classKey)));
}
