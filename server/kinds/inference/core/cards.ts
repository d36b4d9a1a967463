/**
 * Jobs of which the order of sums decides rows: nothing fixes it on a graphics card, so that honest cards and liars cannot be told apart there.
 * They go to back-ends of fixed arithmetic alone. SPEC.md PC11.
 */
import { shareInWords } from "../../../../shared/verify/sensitivity.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { CARDS_LEFT_OUT } from "../../../coordinator/different-answer.ts";
import { sessionsOf } from "../../../coordinator/sessions-of.ts";
import type { Session } from "../../../coordinator/state.ts";
import { emit } from "../../../coordinator/step-context.ts";
import { rowsJobs } from "../rows/core/rows-job.ts";
import type { ModelJob } from "./job.ts";
import { backendOf, isOnCardInVain } from "./model-classes.ts";

/** [PC11] Its tabs are told of each job that leaves it out now. */
export function tellExcused(step: Step, volunteerId: string): void {
  const sessions = sessionsOf(step.state, volunteerId);
  for (const other of rowsJobs(step.state)) tellCards(step, other, sessions);
}

/** [PC11] As tellCards, whoever is there. */
export function tellAllCards(step: Step, job: ModelJob): void {
  const { state } = step;
  if (job.stored.fixedOnly !== undefined) return tellCards(step, job, state.sessions.values());
  for (const volunteerId of state.crowd.cardless) tellCards(step, job, sessionsOf(state, volunteerId));
}

/** [PC11] As tellCards, of whoever is ready now and was not, or the other way round. */
export function tellComers(step: Step, job: ModelJob): void {
  const { crowd } = step.state;
  if (job.stored.fixedOnly === undefined && crowd.cardless.size === 0) return;
  for (const volunteerId of crowd.changed) tellCards(step, job, sessionsOf(step.state, volunteerId));
}

/** [PC11] Tabs that could compute its model in WebAssembly learn that their card is not asked. */
export function tellCards(step: Step, job: ModelJob, sessions: Iterable<Session>): void {
  const { modelSha256, submission } = job.stored;
  for (const session of sessions) {
    if (session.state !== "ready" || !isOnCardInVain(step.state, job, session)) continue;
    const about = { jobName: submission.name, modelSha256, backend: backendOf(session, modelSha256) };
    emit(step, { type: "tellUnfit", sessionId: session.sessionId, ...about, message: CARDS_LEFT_OUT });
  }
}

/** @param spread the largest share of a row's size by which its trusted runs differ */
export function movedRow(spread: number): string {
  return `the order in which a machine adds decides its answers: trusted runs of one row in other orders differ by ${shareInWords(spread)} of its size`;
}
