/** Words that were compared: those of partners with the answers that stand, those of unmeasured devices with rows that the coordinator knows. */
import { NOTHING_LOOKED } from "../../../../../shared/verify/model-class.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { failJob } from "../../../../coordinator/jobs.ts";
import { COORDINATOR } from "../../core/job.ts";
import { enterRows } from "../../core/model-classes.ts";
import type { RowsOutcome } from "../work.ts";
import { deviceOf } from "./devices.ts";
import type { RowsJob } from "./rows-job.ts";

type OutcomeOf<T extends RowsOutcome["type"]> = Extract<RowsOutcome, { type: T }>;

export function compared(step: Step, job: RowsJob, _effectId: number, { pairs }: OutcomeOf<"compared">): void {
  for (const { place, attempt, author, second, found } of pairs) {
    const { checked } = job;
    if (checked === null) return;
    const by = author === COORDINATOR ? null : author;
    job.said.push(...checked.compared(place, attempt, by, second, found, step.nowMs));
  }
}

/** [JB7] */
export function compareFailed(step: Step, job: RowsJob, _effectId: number, failure: OutcomeOf<"compareFailed">): void {
  if (failure.isOver !== true) failJob(step, job, `rows could not be compared: ${failure.message}`);
}

/** [PC6] How its device computes the model, by rows that the coordinator has. */
export function knownLooked(
  step: Step,
  job: RowsJob,
  effectId: number,
  { volunteerId, rows }: OutcomeOf<"knownLooked">,
): void {
  const sessionId = job.lookingAt.get(effectId);
  job.lookingAt.delete(effectId);
  if (sessionId === undefined) return;
  const { measured, isFine } = deviceOf(job, volunteerId);
  for (const { place, looked } of rows) {
    const isRight = looked !== "wrong";
    if (isRight) enterRows(step, measured, { ...NOTHING_LOOKED, [looked]: 1 }, isFine);
    const { checked } = job;
    if (checked !== null) job.said.push(...checked.comparedKnown(sessionId, place, isRight, step.nowMs));
  }
  // Others may take what it does not, and it more than it did.
  step.state.isCrowdChanged = true;
}

/** [JB7] */
export function lookKnownFailed(
  step: Step,
  job: RowsJob,
  effectId: number,
  { message, isOver }: OutcomeOf<"lookKnownFailed">,
): void {
  if (!job.lookingAt.delete(effectId) || isOver === true) return;
  failJob(step, job, `rows could not be compared: ${message}`);
}
