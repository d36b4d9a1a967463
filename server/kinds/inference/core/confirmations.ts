/**
 * Before anybody is named: rows in which somebody differs are computed again as honest machines differ from each other, and what comes of
 * that says who is wrong, or that nobody can say. SPEC.md VF15, VF14.
 */
import type { Step } from "../../../coordinator/core-kind.ts";
import { emitNumerics } from "../../../coordinator/step-context.ts";
import type { Confirmation, InferenceJob } from "./job.ts";
import { thoseOnCards } from "./on-cards.ts";
import type { InferenceWork, RowVerdict } from "./work.ts";

/** By volunteer: of whoever is not in it nothing is found. */
export type Verdicts = ReadonlyMap<string, RowVerdict>;

/**
 * [VF15] Asks for it; where everybody in it is looked at already it waits for that verdict. Meanwhile the batch goes to others, and whoever is looked
 * at gets no more of this job.
 * @param of the effect that found rows that differ
 */
export function askToConfirm(step: Step, job: InferenceJob, of: number, confirmation: Confirmation): void {
  const { volunteerIds, assignmentId } = confirmation;
  if (volunteerIds.every((volunteerId) => isLookedAt(job, volunteerId))) {
    job.confirmationsWaiting.push({ of, confirmation });
    return;
  }
  const onCards = thoseOnCards(step.state, job, confirmation);
  const work: InferenceWork = { type: "confirm", of, volunteerIds, onCards, assignmentId };
  job.confirmations.set(emitNumerics(step, job, work), confirmation);
}

/** Is something of it being computed again? */
export function isLookedAt({ confirmations }: InferenceJob, volunteerId: string): boolean {
  for (const { volunteerIds } of confirmations.values()) if (volunteerIds.includes(volunteerId)) return true;
  return false;
}

/** Does this result wait for a verdict? It holds up nobody who could compute the batch too. */
export function waitsForVerdict({ confirmations, confirmationsWaiting }: InferenceJob, assignmentId: number): boolean {
  for (const confirmation of confirmations.values()) if (confirmation.assignmentId === assignmentId) return true;
  return confirmationsWaiting.some(({ confirmation }) => confirmation.assignmentId === assignmentId);
}
