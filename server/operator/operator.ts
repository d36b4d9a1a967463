/**
 * The operator's side of a running coordinator: what it logs, counts, refuses for want of room, and looks after. It decides
 * nothing about jobs.
 */
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { DifferingRow, JobLogView } from "../../shared/protocol/operator-api.ts";
import type { Belongings } from "../access/belongings.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import { openTellers } from "../kinds/kinds.ts";
import type { ToldFields } from "../shell/kind-teller.ts";
import type { StepRecord, StepSink } from "../shell/step-stream.ts";
import { DISK_IS_FULL } from "../store/disk-full.ts";
import type { Store } from "../store/store.ts";
import type { ModelRuns } from "../trusted/model-runs.ts";
import type { AskedChange } from "../web/change-hook.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import type { OperatorPort } from "../web/operator-routes.ts";
import type { AuditLog } from "./audit-log.ts";
import type { Bans } from "./bans.ts";
import type { DiskWatch } from "./disk-watch.ts";
import type { House } from "./house.ts";
import { Housekeeping } from "./housekeeping.ts";
import { jobLog } from "./job-log.ts";
import type { JobLogFiles } from "./job-log-files.ts";
import { LoadWatch } from "./load-watch.ts";
import { type Lease, Metrics, type MetricsSources } from "./metrics.ts";
import { RefusalCounter } from "./refusal-counter.ts";
import type { Seats } from "./seats.ts";
import { StepLog } from "./step-log.ts";

export interface OperatorOptions {
  readonly state: CoordinatorState;
  readonly store: Pick<Store, "collectBlobs">;
  readonly belongings: Belongings;
  readonly disk: DiskWatch;
  readonly audit: AuditLog;
  readonly jobLogs: JobLogFiles;
  readonly log: Logger;
  readonly modelRuns: ModelRuns;
  readonly house: House;
  readonly bans: Bans;
  readonly seats: Seats;
  /** [CE1] Of one of several coordinators; null: it has the database for itself. */
  readonly lease: Lease | null;
  readonly service: MetricsSources["service"];
}

const UNSURE =
  "this coordinator is not sure of its lease, for the database did not let it renew it: it answers nobody about jobs until it has, or begins anew if another one has taken over";

export class Operator implements OperatorPort, StepSink {
  readonly load = new LoadWatch();
  readonly housekeeping: Housekeeping;
  readonly #options: OperatorOptions;
  readonly #metrics: Metrics;
  readonly #sinks: readonly StepSink[];
  readonly #refusals: RefusalCounter;
  readonly house: House;
  readonly bans: Bans;
  readonly seats: Seats;
  #isDraining = false;

  constructor(options: OperatorOptions) {
    const { state, store, belongings, disk, audit, jobLogs, log } = options;
    this.#options = options;
    this.house = options.house;
    this.bans = options.bans;
    this.seats = options.seats;
    this.#metrics = new Metrics({
      state,
      tellers: openTellers(),
      diskFreeBytes: () => disk.freeBytes,
      loopLagMs: () => this.load.lagMs(),
      isDraining: () => this.#isDraining,
      modelRuns: options.modelRuns,
      lease: options.lease,
      service: options.service,
      backups: options.house,
    });
    const stepLog = new StepLog(log, audit, (kind, jobState) => this.#metrics.jobEnded(kind, jobState));
    this.#sinks = [stepLog, jobLog((jobId, entry, isLast) => jobLogs.note(jobId, entry, isLast))];
    this.#refusals = new RefusalCounter((counted) => audit.note("refused", counted));
    this.housekeeping = new Housekeeping({
      store,
      belongings,
      state,
      nowMs: Date.now,
      onCollected: (collected) => this.#collected(collected),
      onProblem: (message, error) => log.error({ err: error }, message),
    });
  }

  /** Sees every step of the core, before its effects are carried out. */
  stepped(record: StepRecord): void {
    this.#metrics.happened(record.event);
    for (const sink of this.#sinks) sink.stepped?.(record);
  }

  /** Rows that somebody sent differ from what was recomputed. */
  evidence(jobId: string, sent: ToldFields, rows: readonly DifferingRow[]): void {
    this.#options.jobLogs.note(jobId, { atMs: Date.now(), what: "evidence", ...sent, rows: [...rows] });
  }

  jobLog(jobId: string): Promise<JobLogView | null> {
    return this.#options.jobLogs.read(jobId);
  }

  forgetJob(jobId: string): Promise<void> {
    return this.#options.jobLogs.remove(jobId);
  }

  /** Somebody asked for a change; the last thing before its answer is forgotten. */
  changeAsked({ method, route, status, submitter, tokenId, target }: AskedChange): void {
    if (this.#refusals.counts({ status, tokenId })) return;
    this.#options.audit.note("asked", { method, route, status, submitter, tokenId, target });
  }

  /** From here on it says that new work should go elsewhere. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Why a new tab is turned away, in words; null: it is not. */
  noNewTabs(): string | null {
    const reason = this.load.sheds("tabs");
    if (reason !== null) this.#metrics.refused("tab");
    return reason;
  }

  refusesJobs(): ApiProblem | null {
    const problem = this.house.refusesJobs() ?? this.#loadProblem() ?? this.#diskProblem();
    if (problem !== null) this.#metrics.refused("job");
    return problem;
  }

  refusesUploads(bytes: number): ApiProblem | null {
    const problem = this.house.refusesJobs() ?? this.#diskProblem(bytes);
    if (problem !== null) this.#metrics.refused("upload");
    return problem;
  }

  uploadRoomBytes(): number | null {
    return this.#options.disk.roomBytes;
  }

  #loadProblem(): ApiProblem | null {
    const load = this.load.sheds("jobs");
    return load === null ? null : { status: 503, code: "overloaded", message: `${load}; try again later` };
  }

  /** @param bytes that are to be written beside what is there */
  #diskProblem(bytes = 0): ApiProblem | null {
    const problem = this.#options.disk.problemWith(bytes);
    return problem === null ? null : { status: 507, code: "disk-full", message: problem };
  }

  problems(): string[] {
    const { state, disk, lease } = this.#options;
    const unsure = lease === null || lease.isHeld ? null : UNSURE;
    // Nothing else of it is for everybody: it may name paths and hosts.
    const why = state.storeProblem?.includes(DISK_IS_FULL) ? `, for ${DISK_IS_FULL}` : "";
    const store =
      state.storeProblem === null ? null : `the store refuses writes${why}; finished work is kept in memory`;
    const draining = this.#isDraining ? "the coordinator is stopping" : null;
    const said = [
      draining,
      unsure,
      this.house.refusesJobs()?.message ?? null,
      store,
      disk.problem,
      this.load.sheds("jobs"),
    ];
    return said.filter((problem) => problem !== null);
  }

  metrics(): Promise<{ type: string; text: string }> {
    return this.#metrics.text();
  }

  /** Counts every answer of the API. */
  watch(app: FastifyInstance): void {
    app.addHook("onResponse", async (request, reply) => {
      this.#metrics.answered({
        method: request.method,
        route: request.routeOptions.url ?? "none",
        status: reply.statusCode,
        seconds: reply.elapsedTime / 1000,
        bytesIn: announced(request.headers["content-length"]),
        bytesOut: announced(reply.getHeader("content-length")),
      });
    });
  }

  #collected(collected: { blobs: number; bytes: number }): void {
    const { audit, log } = this.#options;
    if (collected.blobs === 0) return;
    this.#metrics.collected(collected);
    log.info(collected, "blobs collected that nothing referred to");
    audit.note("blobs-collected", collected);
  }

  close(): void {
    this.#refusals.tell();
    this.load.close();
    this.housekeeping.close();
    this.#options.disk.close();
  }
}

function announced(length: unknown): number {
  const bytes = Number(length);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : 0;
}
