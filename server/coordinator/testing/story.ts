/**
 * A coordinator to tell stories with: events go in one by one, effects come out, and the shell's part (writes, numerics)
 * is answered by hand or, unless a test holds it back, at once and well.
 */
import { inferenceSubmissionSchema } from "../../../shared/kinds/inference/submission.ts";
import type { RestoredRun } from "../../coded/core/coded-core.ts";
import type { AskedOfShell, RunAnswer, RunOutcome, RunWork, WrittenRun } from "../../coded/core/run-work.ts";
import { CORE_KINDS, step } from "../../kinds/core-kinds.ts";
import { INFERENCE, type InferenceRecord, type InferenceRequest } from "../../kinds/inference/core/work.ts";
import { JUST_SUBMITTED, type StoredJob } from "../../kinds/inference/records.ts";
import { type RowsJob, rowsJob } from "../../kinds/inference/rows/core/rows-job.ts";
import type { RestoredOnRows, RowClaim, RowsOutcome, RowsRecord, RowsWork } from "../../kinds/inference/rows/work.ts";
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
export type AskedRecord =
  | Extract<CoreRecord, { kind: "volunteer" | "crowd" }>
  | Flat<InferenceRecord | RowsRecord | WrittenRun>;

/** An effect as stories meet it: what a kind asks for is told as its own, with the job that it is for. */
export type Asked =
  | Exclude<Effect, { type: "work" | "persist" }>
  | { readonly type: "persist"; readonly effectId: number; readonly records: readonly AskedRecord[] }
  | (RowsWork & { readonly jobId: string; readonly effectId: number })
  | { readonly type: "run"; readonly jobId: string; readonly effectId: number; readonly run: AskedOfShell };

type AskedType = Asked["type"];
export type AskedOf<T extends AskedType> = Extract<Asked, { type: T }>;

/** What came of work for an inference job. */
export type RowsHappened = RowsOutcome & { readonly jobId: string; readonly effectId: number };

/** An event as stories tell it: what comes of inference work, and of a run's, is told as the kind's own. */
export type Told =
  | Happening
  | {
      readonly type: "restored";
      readonly jobs: readonly (RestoredOnRows | RestoredRun)[];
      readonly volunteers: readonly StoredVolunteer[];
    }
  | RowsHappened
  | (InferenceRequest & { readonly jobId: string })
  | { readonly type: "ran"; readonly jobId: string; readonly run: RunAnswer; readonly notes?: readonly string[] };

/** Rows go out as they are, and nothing beside them. */
export const PLAIN = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0 };

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
    if (!isOfRows(told)) return told;
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

  /** @throws where there is no such inference job */
  job(jobId: string): RowsJob {
    return must(rowsJob(this.state, jobId), `story: no inference job ${jobId}`);
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

  /** Whole; of a claim each of its rows. */
  answer(sent: { assignmentId: number; sessionId: string; payload?: unknown }, afterMs = 10): Asked[] {
    const { assignmentId, sessionId } = sent;
    this.nowMs += afterMs;
    const rows = [...((sent.payload as Partial<RowClaim> | undefined)?.rows ?? []).keys()];
    const came = { type: "rows", rows } as never;
    return this.happen({ type: "resultArrived", sessionId, assignmentId, draw: this.draw, came });
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

/** Checked to a bound that an account of its size carries: its rows go to tabs, and the coordinator draws few. */
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
      ...{ ...PLAIN, answerBound: 0.3 },
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
    ...{ rows: true, crossChecks: { secretHex: "5e".repeat(32), terms: null, anchors: 0, certificate: null } },
    submittedMs,
  };
}

/** Effects are told flat. */
export function askedOf(effect: Effect): Asked {
  if (effect.type === "persist") return { ...effect, records: effect.records.map(flat) };
  if (effect.type !== "work") return effect;
  const { jobId, effectId, work } = effect;
  if (effect.kind === INFERENCE) return { jobId, effectId, ...(work as RowsWork) };
  return { type: "run", jobId, effectId, run: (work as RunWork).run };
}

export function flat(record: CoreRecord): AskedRecord {
  if (record.kind !== "job") return record;
  const { type, ...own } = record.record;
  return { kind: type, ...own } as AskedRecord;
}

const OUTCOMES: ReadonlySet<string> = new Set<RowsOutcome["type"]>([
  "rowsPrepared",
  "claimNotSent",
  "knownLooked",
  "lookedCloser",
  "lookKnownFailed",
  "recomputed",
  "recomputeFailed",
  "compared",
  "compareFailed",
  "groupsDecoded",
  "decodeFailed",
  "rowsConfirmed",
  "confirmRowsFailed",
]);

function isOfRows(told: Happening | RowsHappened): told is RowsHappened {
  return OUTCOMES.has(told.type) || (told.type as string) === "prepareFailed";
}

/** What a shell without faults reports. */
export function goodOutcome(effect: Asked): Told | null {
  switch (effect.type) {
    case "persist":
      return { type: "persisted", effectId: effect.effectId };
    case "run": {
      const run = goodRun(effect.run);
      return run === null ? null : { type: "ran", jobId: effect.jobId, run };
    }
    case "voidAssignment": {
      const { sessionId, assignmentId } = effect;
      return effect.tell ? { type: "assignmentReturned", sessionId, assignmentId } : null;
    }
    default:
      return goodRows(effect);
  }
}

/** Everybody is honest. */
function goodRows(effect: Asked): RowsHappened | null {
  const { jobId, effectId } = effect as { jobId: string; effectId: number };
  const of = { jobId, effectId };
  switch (effect.type) {
    case "prepareRows":
      return { ...of, type: "rowsPrepared", rowMs: null, order: null };
    case "lookKnown": {
      const { assignmentId, places } = effect;
      const rows = places.map((place) => ({ place, looked: "fine" as const }));
      return { ...of, type: "knownLooked", assignmentId, volunteerId: effect.of.volunteerId, rows };
    }
    case "lookCloser":
      return { ...of, type: "lookedCloser", rows: effect.rows.map((row) => ({ ...row, looked: "fine" as const })) };
    case "recompute":
      return { ...of, type: "recomputed", rows: effect.rows.map((row) => recomputed(row)) };
    case "compare":
      return { ...of, type: "compared", pairs: effect.pairs.map((pair) => agreed(pair)) };
    case "confirmRows":
      return {
        ...{ ...of, type: "rowsConfirmed" },
        judged: effect.volunteerIds.map((volunteerId) => ({ volunteerId, verdict: "differs" as const, spread: 1e-6 })),
      };
    default:
      return null;
  }
}

function recomputed({ place, attempt, words }: AskedOf<"recompute">["rows"][number]) {
  return { place, attempt, words: words.map(({ volunteerId }) => ({ volunteerId, attempt, isRight: true })) };
}

function agreed({ place, attempt, author, second }: AskedOf<"compare">["pairs"][number]) {
  const found = "agree" as const;
  return { place, attempt, author: author.volunteerId, second: second.volunteerId, found };
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
