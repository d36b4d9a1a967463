/** Whose answers may have been computed on a graphics card: by what its tab said of them. SPEC.md PC11, VF15. */
import type { CoordinatorState } from "../../../coordinator/state.ts";
import type { Confirmation, InferenceJob } from "./job.ts";
import type { Measured } from "./measured.ts";
import { backendOfClass, classKeyFor, isFixedBackend } from "./model-classes.ts";

/** Of those whom a confirmation is about. */
export function thoseOnCards(
  state: CoordinatorState,
  job: InferenceJob,
  { finding, volunteerIds }: Confirmation,
): string[] {
  const ofResults = finding.in === "audit" ? [finding.pending, finding.pending.against] : [];
  const gave = gaveOnCard(job);
  return volunteerIds.filter((volunteerId) => {
    const result = ofResults.find((one) => one?.volunteerId === volunteerId);
    if (result != null) return isOnCard(result.measured);
    return gave.has(volunteerId) || hasBeenOnCard(state, job, volunteerId);
  });
}

function isOnCard({ classKey }: Pick<Measured, "classKey">): boolean {
  return !isFixedBackend(backendOfClass(classKey));
}

/** Was it ever measured on a card, for a model of the job? */
function hasBeenOnCard(state: CoordinatorState, { stored }: InferenceJob, volunteerId: string): boolean {
  const models = [stored.modelSha256, ...(stored.parity === null ? [] : [stored.parity.modelSha256])];
  for (const classKey of state.volunteers.get(volunteerId)?.classes.keys() ?? []) {
    const isOfModel = models.some((model) => classKey.startsWith(classKeyFor(model, "")));
    if (isOfModel && isOnCard({ classKey })) return true;
  }
  return false;
}

/** Volunteers with an answer in it that stands as a card's. */
export function gaveOnCard(job: InferenceJob): Set<string> {
  const volunteers = new Set<string>();
  for (const { slots } of job.openRounds.values())
    for (const { accepted } of slots) if (accepted?.card !== undefined) volunteers.add(accepted.volunteerId);
  for (const { sources } of job.finishedRounds.values())
    for (const source of sources) if (source?.card !== undefined) volunteers.add(source.volunteerId);
  return volunteers;
}
