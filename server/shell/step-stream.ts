/**
 * One stream of what the core decides, for all who keep a record of it: the file that replays, the operator's logs, what the
 * pages show. Each step is read once, in order; references and counts alone, as in the events themselves (SPEC.md EV2).
 */
import type { Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import type { CoreJobRecord } from "../coordinator/words.ts";
import type { Quarantine, StoredVolunteer } from "../store/store.ts";
import type { KindTeller, Say, ToldFields, ToldLevel } from "./kind-teller.ts";

/** What a step came to, in words. */
export type Told =
  | {
      readonly type: "happened";
      readonly jobId: string;
      readonly what: string;
      readonly fields: ToldFields;
      /** null: of no interest beyond its job. */
      readonly level: ToldLevel | null;
      /** For pictures alone. */
      readonly isAside: boolean;
    }
  /** A job's record is written. */
  | { readonly type: "job"; readonly kind: string; readonly job: CoreJobRecord }
  | { readonly type: "quarantined"; readonly volunteerId: string; readonly quarantine: Quarantine }
  | { readonly type: "released"; readonly volunteerId: string; readonly reason: string; readonly jobId: string };

export interface StepRecord {
  readonly event: CoordinatorEvent;
  readonly effects: readonly Effect[];
  readonly told: readonly Told[];
}

export interface StepSink {
  /** Before the event is applied: whatever it does, it is known. */
  begins?(event: CoordinatorEvent): void;
  /** After the step, and before its effects are carried out. */
  stepped?(record: StepRecord): void;
}

/** Where an assignment belongs; its later events name nothing but its number. */
interface Place {
  readonly jobId: string;
  readonly fields: ToldFields;
}

export class StepStream {
  readonly #state: CoordinatorState;
  readonly #tellers: ReadonlyMap<string, KindTeller>;
  readonly #sinks: readonly StepSink[];
  readonly #places = new Map<number, Place>();
  /** Quarantines that were told: their volunteers are written again for other reasons. */
  readonly #quarantined = new Set<string>();
  #told: Told[] = [];

  /** @param state that of after each step */
  constructor(state: CoordinatorState, tellers: ReadonlyMap<string, KindTeller>, sinks: readonly StepSink[]) {
    this.#state = state;
    this.#tellers = tellers;
    this.#sinks = sinks;
  }

  begins(event: CoordinatorEvent): void {
    for (const sink of this.#sinks) sink.begins?.(event);
  }

  stepped(event: CoordinatorEvent, effects: readonly Effect[]): void {
    this.#told = [];
    this.#happened(event);
    for (const effect of effects) this.#asked(effect);
    const record = { event, effects, told: this.#told };
    for (const sink of this.#sinks) sink.stepped?.(record);
  }

  #sayOf(jobId: string): Say {
    return (what, fields = {}, { level, isAside = false } = {}) =>
      this.#told.push({ type: "happened", jobId, what, fields, level: level ?? null, isAside });
  }

  #noteOf(assignmentId: number, what: string, detail?: string): void {
    const place = this.#places.get(assignmentId);
    if (place === undefined) return;
    const { jobId, fields } = place;
    this.#sayOf(jobId)(what, detail === undefined ? fields : { detail, ...fields });
  }

  #happened(event: CoordinatorEvent): void {
    switch (event.type) {
      case "restored": {
        const detail = "the coordinator was started again; open rounds begin anew";
        for (const { job } of event.jobs) if (job.finishedMs === null) this.#sayOf(job.jobId)("restored", { detail });
        for (const { volunteerId, quarantine } of event.volunteers) {
          if (quarantine !== null) this.#quarantined.add(keyOf(volunteerId, quarantine));
        }
        return;
      }
      case "jobSubmitted":
        return this.#sayOf(event.job.jobId)("submitted");
      case "jobCancelled":
        return this.#sayOf(event.jobId)("cancel asked for");
      case "stopRequested":
        return this.#sayOf(event.jobId)("stop asked for");
      case "outcome": {
        const { kind, jobId, effectId, outcome: own } = event;
        return this.#tellers.get(kind)?.outcome({ jobId, effectId, own }, this.#sayOf(jobId));
      }
      case "resultArrived":
        return this.#noteOf(event.assignmentId, "answered");
      case "resultMalformed":
        return this.#noteOf(event.assignmentId, "malformed", event.message);
      case "assignmentFailed":
        return this.#noteOf(event.assignmentId, "failed in the tab", event.message);
      case "assignmentReturned":
        return this.#noteOf(event.assignmentId, "given back");
      case "volunteerReleased": {
        const { volunteerId, reason } = event;
        const released = this.#state.volunteers.get(volunteerId)?.released;
        if (released?.atMs !== event.atMs) return;
        this.#quarantined.delete(keyOf(volunteerId, released.from));
        this.#told.push({ type: "released", volunteerId, reason, jobId: released.from.jobId });
        return;
      }
    }
  }

  #asked(effect: Effect): void {
    switch (effect.type) {
      case "answerSubmission": {
        const { jobId, problem } = effect;
        return this.#sayOf(jobId)(problem === null ? "accepted" : "refused", withDetail(problem));
      }
      case "sendAssignment": {
        const { assignmentId, jobId, roundIndex, workerIndex, volunteerId } = effect;
        this.#places.set(assignmentId, { jobId, fields: { roundIndex, workerIndex, assignmentId, volunteerId } });
        const { what = "sent", detail } = this.#tellers.get(effect.kind)?.sent(effect.payload) ?? {};
        return this.#noteOf(assignmentId, what, detail);
      }
      case "voidAssignment":
        this.#noteOf(effect.assignmentId, "no longer wanted");
        this.#places.delete(effect.assignmentId);
        return;
      case "work": {
        const { kind, jobId, effectId, work: own } = effect;
        return this.#tellers.get(kind)?.work({ jobId, effectId, own }, this.#sayOf(jobId));
      }
      case "persist":
        for (const record of effect.records) {
          if (record.kind === "volunteer") this.#volunteerWritten(record.volunteer);
          else if (record.kind === "job") {
            const job = this.#tellers.get(record.of)?.written(record.record, this.#sayOf(record.jobId)) ?? null;
            if (job !== null) this.#told.push({ type: "job", kind: record.of, job });
          }
        }
        return;
      case "releaseJob":
        for (const [number, { jobId }] of this.#places) if (jobId === effect.jobId) this.#places.delete(number);
        return this.#tellers.get(effect.kind)?.released?.(effect.jobId);
    }
  }

  #volunteerWritten({ volunteerId, quarantine, released }: StoredVolunteer): void {
    // [VF14] Nobody let it go: the job that named it cannot be checked.
    if (quarantine === null && released !== null && this.#quarantined.delete(keyOf(volunteerId, released.from)))
      this.#told.push({ type: "released", volunteerId, reason: released.reason, jobId: released.from.jobId });
    if (quarantine === null || this.#quarantined.has(keyOf(volunteerId, quarantine))) return;
    this.#quarantined.add(keyOf(volunteerId, quarantine));
    this.#told.push({ type: "quarantined", volunteerId, quarantine });
  }
}

/** A volunteer that was released may be quarantined again. */
function keyOf(volunteerId: string, { atMs }: Quarantine): string {
  return `${volunteerId} ${atMs}`;
}

export function withDetail(text: string | null): { detail?: string } {
  return text === null ? {} : { detail: text };
}
