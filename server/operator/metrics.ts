/**
 * The coordinator's figures for Prometheus. Gauges are read from the state when somebody asks; counters count what happens.
 * No label holds a name, an address or an id: the number of series does not grow with what people do.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { isRunOutcome } from "../coded/core/run-work.ts";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import { inferenceOutcomeIn } from "../kinds/inference/core/work.ts";
import type { ModelRuns } from "../trusted/model-runs.ts";
import { stateFigures } from "./state-figures.ts";

export interface MetricsSources {
  readonly state: CoordinatorState;
  /** Bytes; null: the disk does not answer. */
  diskFreeBytes(): number | null;
  loopLagMs(): number;
  isDraining(): boolean;
  readonly modelRuns: Pick<ModelRuns, "figures" | "times">;
}

export interface HttpAnswer {
  readonly method: string;
  /** As it was declared. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const HTTP_SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60];

export class Metrics {
  readonly #registry = new Registry();
  readonly #events: Counter<"type">;
  readonly #rows: Counter<"what">;
  readonly #verifyFailures: Counter<"check">;
  readonly #jobsEnded: Counter<"kind" | "state">;
  readonly #http: Histogram<"method" | "route" | "status">;
  readonly #httpBytes: Counter<"direction">;
  readonly #collected: Counter<"what">;
  readonly #refused: Counter<"what">;

  constructor(sources: MetricsSources) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    for (const { name, help, labels, values } of stateFigures(sources.state)) {
      const gauge = new Gauge({
        name,
        help,
        labelNames: labels === null ? [] : [labels],
        registers,
        collect() {
          gauge.reset();
          for (const [label, value] of values()) {
            if (labels === null) gauge.set(value);
            else gauge.set({ [labels]: label }, value);
          }
        },
      });
    }
    new Gauge({
      name: "paritab_disk_free_bytes",
      help: "Free disk of the data directory; -1 where the disk does not answer",
      registers,
      collect() {
        this.set(sources.diskFreeBytes() ?? -1);
      },
    });
    new Gauge({
      name: "paritab_loop_lag_seconds",
      help: "How late the event loop runs, mean of the last seconds: beyond a limit new tabs are turned away",
      registers,
      collect() {
        this.set(sources.loopLagMs() / 1000);
      },
    });
    new Gauge({
      name: "paritab_draining",
      help: "1 while the coordinator stops",
      registers,
      collect() {
        this.set(sources.isDraining() ? 1 : 0);
      },
    });
    const { modelRuns } = sources;
    new Gauge({
      name: "paritab_trusted",
      help: "Processes that run models, pieces of rows that wait for one, and processes that were ended since the start",
      labelNames: ["what"],
      registers,
      collect() {
        for (const [what, count] of Object.entries(modelRuns.figures())) this.set({ what }, count);
      },
    });
    new Gauge({
      name: "paritab_trusted_cpu_seconds",
      help: "Processor time that models took since the start, by trials at submission and checks of what tabs said",
      labelNames: ["lane"],
      registers,
      collect() {
        for (const lane of ["trial", "check"] as const) this.set({ lane }, modelRuns.times.ofLane(lane) / 1000);
      },
    });
    this.#events = new Counter({
      name: "paritab_events_total",
      help: "Events of the core",
      labelNames: ["type"],
      registers,
    });
    this.#rows = new Counter({
      name: "paritab_rows_total",
      help: "Rows of inference rounds: decoded into answers, audited (audited / decoded is the audit share), audited and wrong",
      labelNames: ["what"],
      registers,
    });
    this.#verifyFailures = new Counter({
      name: "paritab_verify_failures_total",
      help: "Results that a check found wrong, by the check",
      labelNames: ["check"],
      registers,
    });
    this.#jobsEnded = new Counter({
      name: "paritab_jobs_ended_total",
      help: "Jobs that ended, by how",
      labelNames: ["kind", "state"],
      registers,
    });
    this.#http = new Histogram({
      name: "paritab_http_seconds",
      help: "From a request's headers to the end of its answer",
      labelNames: ["method", "route", "status"],
      buckets: HTTP_SECONDS,
      registers,
    });
    this.#httpBytes = new Counter({
      name: "paritab_http_body_bytes_total",
      help: "Bodies of requests and answers, as announced",
      labelNames: ["direction"],
      registers,
    });
    this.#collected = new Counter({
      name: "paritab_blobs_collected_total",
      help: "Blobs that nothing referred to, and their bytes",
      labelNames: ["what"],
      registers,
    });
    this.#refused = new Counter({
      name: "paritab_refused_total",
      help: "New tabs, jobs and uploads that were turned away for want of room",
      labelNames: ["what"],
      registers,
    });
  }

  happened(event: CoordinatorEvent): void {
    this.#events.inc({ type: nameOf(event) });
    if (event.type === "resultMalformed") this.#verifyFailures.inc({ check: "form" });
    if (isRunOutcome(event)) {
      const { run } = event.outcome;
      if (run.type === "verified" && !run.isRight) this.#verifyFailures.inc({ check: "freivalds" });
    }
    const outcome = inferenceOutcomeIn(event);
    if (outcome?.type === "audited") this.#checked(outcome.checked, outcome.failed, "audit");
    if (outcome?.type === "toppedUp") this.#checked(outcome.checked, outcome.failed, "top-up");
    if (outcome?.type !== "decoded") return;
    this.#rows.inc({ what: "decoded" }, outcome.outcome.rowCount);
    for (const { checked, failed } of outcome.outcome.suspectAudits) this.#checked(checked, failed, "suspect");
  }

  #checked(rows: number, failed: number, check: string): void {
    this.#rows.inc({ what: "audited" }, rows);
    if (failed === 0) return;
    this.#rows.inc({ what: "wrong" }, failed);
    this.#verifyFailures.inc({ check });
  }

  jobEnded(kind: string, state: string): void {
    this.#jobsEnded.inc({ kind, state });
  }

  answered({ method, route, status, seconds, bytesIn, bytesOut }: HttpAnswer): void {
    this.#http.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
    this.#httpBytes.inc({ direction: "in" }, bytesIn);
    this.#httpBytes.inc({ direction: "out" }, bytesOut);
  }

  collected({ blobs, bytes }: { blobs: number; bytes: number }): void {
    this.#collected.inc({ what: "blobs" }, blobs);
    this.#collected.inc({ what: "bytes" }, bytes);
  }

  refused(what: "tab" | "job" | "upload"): void {
    this.#refused.inc({ what });
  }

  async text(): Promise<{ type: string; text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}

/** What a kind is told is named as the kind names it. */
function nameOf(event: CoordinatorEvent): string {
  if (event.type === "request") return event.request.type;
  return event.type === "outcome" ? event.outcome.type : event.type;
}
