/** [DP2] Whose turns are whose: submitters take turns, and the jobs of each within them. */
import { countBy, FREE_SHARE_MAX, roomFor } from "../../shared/control/shares.ts";
import { NUMERICS_PENDING_MAX, STORE_PENDING_MAX } from "../../shared/protocol/limits.ts";
import { must } from "./assert.ts";
import type { Step } from "./core-kind.ts";
import { partyOf } from "./parties.ts";
import type { CoordinatorState, Job, Turns } from "./state.ts";
import { kindOf } from "./step-context.ts";

/** It is at work from now on, and takes its turns with those at work that are one with it. */
export function putToWork(step: Step, job: Job): void {
  const { jobsAtWork, parties } = step.state;
  const one = turnsOf(step, job);
  if (one !== null) for (const other of jobsAtWork.values()) if (turnsOf(step, other) === one) job.turns = other.turns;
  jobsAtWork.set(job.stored.jobId, job);
  const atWork = new Set([...jobsAtWork.values()].map(partyOf));
  for (const party of parties.keys()) if (!atWork.has(party)) parties.delete(party);
  if (!parties.has(partyOf(job))) parties.set(partyOf(job), { served: 0 });
}

function turnsOf(step: Step, job: Job): string | null {
  return kindOf(step, job).turnsOf?.(job) ?? null;
}

export function turnsOfParty({ parties }: CoordinatorState, job: Job): Turns {
  return must(parties.get(partyOf(job)), "DP2: the submitter of a job at work has turns");
}

/** @param work multiply-adds that were sent for it; below 0: they were not begun */
export function countServed(state: CoordinatorState, job: Job, work: number): void {
  job.turns.served += work;
  job.sentWork += work;
  const turns = state.parties.get(partyOf(job));
  if (turns === undefined) return;
  state.partiesServed = Math.max(state.partiesServed, turns.served);
  turns.served += work;
}

/** Of two jobs the one whose turn it is comes first: its submitter has been served less, or it has, of the same one. */
export function byTurns(state: CoordinatorState): (a: Job, b: Job) => number {
  return (a, b) =>
    partyOf(a) === partyOf(b)
      ? a.turns.served - b.turns.served
      : turnsOfParty(state, a).served - turnsOfParty(state, b).served;
}

/**
 * Who begins to be served, or begins again, does so level with the others that are being served: a job with the least served one of its
 * submitter's, a submitter with whoever was served last. So nobody saves turns up by asking for nothing, nor owes for times when nobody else asked.
 * @param others that are being served
 */
export function levelWith(state: CoordinatorState, job: Job, others: readonly Job[]): void {
  const own = others.filter((other) => partyOf(other) === partyOf(job));
  if (own.length > 0)
    job.turns.served = Math.max(job.turns.served, Math.min(...own.map((other) => other.turns.served)));
  else {
    const turns = turnsOfParty(state, job);
    turns.served = Math.max(turns.served, state.partiesServed);
  }
}

/** [DP1] What somebody keeps the numerics and the store busy with leaves the others room. @returns why nothing further of theirs is sent, or null */
export function behindWith(state: CoordinatorState, party: string): string | null {
  const { numericsPending, persistQueue } = state;
  if (isFull(STORE_PENDING_MAX, party, persistQueue.length, () => writersOf(state)))
    return "what the store has to write for this submitter falls behind";
  if (isFull(NUMERICS_PENDING_MAX, party, numericsPending.size, () => numericsPending.values()))
    return "encoding, audits and decoding for this submitter fall behind";
  return null;
}

/** @param waiting whose each thing is that waits: of fewer than its largest share nobody can have too many */
function isFull(most: number, party: string, count: number, waiting: () => Iterable<string>): boolean {
  if (count < Math.floor(most * FREE_SHARE_MAX)) return false;
  return (
    roomFor(
      party,
      most,
      countBy(waiting(), (who) => who),
    ) === 0
  );
}

function* writersOf({ persistQueue, jobs }: CoordinatorState): Generator<string> {
  for (const { purpose } of persistQueue) {
    const job = "jobId" in purpose ? jobs.get(purpose.jobId) : undefined;
    if (job !== undefined) yield partyOf(job);
  }
}
