/**
 * What happens to jobs, rounds and volunteers, as structured log lines (with jobId, roundIndex, sessionId, volunteerId where
 * there are any) and, where somebody may have to answer for it later, as entries of the audit log.
 */
import type { Logger } from "pino";
import { writtenRunIn } from "../coded/core/run-work.ts";
import type { CoreRecord, Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import {
  inferenceOutcomeIn,
  inferenceRecordIn,
  inferenceWorkIn,
  type RoundPlace,
} from "../kinds/inference/core/work.ts";
import type { StoredVolunteer } from "../store/store.ts";
import type { AuditLog } from "./audit-log.ts";

/** Jobs whose last state is remembered: far more than are at work. */
const JOBS_TOLD_MAX = 5_000;

export class StepLog {
  readonly #log: Logger;
  readonly #audit: AuditLog;
  readonly #onJobEnded: (kind: string, state: string) => void;
  /** The state that was told last; a write that the store refused comes again. */
  readonly #told = new Map<string, string>();
  readonly #quarantined = new Set<string>();
  #storeRefuses = false;

  /** @param quarantined who was quarantined in an earlier run: told already */
  constructor(
    log: Logger,
    audit: AuditLog,
    quarantined: Iterable<string>,
    onJobEnded: (kind: string, state: string) => void,
  ) {
    this.#log = log;
    this.#audit = audit;
    this.#onJobEnded = onJobEnded;
    for (const volunteerId of quarantined) this.#quarantined.add(volunteerId);
  }

  stepped(event: CoordinatorEvent, effects: readonly Effect[]): void {
    this.#happened(event);
    for (const effect of effects) this.#asked(effect);
  }

  #happened(event: CoordinatorEvent): void {
    switch (event.type) {
      case "restored":
        for (const { job } of event.jobs) if (job.finishedMs === null) this.#told.set(job.jobId, job.state);
        this.#log.info({ jobs: event.jobs.length, atWork: this.#told.size }, "restored");
        return;
      case "sessionOpened": {
        const { sessionId, volunteerId, backend } = event;
        this.#log.debug({ sessionId, volunteerId, backend }, "session opened");
        return;
      }
      case "volunteerReleased": {
        const { volunteerId, reason } = event;
        if (!this.#quarantined.delete(volunteerId)) return;
        this.#log.warn({ volunteerId, reason }, "volunteer released");
        this.#audit.note("volunteer-released", { volunteerId, reason });
        return;
      }
      case "sessionClosed":
        this.#log.debug({ sessionId: event.sessionId }, "session closed");
        return;
      case "persistFailed":
        if (!this.#storeRefuses)
          this.#log.error({ reason: event.message }, "the store refuses writes; what was done is kept");
        this.#storeRefuses = true;
        return;
      case "persisted":
        if (this.#storeRefuses) this.#log.info("the store accepts writes again");
        this.#storeRefuses = false;
        return;
      case "outcome": {
        const outcome = inferenceOutcomeIn(event);
        if (outcome === null || !("message" in outcome)) return;
        const { type, jobId, message: reason } = outcome;
        const where = "roundIndex" in outcome ? roundOf(outcome) : {};
        return this.#log.error({ jobId, ...where, reason }, type);
      }
    }
  }

  #asked(effect: Effect): void {
    switch (effect.type) {
      case "persist":
        for (const record of effect.records) this.#recorded(record);
        return;
      case "work": {
        const work = inferenceWorkIn(effect);
        if (work?.type === "publish") this.#log.debug({ jobId: work.jobId, ...roundOf(work) }, "round has answers");
        if (work?.type !== "withdraw") return;
        const { jobId, workerIndex } = work;
        return this.#log.warn({ jobId, ...roundOf(work), workerIndex }, "answers withdrawn");
      }
      case "closeSession":
        this.#log.info({ sessionId: effect.sessionId, code: effect.code, reason: effect.message }, "session is closed");
        return;
    }
  }

  #recorded(record: CoreRecord): void {
    if (record.kind === "volunteer") return this.#volunteerRecorded(record.volunteer);
    const run = writtenRunIn(record);
    // Coded runs of every kind are told as regressions.
    if (run !== null) return this.#jobRecorded("regression", run.job);
    const own = inferenceRecordIn(record);
    if (own?.type === "job") return this.#jobRecorded("inference", own.job);
    if (own?.type !== "round") return;
    this.#log.debug({ jobId: record.jobId, ...roundOf(own), redispatched: own.redispatched }, "round is written");
  }

  #jobRecorded(
    kind: string,
    {
      jobId,
      state,
      error,
      finishedMs,
    }: { jobId: string; state: string; error: string | null; finishedMs: number | null },
  ): void {
    const before = this.#told.get(jobId);
    if (before === state) return;
    this.#told.delete(jobId);
    this.#told.set(jobId, state);
    if (this.#told.size > JOBS_TOLD_MAX) this.#told.delete(this.#told.keys().next().value!);
    this.#log.info({ jobId, kind, state, ...(error === null ? {} : { reason: error }) }, "job");
    if (before === undefined && finishedMs === null) this.#audit.note("job-submitted", { jobId, kind });
    if (finishedMs === null) return;
    this.#audit.note("job-ended", { jobId, kind, state });
    this.#onJobEnded(kind, state);
  }

  #volunteerRecorded({ volunteerId, quarantine }: StoredVolunteer): void {
    if (quarantine === null || this.#quarantined.has(volunteerId)) return;
    this.#quarantined.add(volunteerId);
    const { jobId, roundIndex, reason } = quarantine;
    this.#log.warn({ volunteerId, jobId, roundIndex, reason }, "volunteer quarantined");
    this.#audit.note("volunteer-quarantined", { volunteerId, jobId, roundIndex, reason });
  }
}

function roundOf({ roundIndex, generation }: RoundPlace): RoundPlace {
  return { roundIndex, generation };
}
