/**
 * What happens in each job, in the order in which the coordinator decided it: an entry for every event and effect that
 * names the job. References and counts alone, as in the events themselves (SPEC.md EV2).
 */
import type { JobLogEntry } from "../../shared/protocol/operator-api.ts";
import type { CoreRecord, Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent, TrainingOutcome } from "../coordinator/events.ts";
import type { CoordinatorState } from "../coordinator/state.ts";

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
        const jobs = [...event.jobs.map(({ job }) => job), ...event.gradientJobs];
        for (const { jobId, finishedMs } of jobs) {
          if (finishedMs === null)
            this.#note(jobId, "restored", { detail: "the coordinator was started again; open rounds begin anew" });
        }
        for (const { volunteerId, quarantine } of event.volunteers)
          if (quarantine !== null) this.#quarantined.add(`${volunteerId} ${quarantine.atMs}`);
        return;
      }
      case "jobSubmitted":
      case "gradientSubmitted":
        return this.#note(event.job.jobId, "submitted");
      case "jobCancelled":
        return this.#note(event.jobId, "cancel asked for");
      case "stopRequested":
        return this.#note(event.jobId, "stop asked for");
      case "prepared":
        return this.#note(event.jobId, "prepared");
      case "prepareFailed":
        return this.#note(event.jobId, "not prepared", { detail: event.message });
      case "encoded":
        return this.#note(event.jobId, "encoded", roundOf(event));
      case "auditFailed":
        this.#auditing.delete(event.effectId);
        return this.#note(event.jobId, SAID[event.type], { ...roundOf(event), detail: event.message });
      case "encodeFailed":
      case "decodeFailed":
        return this.#note(event.jobId, SAID[event.type], { ...roundOf(event), detail: event.message });
      case "resultArrived":
        return this.#noteOf(event.assignmentId, "answered");
      case "resultMalformed":
        return this.#noteOf(event.assignmentId, "malformed", event.message);
      case "assignmentFailed":
        return this.#noteOf(event.assignmentId, "failed in the tab", event.message);
      case "assignmentReturned":
        return this.#noteOf(event.assignmentId, "given back");
      case "audited":
        return this.#audited(event.effectId, event.failed === 0 ? "audit passed" : "audit failed", countsOf(event));
      case "decoded": {
        const { rowCount, estimatedRows, suspectAudits } = event.outcome;
        const wrong = suspectAudits.filter(({ failed }) => failed > 0).map(({ workerIndex }) => workerIndex);
        const found = wrong.length === 0 ? "" : `; rows of worker index ${wrong.join(", ")} differ`;
        const detail = `${rowCount} rows, ${estimatedRows} of them estimated${found}`;
        return this.#note(event.jobId, "decoded", { ...roundOf(event), detail });
      }
      case "toppedUp": {
        const { jobId, volunteerId } = event;
        return this.#note(jobId, "audited further", { volunteerId, detail: countsOf(event) });
      }
      case "topUpFailed":
        return this.#note(event.jobId, "not audited further", { detail: event.message });
      case "trainingOutcome":
        return this.#trained(event.jobId, event.outcome);
      case "volunteerReleased": {
        const { volunteerId, reason } = event;
        const released = this.#state.volunteers.get(volunteerId)?.released;
        if (released?.atMs === event.atMs) this.#note(released.from.jobId, "released", { volunteerId, detail: reason });
        return;
      }
    }
  }

  #audited(effectId: number, what: string, detail: string): void {
    const place = this.#auditing.get(effectId);
    this.#auditing.delete(effectId);
    if (place === undefined) return;
    const { jobId, ...fields } = place;
    this.#note(jobId, what, { ...fields, detail });
  }

  #trained(jobId: string, outcome: TrainingOutcome): void {
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
        return this.#noteOf(assignmentId, "sent");
      }
      case "sendShare": {
        const { taskId, jobId, roundId, shardIndex, kind } = effect;
        const place = { jobId, roundIndex: roundId, workerIndex: shardIndex, assignmentId: taskId };
        this.#places.set(taskId, { ...place, ...this.#whoIs(effect.sessionId) });
        return this.#noteOf(taskId, kind === "shard" ? "shard sent" : "sent", effect.product ?? undefined);
      }
      case "voidAssignment":
        this.#noteOf(effect.assignmentId, "no longer wanted");
        this.#places.delete(effect.assignmentId);
        return;
      case "audit": {
        const { effectId, jobId, roundIndex, workerIndex, assignmentId, volunteerId } = effect;
        this.#auditing.set(effectId, { jobId, roundIndex, workerIndex, assignmentId, volunteerId });
        return;
      }
      case "publish":
        return this.#note(effect.jobId, "published", roundOf(effect));
      case "withdraw": {
        const where = effect.workerIndex === null ? {} : { workerIndex: effect.workerIndex };
        return this.#note(effect.jobId, "withdrawn", { ...roundOf(effect), ...where });
      }
      case "training":
        if (effect.training.type === "verify") {
          const { effectId, volunteerId, roundId, shardIndex } = effect.training;
          const fields = { volunteerId, roundIndex: roundId, workerIndex: shardIndex };
          this.#verifying.set(`${effect.jobId} ${effectId}`, fields);
        }
        return;
      case "persist":
        for (const record of effect.records) this.#recorded(record);
        return;
      case "releaseJob":
        for (const [number, { jobId }] of this.#places) if (jobId === effect.jobId) this.#places.delete(number);
        for (const key of this.#verifying.keys()) if (key.startsWith(`${effect.jobId} `)) this.#verifying.delete(key);
        return;
    }
  }

  #recorded(record: CoreRecord): void {
    switch (record.kind) {
      case "round":
        return this.#note(record.jobId, "stored", roundOf(record));
      case "job":
      case "gradientJob": {
        const { jobId, state, error, finishedMs } = record.job;
        if (finishedMs === null) return;
        const entry = { atMs: this.#nowMs, what: state, ...said(error) };
        return this.#tell({ jobId, entry, isLast: true });
      }
      case "volunteer": {
        const { volunteerId, quarantine } = record.volunteer;
        if (quarantine === null || this.#quarantined.has(`${volunteerId} ${quarantine.atMs}`)) return;
        this.#quarantined.add(`${volunteerId} ${quarantine.atMs}`);
        const { jobId, roundIndex, reason } = quarantine;
        return this.#note(jobId, "quarantined", { volunteerId, roundIndex, detail: reason });
      }
    }
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
