/** A range goes to two volunteers; while no two counts of it agree it goes to one more. */

import type { WorkChoice } from "../../../shared/protocol/messages.ts";
import { forget, sendAssignment, voidAssignment } from "../../coordinator/assignments.ts";
import { isChosenBy, takesJob } from "../../coordinator/choice-rules.ts";
import type { CoreKind, Step } from "../../coordinator/core-kind.ts";
import { addCredit, bookCredits } from "../../coordinator/credits.ts";
import { endJob, mayEnd } from "../../coordinator/jobs.ts";
import { ownRecord, recordOfVolunteer } from "../../coordinator/persistence.ts";
import { bestSession, idleOnes } from "../../coordinator/ranking.ts";
import type { Session } from "../../coordinator/state.ts";
import { emitWork } from "../../coordinator/step-context.ts";
import {
  newPrimesJob,
  type PrimesJob,
  type PrimesRecord,
  type Range,
  type RangeSent,
  type Tallied,
  type TallyWork,
  type WrittenPrimes,
} from "./job.ts";

const VOTES = 2;

export const primesCore: CoreKind = {
  queue: {
    // A range is a few numbers.
    bytesInFlight: () => 0,
    sendOne(step, job: PrimesJob, { crowd }) {
      for (const range of job.ranges.filter(isWanted)) {
        const mayTake = ({ volunteerId }: Session) =>
          takesJob(step.state, volunteerId, job) && !range.asked.has(volunteerId);
        const takes = (choice: WorkChoice | null) => isChosenBy(choice, job.stored);
        const wanted = { work: workOf(range), takes, mayTake };
        const session = bestSession(step.state, wanted, idleOnes(step.state, crowd()));
        if (session === null) continue;
        send(step, job, range, session);
        return true;
      }
      return false;
    },
  },

  jobOf: ({ job }) => newPrimesJob(job as PrimesRecord),
  record: (job: PrimesJob, state) => ownRecord<WrittenPrimes>(job, { type: "job", job: { ...job.stored, state } }),
  begin(_step, job) {
    job.stored.state = "running";
  },
  outcome(step, jobId, _effectId, { assignmentId, primes }: Tallied) {
    const job = step.state.jobs.get(jobId) as PrimesJob | undefined;
    const sent = step.state.assignments.get(assignmentId) as RangeSent | undefined;
    if (job === undefined || sent === undefined) return;
    forget(step, sent);
    job.ranges[sent.roundIndex]!.votes.set(sent.volunteerId, primes);
    decide(job, job.ranges[sent.roundIndex]!);
  },
  cancel(step, job) {
    if (mayEnd(job)) endJob(step, job, "cancelled", null);
  },
  stop: () => undefined,
  ending(step, job: PrimesJob) {
    for (const sent of step.state.assignments.values()) {
      if (sent.jobId === job.stored.jobId) voidAssignment(step, sent, true);
    }
    const credited = bookCredits(step.state, job.credits);
    return { records: credited.map(recordOfVolunteer), credited: credited.map(({ volunteerId }) => volunteerId) };
  },
  timer: () => undefined,
  advance(step, job: PrimesJob) {
    if (job.stored.state !== "running" || job.ranges.some(({ primes }) => primes === null)) return;
    job.stored.primes = job.ranges.reduce((sum, { primes }) => sum + primes!, 0);
    endJob(step, job, "done", null);
  },

  answered(step, { jobId, assignmentId }) {
    const job = step.state.jobs.get(jobId);
    if (job !== undefined) emitWork<TallyWork>(step, job, { type: "tally", assignmentId });
  },
  freed(step, { jobId, roundIndex, volunteerId }) {
    const job = step.state.jobs.get(jobId) as PrimesJob | undefined;
    job?.ranges[roundIndex]?.asked.delete(volunteerId);
  },
  /** [VF4] A quarantined volunteer's vote is none. */
  purge(_step, job: PrimesJob, volunteerId) {
    if (!mayEnd(job)) return;
    job.credits.delete(volunteerId);
    for (const range of job.ranges) {
      range.asked.delete(volunteerId);
      if (range.votes.delete(volunteerId)) range.primes = majorityOf(range);
    }
  },
};

function isWanted({ primes, asked, votes }: Range): boolean {
  return primes === null && asked.size < Math.max(VOTES, votes.size + 1);
}

function send(step: Step, job: PrimesJob, range: Range, session: Session): void {
  const { index, first, end, asked } = range;
  sendAssignment(step, job, session, {
    ...{ roundIndex: index, workerIndex: asked.size, work: workOf(range), payload: { first, end } },
    ...{ queueing: "alone", check: "votes", limitMs: null },
  });
  asked.add(session.volunteerId);
}

/** Credit is for those who are of the majority. */
function decide(job: PrimesJob, range: Range): void {
  if (range.primes !== null) return;
  range.primes = majorityOf(range);
  if (range.primes === null) return;
  for (const [volunteerId, primes] of range.votes) {
    if (primes === range.primes) addCredit(job.credits, volunteerId, workOf(range));
  }
}

function majorityOf({ votes }: Range): number | null {
  const counts = [...votes.values()];
  return counts.find((count) => counts.filter((other) => other === count).length >= VOTES) ?? null;
}

/** Divisions by trial, at most. */
function workOf({ first, end }: Pick<Range, "first" | "end">): number {
  return Math.ceil((end - first) * Math.sqrt(end));
}
