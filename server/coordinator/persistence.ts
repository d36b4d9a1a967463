/**
 * What must be durable: one queue, written in order, one transaction at a time. A refused write stays at its head until the
 * store accepts it, so that nothing older is ever written over something newer. SPEC.md PS rules.
 */
import type { StoredVolunteer } from "../store/store.ts";
import type { Step } from "./core-kind.ts";
import type { CoreRecord } from "./effects.ts";
import type { Job, PersistPurpose, Volunteer } from "./state.ts";
import { emit, setTimer } from "./step-context.ts";
import type { Own } from "./words.ts";

const RETRY_MS = 1_000;

/** Puts records in line. They are written together with whatever else is in line when the writes before them are done. */
export function persist(step: Step, purpose: PersistPurpose, records: readonly CoreRecord[]): void {
  step.state.persistQueue.push({ purpose, records });
}

/** What a kind wants to be durable for a job of its own; its kind hears of it by `persisted`. */
export function persistOwn<P extends Own>(
  step: Step,
  { stored }: Job,
  purpose: P,
  records: readonly CoreRecord[],
): void {
  persist(step, { kind: "job", jobId: stored.jobId, purpose, isRefusable: false }, records);
}

/** As persistOwn; what the store refuses of it is answered, and not tried again: by `refused`. */
export function persistOrRefuse<P extends Own>(
  step: Step,
  { stored }: Job,
  purpose: P,
  records: readonly CoreRecord[],
): void {
  persist(step, { kind: "job", jobId: stored.jobId, purpose, isRefusable: true }, records);
}

/** [CK2] As persistOwn, of what takes of an account that other coordinators book on too: where they have booked too much it is answered by `refused`, and not tried again. */
export function persistTaking<P extends Own>(
  step: Step,
  { stored }: Job,
  purpose: P,
  records: readonly CoreRecord[],
  takesOf: string,
): void {
  persist(step, { kind: "job", jobId: stored.jobId, purpose, isRefusable: false, takesOf }, records);
}

/** Of a job: a record that its kind alone understands. */
export function ownRecord<R extends Own>({ kind, stored }: Job, record: R): CoreRecord {
  return { kind: "job", of: kind, jobId: stored.jobId, record };
}

export function recordOfVolunteer(volunteer: Volunteer): CoreRecord {
  return { kind: "volunteer", volunteer: storedVolunteer(volunteer) };
}

/** Writes what is in line, unless a write is under way or waits to be tried again. */
export function writeQueue(step: Step): void {
  const { state } = step;
  if (state.write !== null || state.persistQueue.length === 0) return;
  const count = state.persistQueue.length;
  const records = state.persistQueue.flatMap((entry) => entry.records);
  state.write = { effectId: emit(step, { type: "persist", records }), count };
}

export interface Persisted {
  readonly purpose: PersistPurpose;
  readonly records: readonly CoreRecord[];
}

/** @returns what is durable now, oldest first; nothing where the effect is not the write under way (stale) */
export function takePersisted(step: Step, effectId: number): readonly Persisted[] {
  const { state } = step;
  if (state.write?.effectId !== effectId) return [];
  const durable = state.persistQueue.splice(0, state.write.count);
  state.write = null;
  state.storeProblem = null;
  return durable;
}

/**
 * [PS3] Submissions, and what a kind says may be refused (queries posted to streams), are refused at once; everything else that was done stays in line and is written
 * later, in order.
 * @returns what was refused
 */
export function persistFailed(step: Step, effectId: number, message: string): readonly PersistPurpose[] {
  const { state } = step;
  if (state.write?.effectId !== effectId) return [];
  state.storeProblem = message;
  const isRefused = (purpose: PersistPurpose) =>
    purpose.kind === "submission" || (purpose.kind === "job" && purpose.isRefusable);
  const refused = state.persistQueue.flatMap(({ purpose }) => (isRefused(purpose) ? [purpose] : []));
  const kept = state.persistQueue.filter(({ purpose }) => !isRefused(purpose));
  state.persistQueue.splice(0, state.persistQueue.length, ...kept);
  if (kept.length === 0) {
    // Nothing is left that could show that the store is well again: the next submission will.
    state.write = null;
    state.storeProblem = null;
    return refused;
  }
  // Nothing is written before this timer fires.
  state.write = { effectId: -1, count: 0 };
  setTimer(step, step.nowMs + RETRY_MS, { kind: "retryPersist" });
  return refused;
}

export function retryWrites(step: Step): void {
  step.state.write = null;
}

/**
 * [CK2] Others have booked so much on an account that what takes of it cannot be written. All else stays in line, and is written at once.
 * @returns what was refused
 */
export function accountTaken(step: Step, effectId: number, key: string): readonly PersistPurpose[] {
  const { state } = step;
  if (state.write?.effectId !== effectId) return [];
  state.write = null;
  const takes = (purpose: PersistPurpose) => purpose.kind === "job" && purpose.takesOf === key;
  const refused = state.persistQueue.flatMap(({ purpose }) => (takes(purpose) ? [purpose] : []));
  const kept = state.persistQueue.filter(({ purpose }) => !takes(purpose));
  state.persistQueue.splice(0, state.persistQueue.length, ...kept);
  return refused;
}

/** [WC2] It chooses while this is written: until when nobody knows. After a crash it counts as having chosen until the restart. */
const STILL_CHOOSING = Number.MAX_SAFE_INTEGER;

export function storedVolunteer(volunteer: Volunteer): StoredVolunteer {
  const {
    durableCredit: _durable,
    sessionIds: _sessions,
    isAdmitted: _admitted,
    choice,
    unansweredInRow: _unanswered,
    restsUntilMs: _rests,
    failedModels: _failed,
    takes: _takes,
    classes: _classes,
    lately: _lately,
    namingCounted: _counted,
    besideSpeed: _speed,
    ...stored
  } = volunteer;
  return { ...stored, choseUntilMs: choice === null ? stored.choseUntilMs : STILL_CHOOSING };
}
