/**
 * A coordinator to tell stories with: events go in one by one, effects come out, and the shell's part (writes, numerics)
 * is answered by hand or, unless a test holds it back, at once and well.
 */
import { inferenceSubmissionSchema } from "../../../shared/kinds/inference/submission.ts";
import type { BatchSource } from "../../kinds/inference/core/batch-source.ts";
import type { StoredJob } from "../../kinds/inference/records.ts";
import type { Effect, TrainingEffect } from "../effects.ts";
import type { CoordinatorEvent, DecodeOutcome, Happening, PrecisionClass, TrainingOutcome } from "../events.ts";
import { type CoordinatorSettings, type CoordinatorState, initialState, SETTINGS_DEFAULT } from "../state.ts";
import { step } from "../step.ts";

type EffectType = Effect["type"];
type EffectOf<T extends EffectType> = Extract<Effect, { type: T }>;

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
  readonly hold?: readonly EffectType[];
  readonly settings?: Partial<CoordinatorSettings>;
}

export interface JoinOptions {
  readonly addressGroup: string | null;
  readonly precision: PrecisionClass;
}

export class Story {
  readonly state: CoordinatorState;
  /** Everything asked for, oldest first. */
  readonly effects: Effect[] = [];
  readonly events: CoordinatorEvent[] = [];
  nowMs = 1_000;
  /** What the shell draws for each answer: near 1, nobody else is asked. */
  draw = 0.9;
  readonly #held: Set<EffectType>;

  constructor(options: StoryOptions = {}) {
    this.#held = new Set(options.hold ?? []);
    this.state = initialState({ ...SETTINGS_DEFAULT, ...options.settings });
  }

  /** Applies one event, and whatever follows from it at once. @returns the effects of all of it */
  happen(happening: Happening): Effect[] {
    const first = this.effects.length;
    const queue: Happening[] = [happening];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const event = { ...next, atMs: this.nowMs } as CoordinatorEvent;
      this.events.push(event);
      for (const effect of step(this.state, event)) {
        this.effects.push(effect);
        const outcome = this.#held.has(effect.type) ? null : goodOutcome(effect);
        if (outcome !== null) queue.push(outcome);
      }
    }
    return this.effects.slice(first);
  }

  /** Lets time pass, firing the timers that are due on the way, in order. */
  pass(ms: number): Effect[] {
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

  join(n: number, sessionId = `s${n}`, opening: Partial<JoinOptions> = {}): Effect[] {
    const { addressGroup = null, precision = "float32" } = opening;
    this.happen({
      type: "sessionOpened",
      sessionId,
      volunteerId: `v${n}`,
      nickname: `tab ${n}`,
      team: "",
      backend: "wasm",
      addressGroup,
      invitationSha256: null,
    });
    return this.happen({ type: "sessionProbed", sessionId, precision });
  }

  submit(jobId: string, submission: Record<string, unknown> = {}, queryCount = 40): Effect[] {
    return this.happen({ type: "jobSubmitted", job: storedJob(jobId, submission, queryCount, this.nowMs) });
  }

  /** Assignments that were sent and are not answered or void, by session. */
  out(): EffectOf<"sendAssignment">[] {
    return this.asked("sendAssignment").filter(({ assignmentId, sessionId }) => {
      return this.state.sessions.get(sessionId)?.unanswered.has(assignmentId) ?? false;
    });
  }

  asked<T extends EffectType>(type: T): EffectOf<T>[] {
    return this.effects.filter((effect): effect is EffectOf<T> => effect.type === type);
  }

  answer({ assignmentId, sessionId }: { assignmentId: number; sessionId: string }, afterMs = 10): Effect[] {
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

  #dueTimers(): EffectOf<"setTimer">[] {
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
    state: "accepting",
    error: null,
    submittedMs,
    finishedMs: null,
    orderSha256: null,
    auditedRows: 0,
    failedAudits: 0,
    heldOutAgreed: 0,
    heldOutTotal: 0,
    liarShare: null,
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

/** What a shell without faults reports. */
function goodOutcome(effect: Effect): Happening | null {
  switch (effect.type) {
    case "persist":
      return { type: "persisted", effectId: effect.effectId };
    case "prepare":
      return { type: "prepared", effectId: effect.effectId, jobId: effect.jobId, orderSha256: "1".repeat(64) };
    case "encode":
      return { type: "encoded", ...of(effect) };
    case "audit":
      return {
        type: "audited",
        ...of(effect),
        assignmentId: effect.assignmentId,
        checked: effect.randomRows,
        randomlyChecked: effect.randomRows,
        failed: 0,
        against: effect.against && { randomlyChecked: effect.randomRows, failed: 0 },
      };
    case "decode":
      return { type: "decoded", ...of(effect), outcome: GOOD_DECODE };
    case "topUp": {
      const { effectId, jobId, volunteerId, rows } = effect;
      return { type: "toppedUp", effectId, jobId, volunteerId, checked: rows, failed: 0 };
    }
    case "training": {
      const outcome = goodTraining(effect.training);
      return outcome === null ? null : { type: "trainingOutcome", jobId: effect.jobId, outcome };
    }
    case "voidAssignment": {
      const { sessionId, assignmentId } = effect;
      return effect.tell ? { type: "assignmentReturned", sessionId, assignmentId } : null;
    }
    default:
      return null;
  }
}

/** All checks pass, and the loss falls. */
function goodTraining(effect: TrainingEffect): TrainingOutcome | null {
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

function of({
  effectId,
  jobId,
  roundIndex,
  generation,
}: {
  effectId: number;
  jobId: string;
  roundIndex: number;
  generation: number;
}) {
  return { effectId, jobId, roundIndex, generation };
}
