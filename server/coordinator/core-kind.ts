/**
 * A kind of job, as the core knows it.
 *
 * The core keeps sessions, assignments, deadlines, trust, credit and what is to be durable; it knows no kind. A kind decides
 * what its jobs want done: it is asked by the methods below, pure functions like `step` itself, and answers by changing its own
 * part of the job and by the core's functions:
 *
 *   sendAssignment, voidAssignment                   what goes to a session, and what is needed no more (assignments.ts)
 *   bestSession                                      who is best for a piece of work (ranking.ts)
 *   emitWork, emitNumerics                           what the shell is to do: effect `work`, its outcome comes back as
 *                                                    event `outcome` with the same effectId (step-context.ts)
 *   setJobTimer, tell, touch                         what is looked at again later, or before the step ends
 *   persistOwn                                       what must be durable; `persisted` says that it is (persistence.ts)
 *   addCredit, bookCredits, recordChecks, quarantine what a volunteer's results say of it
 *   endJob, failJob                                  the end of a job (jobs.ts)
 *
 * In the shell a kind has a desk of the same name. What concerns it is in five places, and nowhere else: the effects `work`,
 * `sendAssignment` and `voidAssignment` (field `kind`), records `{ kind: "job", of }` of a `persist`, and the events `outcome`
 * and `request`. What these carry is typed within the kind. `CORE_KINDS` in server/kinds/core-kinds.ts lists the kinds.
 */

import type { JobState } from "../../shared/protocol/job-api.ts";
import type { InvitationStanding } from "../../shared/protocol/messages.ts";
import type { CoreRecord, Effect } from "./effects.ts";
import type { RestoredJob } from "./events.ts";
import type { Assignment, CoordinatorState, Job, Session } from "./state.ts";
import type { JobEnd, Own } from "./words.ts";

/** By the name that `submission.kind` of their jobs says. */
export type CoreKinds = ReadonlyMap<string, CoreKind>;

/** One step in the making: the state, the time, and the effects asked for so far. */
export interface Step {
  readonly kinds: CoreKinds;
  readonly state: CoordinatorState;
  readonly nowMs: number;
  /** A timer was due, what it is for was looked at, and nothing has changed but when it is looked at again. */
  foundNothing: boolean;
  readonly effects: Effect[];
  /** What machines of jobs are told before the step ends, in order. */
  readonly told: { readonly job: Job; readonly event: Own }[];
}

/** Why a session holds an assignment no longer, without having answered. */
export type Freed =
  | { readonly why: "failed"; readonly message: string }
  /** wasDropped: it had been told that its answer is not needed. */
  | { readonly why: "returned"; readonly wasDropped: boolean }
  /** It had not begun, and may be somebody else's at once. */
  | { readonly why: "taken back" }
  | { readonly why: "silent" }
  | { readonly why: "session closed" };

/** Facts of the crowd that stay the same while work is sent out. */
export interface Crowd {
  /** Volunteers with a session that is ready for work. */
  readonly volunteersReady: number;
  /** Of them, those with one that computes in float32. */
  readonly float32Ready: number;
  /** Milliseconds that the median of the crowd takes for a batch of so much work; null: nothing is measured. */
  medianMs(work: number): number | null;
}

/** How whoever may be sent an assignment is looked for. */
export interface Sending {
  /** [DP10] Where nobody idle can take it, may it be sent ahead? */
  readonly mayGoAhead: boolean;
  /** Made when it is first asked for. */
  crowd(): Crowd;
}

/** What a job has to send, for a kind that leaves it to the core when: in turn with other jobs, to whoever is idle. */
export interface WorkQueue {
  /** Bytes that its assignments hold which are out. */
  bytesInFlight(job: Job): number;
  /** Sends one assignment. @returns false where there is none, or nobody who may have it */
  sendOne(step: Step, job: Job, sending: Sending): boolean;
}

export interface CoreKind {
  /** null: it sends by itself, when its machines ask for it. */
  readonly queue: WorkQueue | null;

  // --- a job from its submission to its end ---

  /** The job of a record: new, or found in the store. Nothing of it is at work. @throws CodingError where its numbers make no code */
  jobOf(restored: RestoredJob, nowMs: number): Job;
  /** [DP2] Jobs of which it says the same take their turns as one; null: the job is by itself. Absent: all are. */
  turnsOf?(job: Job): string | null;
  /** What is written of the job itself, with that state. */
  record(job: Job, state: JobState): CoreRecord;
  /** It is durable, or goes on after a restart: its state is `preparing`. */
  begin(step: Step, job: Job): void;
  outcome(step: Step, jobId: string, effectId: number, outcome: Own): void;
  request?(step: Step, jobId: string, request: Own): void;
  /** Its submitter calls it off. */
  cancel(step: Step, job: Job): void;
  /** Somebody asks it to end with what it has. */
  stop(step: Step, job: Job): void;
  /**
   * It ends: all that is out or waits is let go.
   * @returns what is written with its end, and whose credit becomes durable with it
   */
  ending(
    step: Step,
    job: Job,
    end: JobEnd,
  ): { readonly records: readonly CoreRecord[]; readonly credited: readonly string[] };
  /** Its end is durable. */
  ended?(job: Job): void;
  persisted?(step: Step, job: Job, purpose: Own): void;
  /** What the store refused of what may be refused. */
  refused?(step: Step, job: Job, purpose: Own, message: string): void;
  timer(step: Step, job: Job, purpose: Own): void;

  // --- before a step ends ---

  /** Who may work has changed. */
  crowdChanged?(step: Step, job: Job): void;
  /** The job's machine is told something. */
  told?(step: Step, job: Job, event: Own): void;
  /** Whatever happened: does the job as a whole go on? */
  advance?(step: Step, job: Job): void;

  // --- its assignments ---

  /** The result is held; its session is free for more. @param came what its kind knows of it */
  answered(step: Step, assignment: Assignment, came?: Own): void;
  /** First rows of it are held, and its session is still at it. */
  sliced?(step: Step, assignment: Assignment, slices: Own, draw: number): void;
  freed(step: Step, assignment: Assignment, freed: Freed): void;
  /** [AS4] What its volunteer cannot compute if it fails at it; absent: its job. */
  failsAt?(step: Step, assignment: Assignment): string;
  /** [PC7] What its session has not answered yet is computed on another back-end than was known, if it is of that model. */
  computedOn?(step: Step, job: Job, assignment: Assignment, modelSha256: string, backend: string): void;

  // --- volunteers ---

  /** A session came with an invitation. @returns what it came to; null: it is none of this job */
  invited?(
    step: Step,
    job: Job,
    session: Pick<Session, "volunteerId">,
    invitationSha256: string,
  ): InvitationStanding | null;
  /** Is something being checked that this volunteer gave? Then it is not forgotten, though it has gone. */
  isJudging?(job: Job, volunteerId: string): boolean;
  /** [VF4] It is quarantined: nothing of what it gave stays. */
  purge?(step: Step, job: Job, volunteerId: string): void;
}
