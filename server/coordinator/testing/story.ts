/**
 * A coordinator to tell stories with: events go in one by one, effects come out, and the shell's part (writes, numerics)
 * is answered by hand or, unless a test holds it back, at once and well.
 */
import { inferenceSubmissionSchema } from "../../../shared/kinds/inference/submission.ts";
import type { RestoredRun } from "../../coded/core/coded-core.ts";
import type { AskedOfShell, RunAnswer, RunOutcome, RunWork, WrittenRun } from "../../coded/core/run-work.ts";
import { CORE_KINDS, step } from "../../kinds/core-kinds.ts";
import type { BatchSource } from "../../kinds/inference/core/batch-source.ts";
import { type InferenceJob, inferenceJob } from "../../kinds/inference/core/job.ts";
import {
  type DecodeOutcome,
  type DuplicateFound,
  INFERENCE,
  type InferenceEffect,
  type InferenceHappened,
  type InferenceRecord,
  type InferenceRequest,
  inferenceWorkIn,
  type RestoredInference,
} from "../../kinds/inference/core/work.ts";
import { JUST_SUBMITTED, type StoredJob } from "../../kinds/inference/records.ts";
import type { StoredVolunteer } from "../../store/store.ts";
import { must } from "../assert.ts";
import type { Step } from "../core-kind.ts";
import type { CoreRecord, Effect } from "../effects.ts";
import type { CoordinatorEvent, Happening } from "../events.ts";
import {
  type Assignment,
  type CoordinatorSettings,
  type CoordinatorState,
  initialState,
  SETTINGS_DEFAULT,
} from "../state.ts";
import { startStep } from "../step-context.ts";
import type { PrecisionClass } from "../words.ts";

/** A record as stories meet it: what a kind writes is told as its own. */
type Flat<R> = R extends { readonly type: infer K } ? Omit<R, "type"> & { readonly kind: K } : never;
export type AskedRecord = Extract<CoreRecord, { kind: "volunteer" | "crowd" }> | Flat<InferenceRecord | WrittenRun>;

/** An effect as stories meet it: what a kind asks for is told as its own, with the job that it is for. */
export type Asked =
  | Exclude<Effect, { type: "work" | "persist" }>
  | { readonly type: "persist"; readonly effectId: number; readonly records: readonly AskedRecord[] }
  | InferenceEffect
  | { readonly type: "run"; readonly jobId: string; readonly effectId: number; readonly run: AskedOfShell };

type AskedType = Asked["type"];
export type AskedOf<T extends AskedType> = Extract<Asked, { type: T }>;

/** An event as stories tell it: what comes of inference work, and of a run's, is told as the kind's own. */
export type Told =
  | Happening
  | {
      readonly type: "restored";
      readonly jobs: readonly (RestoredInference | RestoredRun)[];
      readonly volunteers: readonly StoredVolunteer[];
    }
  | InferenceHappened
  | (InferenceRequest & { readonly jobId: string })
  | { readonly type: "ran"; readonly jobId: string; readonly run: RunAnswer; readonly notes?: readonly string[] };

/** K = 4, S = 2, E = 1: what most stories are told of. */
export const SYSTEMATIC = {
  scheme: "systematic",
  queriesPerGroup: 4,
  stragglers: 2,
  liars: 1,
  groupsPerRound: 10,
  roundsInFlight: 1,
};

/** What an outcome of an effect names it by. */
export function referenceOf(effect: { effectId: number; jobId: string; roundIndex: number; generation: number }) {
  const { effectId, jobId, roundIndex, generation } = effect;
  return { effectId, jobId, roundIndex, generation };
}

export interface StoryOptions {
  /** Effects of these types are left for the test to answer. */
  readonly hold?: readonly AskedType[];
  readonly settings?: Partial<CoordinatorSettings>;
}

export interface JoinOptions {
  readonly backend: string;
  readonly addressGroup: string | null;
  readonly precision: PrecisionClass;
  readonly memoryBytes: number;
  readonly homePoint: number;
  readonly isPointedHere: boolean;
  readonly invitationSha256: string;
}

export class Story {
  readonly state: CoordinatorState;
  /** Everything asked for, oldest first. */
  readonly effects: Asked[] = [];
  /** As the shell meets it. */
  readonly rawEffects: Effect[] = [];
  readonly events: CoordinatorEvent[] = [];
  nowMs = 1_000;
  /** What the shell draws for each answer: near 1, nobody else is asked. */
  draw = 0.9;
  readonly #held: Set<AskedType>;

  constructor(options: StoryOptions = {}) {
    this.#held = new Set(options.hold ?? []);
    this.state = initialState({ ...SETTINGS_DEFAULT, ...options.settings });
  }

  /** Applies one event, and whatever follows from it at once. @returns the effects of all of it */
  happen(told: Told): Asked[] {
    const first = this.effects.length;
    const queue: Happening[] = [this.#happening(told)];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const event = { ...next, atMs: this.nowMs } as CoordinatorEvent;
      this.events.push(event);
      for (const effect of step(this.state, event)) {
        const asked = askedOf(effect);
        this.rawEffects.push(effect);
        this.effects.push(asked);
        const outcome = this.#held.has(asked.type) ? null : goodOutcome(asked);
        if (outcome !== null) queue.push(this.#happening(outcome));
      }
    }
    return this.effects.slice(first);
  }

  #happening(told: Told): Happening {
    if (told.type === "ran") {
      const { jobId, run, notes } = told;
      const effectId =
        this.effects.findLast((asked) => asked.type === "run" && asked.run.effectId === run.effectId)?.effectId ?? 0;
      const outcome: RunOutcome = { type: "run", run, ...(notes === undefined ? {} : { notes }) };
      return { type: "outcome", kind: this.state.jobs.get(jobId)?.kind ?? "regression", jobId, effectId, outcome };
    }
    if (told.type === "queriesPosted" || told.type === "goOnUnchecked") {
      const { jobId, ...request } = told;
      return { type: "request", kind: INFERENCE, jobId, request };
    }
    if (!isInferred(told)) return told;
    const { jobId, effectId, ...outcome } = told;
    return { type: "outcome", kind: INFERENCE, jobId, effectId, outcome };
  }

  /** A step in the making, for what is looked at by itself. */
  step(nowMs = this.nowMs): Step {
    return startStep(CORE_KINDS, this.state, nowMs);
  }

  /** What a tab has in hand of what it does alone: waited for, and dropped but not let go of. */
  hand(sessionId: string): { readonly waited: number[]; readonly dropped: number[] } {
    const held = [...(this.state.sessions.get(sessionId)?.holds ?? [])].filter(
      (assignmentId) => this.state.assignments.get(assignmentId)?.queueing === "alone",
    );
    const isDropped = (assignmentId: number) => this.state.assignments.get(assignmentId)?.state === "dropped";
    return { waited: held.filter((id) => !isDropped(id)), dropped: held.filter(isDropped) };
  }

  /** The assignment, unless it is void: one that was dropped is only waited for to be let go of. */
  inUse(assignmentId: number): Assignment | undefined {
    const assignment = this.state.assignments.get(assignmentId);
    return assignment?.state === "dropped" ? undefined : assignment;
  }

  /** Timers of jobs, by what their kind wants them for. */
  jobTimers(type: string): number[] {
    return [...this.state.timers].flatMap(([timerId, timer]) =>
      timer.kind === "job" && timer.purpose.type === type ? [timerId] : [],
    );
  }

  /** @throws where there is no such inference job */
  job(jobId: string): InferenceJob {
    return must(inferenceJob(this.state, jobId), `story: no inference job ${jobId}`);
  }

  /** Lets time pass, firing the timers that are due on the way, in order. */
  pass(ms: number): Asked[] {
    const first = this.effects.length;
    const untilMs = this.nowMs + ms;
    for (;;) {
      const due = this.#dueTimers().filter((timer) => timer.atMs <= untilMs);
      if (due.length === 0) break;
      const next = due.reduce((a, b) => (b.atMs < a.atMs ? b : a));
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.happen({ type: "timerFired", timerId: next.timerId });
    }
    this.nowMs = untilMs;
    return this.effects.slice(first);
  }

  /** Volunteers 1..count, each with one tab that is ready for work. */
  crowd(count: number): void {
    for (let n = 1; n <= count; n++) this.join(n);
  }

  join(n: number, sessionId = `s${n}`, opening: Partial<JoinOptions> = {}): Asked[] {
    const {
      addressGroup = null,
      precision = "float32",
      backend = "wasm",
      memoryBytes,
      homePoint,
      isPointedHere,
    } = opening;
    this.happen({
      type: "sessionOpened",
      sessionId,
      volunteerId: `v${n}`,
      nickname: `tab ${n}`,
      team: "",
      backend,
      addressGroup,
      invitationSha256: opening.invitationSha256 ?? null,
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(homePoint === undefined ? {} : { homePoint }),
      ...(isPointedHere === undefined ? {} : { isPointedHere }),
    });
    return this.state.sessions.get(sessionId)?.pointedTo === null
      ? this.happen({ type: "sessionProbed", sessionId, precision })
      : [];
  }

  submit(jobId: string, submission: Record<string, unknown> = {}, queryCount = 40): Asked[] {
    return this.happen({ type: "jobSubmitted", job: storedJob(jobId, submission, queryCount, this.nowMs) });
  }

  submitJob(job: StoredJob): Asked[] {
    return this.happen({ type: "jobSubmitted", job });
  }

  /** Assignments that were sent and are not answered or void, by session. */
  out(): AskedOf<"sendAssignment">[] {
    return this.asked("sendAssignment").filter(({ assignmentId, sessionId }) => {
      const assignment = this.state.assignments.get(assignmentId);
      const isWaited = assignment?.state === "outstanding" || assignment?.state === "late";
      return isWaited && assignment.queueing === "alone" && this.state.sessions.has(sessionId);
    });
  }

  asked<T extends AskedType>(type: T): AskedOf<T>[] {
    return this.effects.filter((effect): effect is AskedOf<T> => effect.type === type);
  }

  answer({ assignmentId, sessionId }: { assignmentId: number; sessionId: string }, afterMs = 10): Asked[] {
    this.nowMs += afterMs;
    return this.happen({ type: "resultArrived", sessionId, assignmentId, draw: this.draw });
  }

  /** Everybody answers everything until nothing is out. */
  answerAll(limit = 10_000): void {
    for (let n = 0; n < limit; n++) {
      const next = this.out()[0];
      if (next === undefined) return;
      this.answer(next);
    }
    throw new Error(`answerAll: work does not end within ${limit} answers`);
  }

  jobState(jobId: string): string {
    return this.state.jobs.get(jobId)?.stored.state ?? "gone";
  }

  #dueTimers(): AskedOf<"setTimer">[] {
    return this.asked("setTimer").filter(({ timerId }) => this.state.timers.has(timerId));
  }
}

export function storedJob(
  jobId: string,
  submission: Record<string, unknown>,
  queryCount: number,
  submittedMs: number,
): StoredJob {
  const hash = "0".repeat(64);
  return {
    jobId,
    submission: inferenceSubmissionSchema.parse({
      kind: "inference",
      source: { kind: "uploads", modelSha256: hash, queriesSha256: hash },
      // What the shell makes of a submission that does not say.
      groupsPerRound: 10,
      ...submission,
    }),
    codes: [],
    modelSha256: hash,
    queriesSha256: hash,
    labelsSha256: null,
    queryCount,
    isOpen: false,
    inputSize: 8,
    outputSize: 4,
    macsPerQuery: 100,
    parity: null,
    outputScale: null,
    inputScale: 1,
    ...JUST_SUBMITTED,
    submittedMs,
  };
}

/** A batch of this volunteer that passed an audit of one row. */
export function batchSource(volunteerId: string): BatchSource {
  return { volunteerId, precision: "float32", auditedRows: 1, opinionBy: null };
}

export const GOOD_DECODE: DecodeOutcome = {
  rowCount: 40,
  estimatedRows: 0,
  missingRows: 0,
  unanswered: [],
  better: null,
  heldOutAgreed: 0,
  heldOutTotal: 0,
  suspectAudits: [],
  rejected: [],
};

/** Effects are told flat. */
export function askedOf(effect: Effect): Asked {
  if (effect.type === "persist") return { ...effect, records: effect.records.map(flat) };
  if (effect.type !== "work") return effect;
  const inferred = inferenceWorkIn(effect);
  if (inferred !== null) return inferred;
  const { jobId, effectId, work } = effect;
  return { type: "run", jobId, effectId, run: (work as RunWork).run };
}

export function flat(record: CoreRecord): AskedRecord {
  if (record.kind !== "job") return record;
  const { type, ...own } = record.record;
  return { kind: type, ...own } as AskedRecord;
}

const OUTCOMES: ReadonlySet<string> = new Set<InferenceHappened["type"]>([
  "prepared",
  "prepareFailed",
  "encoded",
  "encodeFailed",
  "audited",
  "auditFailed",
  "decoded",
  "decodeFailed",
  "computed",
  "computeFailed",
  "toppedUp",
  "topUpFailed",
  "settled",
  "settleFailed",
  "confirmed",
  "confirmFailed",
]);

function isInferred(told: Happening | InferenceHappened): told is InferenceHappened {
  return OUTCOMES.has(told.type);
}

/** What a shell without faults reports. */
export function goodOutcome(effect: Asked): Told | null {
  switch (effect.type) {
    case "persist":
      return { type: "persisted", effectId: effect.effectId };
    case "prepare":
      return { type: "prepared", effectId: effect.effectId, jobId: effect.jobId, orderSha256: "1".repeat(64) };
    case "encode":
      return { type: "encoded", ...referenceOf(effect) };
    case "audit":
      return {
        type: "audited",
        ...referenceOf(effect),
        assignmentId: effect.assignmentId,
        checked: effect.randomRows,
        randomlyChecked: effect.randomRows,
        failed: 0,
        against: effect.against && { randomlyChecked: effect.randomRows, failed: 0 },
        ...(effect.crossChecked === undefined ? {} : crossChecked(effect)),
      };
    case "settle":
    case "sample":
      return { type: "settled", effectId: effect.effectId, jobId: effect.jobId, found: [] };
    case "decode":
      return { type: "decoded", ...referenceOf(effect), outcome: GOOD_DECODE };
    case "compute": {
      const { workerIndex, assignmentId } = effect;
      return { type: "computed", ...referenceOf(effect), workerIndex, assignmentId, notComputed: [] };
    }
    case "topUp": {
      const { effectId, jobId, volunteerId, rows } = effect;
      return { type: "toppedUp", effectId, jobId, volunteerId, checked: rows, failed: 0 };
    }
    case "confirm": {
      // Trusted runs agree: whoever differs does.
      const { effectId, jobId, assignmentId, volunteerIds } = effect;
      const judged = volunteerIds.map((volunteerId) => ({ volunteerId, verdict: "differs" as const, spread: 1e-6 }));
      return { type: "confirmed", effectId, jobId, assignmentId, judged };
    }
    case "run": {
      const run = goodRun(effect.run);
      return run === null ? null : { type: "ran", jobId: effect.jobId, run };
    }
    case "voidAssignment": {
      const { sessionId, assignmentId } = effect;
      return effect.tell ? { type: "assignmentReturned", sessionId, assignmentId } : null;
    }
    default:
      return null;
  }
}

/** Rows for its class and its anchors are right, and duplicates agree. */
function crossChecked({ randomRows, classRows, crossChecked: asked }: AskedOf<"audit">) {
  const { anchors = [], duplicates = [] } = asked ?? {};
  const checked = randomRows + classRows + anchors.length;
  const found = duplicates.map((of): DuplicateFound | null => of && "agrees");
  return { checked, randomlyChecked: checked, duplicates: found };
}

/** All checks pass, and the loss falls. */
function goodRun(effect: AskedOfShell): RunAnswer | null {
  const { effectId } = effect;
  switch (effect.type) {
    case "prepare":
      return { type: "prepared", effectId };
    case "encodeShards":
      return { type: "encoded", effectId };
    case "broadcast":
      return { type: "broadcastReady", effectId };
    case "verify":
      return { type: "verified", effectId, isRight: true };
    case "decode":
      return { type: "decoded", effectId, verdict: { kind: "decoded", wrongShards: [] } };
    case "link":
      return { type: "linked", effectId, loss: 1 / (1 + effect.iteration) };
    case "update":
      return { type: "updated", effectId, validationLoss: null };
    case "restoreWeights":
      return { type: "restored", effectId };
    default:
      return null;
  }
}
