/**
 * What happens to jobs, rounds and volunteers, as structured log lines (with jobId, roundIndex, sessionId, volunteerId where
 * there are any) and, where somebody may have to answer for it later, as entries of the audit log.
 */
import type { Logger } from "pino";
import type { Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import type { CoreJobRecord } from "../coordinator/words.ts";
import type { StepRecord, StepSink, Told } from "../shell/step-stream.ts";
import type { AuditLog } from "./audit-log.ts";

/** Jobs whose last state is remembered: far more than are at work. */
const JOBS_TOLD_MAX = 5_000;

export class StepLog implements StepSink {
  readonly #log: Logger;
  readonly #audit: AuditLog;
  readonly #onJobEnded: (kind: string, state: string) => void;
  /** The state that was told last; a write that the store refused comes again. */
  readonly #told = new Map<string, string>();
  #storeRefuses = false;

  constructor(log: Logger, audit: AuditLog, onJobEnded: (kind: string, state: string) => void) {
    this.#log = log;
    this.#audit = audit;
    this.#onJobEnded = onJobEnded;
  }

  stepped({ event, effects, told }: StepRecord): void {
    this.#happened(event);
    for (const one of told) this.#hear(one);
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
      case "sessionClosed":
        this.#log.debug({ sessionId: event.sessionId }, "session closed");
        return;
      case "persistFailed":
        if (!this.#storeRefuses)
          this.#log.error({ reason: event.message }, "the store refuses writes; finished work is kept");
        this.#storeRefuses = true;
        return;
      case "persisted":
        if (this.#storeRefuses) this.#log.info("the store accepts writes again");
        this.#storeRefuses = false;
        return;
    }
  }

  #asked(effect: Effect): void {
    if (effect.type !== "closeSession") return;
    this.#log.info({ sessionId: effect.sessionId, code: effect.code, reason: effect.message }, "session is closed");
  }

  #hear(told: Told): void {
    switch (told.type) {
      case "happened": {
        const { jobId, what, level } = told;
        if (level === null) return;
        const { detail: reason, ...where } = told.fields;
        return this.#log[level]({ jobId, ...where, ...(reason === undefined ? {} : { reason }) }, what);
      }
      case "job":
        return this.#jobWritten(told.kind, told.job);
      case "quarantined": {
        const { jobId, roundIndex, reason } = told.quarantine;
        const fields = { volunteerId: told.volunteerId, jobId, roundIndex, reason };
        this.#log.warn(fields, "volunteer quarantined");
        return this.#audit.note("volunteer-quarantined", fields);
      }
      case "released": {
        const { volunteerId, reason } = told;
        this.#log.warn({ volunteerId, reason }, "volunteer released");
        return this.#audit.note("volunteer-released", { volunteerId, reason });
      }
    }
  }

  #jobWritten(kind: string, { jobId, state, error, finishedMs }: CoreJobRecord): void {
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
}
