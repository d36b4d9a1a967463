/** Words that were compared: those of partners with the answers that stand, those of unmeasured devices with rows that the coordinator knows. */
import { CLASS_ROWS_TO_TELL, isFineClass, NOTHING_LOOKED } from "../../../../../shared/verify/model-class.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { failJob } from "../../../../coordinator/jobs.ts";
import { emitNumerics } from "../../../../coordinator/step-context.ts";
import { isMixture } from "../../../../rows/words.ts";
import { COORDINATOR } from "../../core/job.ts";
import { classOf, enterRows } from "../../core/model-classes.ts";
import type { RowClaim, RowsOutcome, RowsWork } from "../work.ts";
import { deviceOf, wordOf } from "./devices.ts";
import { noteNotComputed } from "./recompute.ts";
import type { RowsJob } from "./rows-job.ts";
import { lookIntoRows } from "./trust.ts";

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
  { assignmentId, volunteerId, rows }: OutcomeOf<"knownLooked">,
): void {
  const sessionId = job.lookingAt.get(effectId);
  job.lookingAt.delete(effectId);
  if (sessionId === undefined) return;
  const { measured, isFine } = deviceOf(job, volunteerId);
  for (const { place, looked } of rows) {
    const isRight = looked !== "wrong";
    if (isRight) enterRows(step, measured, { ...NOTHING_LOOKED, [looked]: 1 }, isFine);
    const { checked } = job;
    if (!isRight) lookCloser(step, job, sessionId, assignmentId);
    else noteMeasured(step, job, sessionId, volunteerId);
    if (checked !== null) job.said.push(...checked.comparedKnown(sessionId, place, isRight, step.nowMs));
  }
  // Others may take what it does not, and it more than it did.
  step.state.isCrowdChanged = true;
}

/** [PC3] It is looked at as what it is by now, and so are rows of it that are held. */
function noteMeasured({ state }: Step, job: RowsJob, sessionId: string, volunteerId: string): void {
  const known = job.devices.get(volunteerId);
  if (known === undefined) return;
  const isFine = isFineClass(classOf(state, known.measured));
  job.devices.set(volunteerId, { ...known, isFine });
  job.checked?.measured(sessionId, !isFine);
}

/** [PC5] Before what is held of its claim is let go: neighbours, for whoever lies with its own rows moves them by one. */
function lookCloser(step: Step, job: RowsJob, sessionId: string, assignmentId: number): void {
  const { ledger, claims, lookingCloser } = job;
  const claim = claims.get(assignmentId);
  const assignment = step.state.assignments.get(assignmentId);
  if (ledger === null || claim === undefined || assignment === undefined) return;
  for (const look of lookingCloser.values()) if (look.sessionId === sessionId) return;
  // A mixture that is wrong is found with its part.
  const isOpen = (place: number) => !isMixture(place) && ["waiting", "out"].includes(ledger.stateOf(place));
  const rows = (assignment.payload as RowClaim).rows.filter(
    ({ place, as }) => as === "answer" && claim.held.has(place) && isOpen(place),
  );
  const some = rows.slice(0, CLASS_ROWS_TO_TELL).map(({ place, attempt }) => ({ place, attempt }));
  if (some.length === 0) return;
  const { volunteerId } = claim;
  const of = wordOf(step.state, job, volunteerId);
  const effectId = emitNumerics<RowsWork>(step, job, { type: "lookCloser", assignmentId, of, rows: some });
  lookingCloser.set(effectId, { volunteerId, sessionId, rows: some, findings: [] });
}

/** [PC5] What is wrong is looked into, together with the known row; the coordinator's own rows stand. */
export function lookedCloser(step: Step, job: RowsJob, effectId: number, { rows }: OutcomeOf<"lookedCloser">): void {
  const look = job.lookingCloser.get(effectId);
  if (look === undefined) return;
  job.lookingCloser.delete(effectId);
  const { volunteerId } = look;
  const { measured, isFine } = deviceOf(job, volunteerId);
  job.findingsWaiting.push(...look.findings);
  for (const { place, attempt, looked, isAnothers, notComputed } of rows) {
    if (notComputed !== undefined) noteNotComputed(job, place, notComputed);
    if (isAnothers === true) job.saidAnothers.add(volunteerId);
    if (looked !== "wrong") enterRows(step, measured, { ...NOTHING_LOOKED, [looked]: 1 }, isFine);
    else job.findingsWaiting.push({ volunteerId, place, attempt, isBeyondDoubt: true, partner: null });
    // Nothing of it has entered the block: its words are no findings there.
    if (job.checked !== null) job.said.push(...job.checked.recomputed(place, attempt, [], step.nowMs));
  }
  lookIntoRows(step, job);
}

/** [JB7] */
export function lookKnownFailed(
  step: Step,
  job: RowsJob,
  effectId: number,
  { message, isOver }: OutcomeOf<"lookKnownFailed">,
): void {
  const wasAsked = job.lookingAt.delete(effectId) || job.lookingCloser.delete(effectId);
  if (!wasAsked || isOver === true) return;
  failJob(step, job, `rows could not be compared: ${message}`);
}
