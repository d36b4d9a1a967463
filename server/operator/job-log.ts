/**
 * What happens in each job, in the order in which the coordinator decided it: an entry for every event and effect that
 * names the job. References and counts alone, as in the events themselves (SPEC.md EV2).
 */
import type { JobLogEntry } from "../../shared/protocol/operator-api.ts";
import type { Share } from "../coded/core/run-job.ts";
import { isRunOutcome, isRunWork, type RunAnswer, writtenRunIn } from "../coded/core/run-work.ts";
import type { CoreRecord, Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import type { CoreJobRecord } from "../coordinator/words.ts";
import {
  type InferenceHappened,
  inferenceOutcomeIn,
  inferenceRecordIn,
  inferenceWorkIn,
} from "../kinds/inference/core/work.ts";
import type { StoredVolunteer } from "../store/store.ts";

/** An entry of one job; `isLast` where no further one is to be expected. */
export interface JobHappening {
  readonly jobId: string;
  readonly entry: JobLogEntry;
  readonly isLast?: true;
}

/** Where an assignment or a product belongs; its later events name nothing but its number. */
type Place = Pick<JobLogEntry, "roundIndex" | "workerIndex" | "assignmentId" | "volunteerId"> & {
  readonly jobId: string;
};
type Fields = Omit<JobLogEntry, "atMs" | "what">;

export class JobLog {
  readonly #state: CoordinatorState;
  readonly #tell: (happening: JobHappening) => void;
  readonly #places = new Map<number, Place>();
  /** Results that are being audited, by effect: their assignments, and their job, may end before the audit does. */
  readonly #auditing = new Map<number, Place>();
  /** Products of trainings that are being checked: by job and effect. */
  readonly #verifying = new Map<string, Fields>();
  /** Quarantines that were told: their volunteers are written again for other reasons. */
  readonly #quarantined = new Set<string>();
  #nowMs = 0;

  /** @param tell hears of everything, in order */
  constructor(state: CoordinatorState, tell: (happening: JobHappening) => void) {
    this.#state = state;
    this.#tell = tell;
  }

  /** One step of the core, after it was made and before its effects are carried out. */
  stepped(event: CoordinatorEvent, effects: readonly Effect[]): void {
    this.#nowMs = event.atMs;
    this.#happened(event);
    for (const effect of effects) this.#asked(effect);
  }

  #note(jobId: string, what: string, fields: Fields = {}): void {
    this.#tell({ jobId, entry: { atMs: this.#nowMs, what, ...fields } });
  }

  #noteOf(assignmentId: number, what: string, detail?: string): void {
    const place = this.#places.get(assignmentId);
    if (place === undefined) return;
    const { jobId, ...fields } = place;
    this.#note(jobId, what, { ...fields, ...(detail === undefined ? {} : { detail }) });
  }

  #happened(event: CoordinatorEvent): void {
    switch (event.type) {
      case "restored": {
        for (const { job } of event.jobs) {
          if (job.finishedMs === null)
            this.#note(job.jobId, "restored", { detail: "the coordinator was started again; open rounds begin anew" });
        }
        for (const { volunteerId, quarantine } of event.volunteers)
          if (quarantine !== null) this.#quarantined.add(`${volunteerId} ${quarantine.atMs}`);
        return;
      }
      case "jobSubmitted":
        return this.#note(event.job.jobId, "submitted");
      case "jobCancelled":
        return this.#note(event.jobId, "cancel asked for");
      case "stopRequested":
        return this.#note(event.jobId, "stop asked for");
      case "outcome": {
        if (isRunOutcome(event)) return this.#ran(event.jobId, event.outcome.run);
        const outcome = inferenceOutcomeIn(event);
        return outcome === null ? undefined : this.#inferred(outcome);
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
        if (released?.atMs === event.atMs) this.#note(released.from.jobId, "released", { volunteerId, detail: reason });
        return;
      }
    }
  }

  #inferred(outcome: InferenceHappened): void {
    const { jobId } = outcome;
    switch (outcome.type) {
      case "prepared":
        return this.#note(jobId, "prepared");
      case "prepareFailed":
        return this.#note(jobId, "not prepared", { detail: outcome.message });
      case "encoded":
        return this.#note(jobId, "encoded", roundOf(outcome));
      case "auditFailed":
        this.#auditing.delete(outcome.effectId);
        return this.#note(jobId, SAID[outcome.type], { ...roundOf(outcome), detail: outcome.message });
      case "encodeFailed":
      case "decodeFailed":
        return this.#note(jobId, SAID[outcome.type], { ...roundOf(outcome), detail: outcome.message });
      case "audited": {
        const what = outcome.failed === 0 ? "audit passed" : "audit failed";
        return this.#audited(outcome.effectId, what, countsOf(outcome));
      }
      case "decoded": {
        const { rowCount, estimatedRows, suspectAudits } = outcome.outcome;
        const wrong = suspectAudits.filter(({ failed }) => failed > 0).map(({ workerIndex }) => workerIndex);
        const found = wrong.length === 0 ? "" : `; rows of worker index ${wrong.join(", ")} differ`;
        const detail = `${rowCount} rows, ${estimatedRows} of them estimated${found}`;
        return this.#note(jobId, "decoded", { ...roundOf(outcome), detail });
      }
      case "toppedUp": {
        const { volunteerId } = outcome;
        return this.#note(jobId, "audited further", { volunteerId, detail: countsOf(outcome) });
      }
      case "topUpFailed":
        return this.#note(jobId, "not audited further", { detail: outcome.message });
    }
  }

  #audited(effectId: number, what: string, detail: string): void {
    const place = this.#auditing.get(effectId);
    this.#auditing.delete(effectId);
    if (place === undefined) return;
    const { jobId, ...fields } = place;
    this.#note(jobId, what, { ...fields, detail });
  }

  #ran(jobId: string, outcome: RunAnswer): void {
    switch (outcome.type) {
      case "verified": {
        const key = `${jobId} ${outcome.effectId}`;
        const fields = this.#verifying.get(key) ?? {};
        this.#verifying.delete(key);
        return this.#note(jobId, outcome.isRight ? "check passed" : "check failed", fields);
      }
      case "decoded":
        return this.#note(jobId, "decoded", { detail: outcome.verdict.kind });
      case "linked":
        return this.#note(jobId, "loss", { detail: outcome.loss.toPrecision(6) });
      case "effectFailed":
        return this.#note(jobId, "numerics failed", { detail: outcome.message });
      default:
        return this.#note(jobId, outcome.type);
    }
  }

  #asked(effect: Effect): void {
    switch (effect.type) {
      case "answerSubmission":
        return this.#note(effect.jobId, effect.problem === null ? "accepted" : "refused", said(effect.problem));
      case "sendAssignment": {
        const { assignmentId, jobId, roundIndex, workerIndex } = effect;
        this.#places.set(assignmentId, {
          jobId,
          roundIndex,
          workerIndex,
          assignmentId,
          ...this.#whoIs(effect.sessionId),
        });
        const { share, product } = effect.payload as Partial<Share>;
        return this.#noteOf(assignmentId, share === "shard" ? "shard sent" : "sent", product ?? undefined);
      }
      case "voidAssignment":
        this.#noteOf(effect.assignmentId, "no longer wanted");
        this.#places.delete(effect.assignmentId);
        return;
      case "work":
        return this.#worked(effect);
      case "persist":
        for (const record of effect.records) this.#recorded(record);
        return;
      case "releaseJob":
        for (const [number, { jobId }] of this.#places) if (jobId === effect.jobId) this.#places.delete(number);
        for (const key of this.#verifying.keys()) if (key.startsWith(`${effect.jobId} `)) this.#verifying.delete(key);
        return;
    }
  }

  #worked(effect: Effect): void {
    if (isRunWork(effect)) {
      const { run } = effect.work;
      if (run.type !== "verify") return;
      const { effectId, volunteerId, roundId, shardIndex } = run;
      this.#verifying.set(`${effect.jobId} ${effectId}`, { volunteerId, roundIndex: roundId, workerIndex: shardIndex });
    }
    const work = inferenceWorkIn(effect);
    if (work?.type === "audit") {
      const { effectId, jobId, roundIndex, workerIndex, assignmentId, volunteerId } = work;
      this.#auditing.set(effectId, { jobId, roundIndex, workerIndex, assignmentId, volunteerId });
    }
    if (work?.type === "publish") this.#note(work.jobId, "published", roundOf(work));
    if (work?.type !== "withdraw") return;
    const where = work.workerIndex === null ? {} : { workerIndex: work.workerIndex };
    this.#note(work.jobId, "withdrawn", { ...roundOf(work), ...where });
  }

  #recorded(record: CoreRecord): void {
    if (record.kind === "volunteer") return this.#quarantinedIn(record.volunteer);
    const run = writtenRunIn(record);
    if (run !== null) return this.#jobIn(run.job);
    const own = inferenceRecordIn(record);
    if (own?.type === "job") this.#jobIn(own.job);
    if (own?.type === "round") this.#note(record.jobId, "stored", roundOf(own));
  }

  #jobIn({ jobId, state, error, finishedMs }: CoreJobRecord): void {
    if (finishedMs === null) return;
    this.#tell({ jobId, entry: { atMs: this.#nowMs, what: state, ...said(error) }, isLast: true });
  }

  #quarantinedIn({ volunteerId, quarantine }: StoredVolunteer): void {
    if (quarantine === null || this.#quarantined.has(`${volunteerId} ${quarantine.atMs}`)) return;
    this.#quarantined.add(`${volunteerId} ${quarantine.atMs}`);
    const { jobId, roundIndex, reason } = quarantine;
    this.#note(jobId, "quarantined", { volunteerId, roundIndex, detail: reason });
  }

  #whoIs(sessionId: string): { volunteerId?: string } {
    const volunteerId = this.#state.sessions.get(sessionId)?.volunteerId;
    return volunteerId === undefined ? {} : { volunteerId };
  }
}

const SAID = { encodeFailed: "not encoded", decodeFailed: "not decoded", auditFailed: "not audited" } as const;

function roundOf({ roundIndex, generation }: { roundIndex: number; generation: number }): Fields {
  return { roundIndex, generation };
}

function countsOf({ checked, failed }: { checked: number; failed: number }): string {
  return `${failed} of ${checked} recomputed rows differ`;
}

function said(text: string | null): { detail?: string } {
  return text === null ? {} : { detail: text };
}
