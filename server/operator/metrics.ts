/**
 * The coordinator's figures for Prometheus. Gauges are read from the state when somebody asks; counters count what happens.
 * No label holds a name, an address or an id: the number of series does not grow with what people do.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { CELL_STATES } from "../../shared/protocol/service-api.ts";
import type { WholeService } from "../cells/whole-service.ts";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import type { KindTeller } from "../shell/kind-teller.ts";
import type { ModelRuns } from "../trusted/model-runs.ts";
import type { House } from "./house.ts";
import { type Figure, singleFigure, stateFigures } from "./state-figures.ts";

/** [CE1] */
export interface Lease {
  readonly epoch: number;
  readonly isHeld: boolean;
  /** Until it is over; negative: since then. */
  readonly leftMs: number;
}

export interface MetricsSources {
  readonly state: CoordinatorState;
  readonly tellers: ReadonlyMap<string, KindTeller>;
  /** Bytes; null: the disk does not answer. */
  diskFreeBytes(): number | null;
  loopLagMs(): number;
  isDraining(): boolean;
  readonly modelRuns: Pick<ModelRuns, "figures" | "times">;
  /** null: it has the database for itself. */
  readonly lease: Lease | null;
  readonly service: Pick<WholeService, "view">;
  readonly backups: Pick<House, "lastBackupMs" | "backupEveryMs">;
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

/** For some looks at the event loop, which come every 10 ms. */
const FIRST_LOOKS_MS = 50;
const HTTP_SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60];

export class Metrics {
  readonly #registry = new Registry();
  readonly #events = new Tally();
  readonly #rows = new Tally();
  readonly #verifyFailures: Counter<"check">;
  readonly #jobsEnded: Counter<"kind" | "state">;
  readonly #http: Histogram<"method" | "route" | "status">;
  readonly #httpBytes = new Tally();
  readonly #collected: Counter<"what">;
  readonly #refused: Counter<"what">;
  readonly #tellers: MetricsSources["tellers"];
  #ofProcess: Promise<void> | null = null;

  constructor(sources: MetricsSources) {
    const registers = [this.#registry];
    this.#tellers = sources.tellers;
    const figures = [
      ...stateFigures(sources.state, sources.tellers),
      ...processFigures(sources),
      ...leaseFigures(sources.lease),
      ...serviceFigures(sources.service),
      ...backupFigures(sources.backups),
    ];
    for (const figure of figures) {
      gaugeOf(figure, this.#registry);
    }
    const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
      new Counter({ name, help, labelNames, registers });
    const tallied = (tally: Tally, name: string, help: string, label: string) => {
      const told: Counter = new Counter({
        ...{ name, help, labelNames: [label], registers },
        collect: () => tally.tell((value, count) => told.inc({ [label]: value }, count)),
      });
    };
    tallied(this.#events, "paritab_events_total", "Events of the core", "type");
    tallied(
      this.#rows,
      "paritab_rows_total",
      "Rows of inference rounds: decoded into answers, audited (audited / decoded is the audit share), audited and wrong",
      "what",
    );
    this.#verifyFailures = counter(
      "paritab_verify_failures_total",
      "Results that a check found wrong, by the check",
      "check",
    );
    this.#jobsEnded = counter("paritab_jobs_ended_total", "Jobs that ended, by how", "kind", "state");
    this.#http = new Histogram({
      name: "paritab_http_seconds",
      help: "From a request's headers to the end of its answer",
      labelNames: ["method", "route", "status"],
      buckets: HTTP_SECONDS,
      registers,
    });
    tallied(
      this.#httpBytes,
      "paritab_http_body_bytes_total",
      "Bodies of requests and answers, as announced",
      "direction",
    );
    this.#collected = counter(
      "paritab_blobs_collected_total",
      "Blobs that nothing referred to, and their bytes",
      "what",
    );
    this.#refused = counter(
      "paritab_refused_total",
      "New tabs, jobs and uploads that were turned away for want of room",
      "what",
    );
  }

  happened(event: CoordinatorEvent): void {
    this.#events.add(nameOf(event), 1);
    if (event.type === "resultMalformed") this.#verifyFailures.inc({ check: "form" });
    if (event.type !== "outcome") return;
    const { checks = [] } = this.#tellers.get(event.kind)?.counts(event.outcome) ?? {};
    for (const { name, rows, failed } of checks) {
      if (rows !== null) this.#rows.add("audited", rows);
      if (failed === 0) continue;
      if (rows !== null) this.#rows.add("wrong", failed);
      this.#verifyFailures.inc({ check: name });
    }
  }

  jobEnded(kind: string, state: string): void {
    this.#jobsEnded.inc({ kind, state });
  }

  answered({ method, route, status, seconds, bytesIn, bytesOut }: HttpAnswer): void {
    this.#http.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
    this.#httpBytes.add("in", bytesIn);
    this.#httpBytes.add("out", bytesOut);
  }

  collected({ blobs, bytes }: { blobs: number; bytes: number }): void {
    this.#collected.inc({ what: "blobs" }, blobs);
    this.#collected.inc({ what: "bytes" }, bytes);
  }

  refused(what: "tab" | "job" | "upload"): void {
    this.#refused.inc({ what });
  }

  async text(): Promise<{ type: string; text: string }> {
    this.#ofProcess ??= this.#watchProcess();
    await this.#ofProcess;
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  /** From the first time on that somebody reads figures: it wakes the process a hundred times a second. Nobody is told of a loop that was not looked at. */
  async #watchProcess(): Promise<void> {
    collectDefaultMetrics({ register: this.#registry });
    await sleep(FIRST_LOOKS_MS);
  }
}

/** By the value of a label, since they were told last: a counter takes longer to find a label than the core to take an event. */
class Tally {
  readonly #counts = new Map<string, number>();

  add(value: string, count: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + count);
  }

  tell(inc: (value: string, count: number) => void): void {
    for (const [value, count] of this.#counts) inc(value, count);
    this.#counts.clear();
  }
}

/** What a kind is told is named as the kind names it. */
function nameOf(event: CoordinatorEvent): string {
  if (event.type === "request") return event.request.type;
  return event.type === "outcome" ? event.outcome.type : event.type;
}

/** What is no part of the state. */
function processFigures({ diskFreeBytes, loopLagMs, isDraining, modelRuns }: MetricsSources): Figure[] {
  const lanes = ["trial", "check"] as const;
  return [
    singleFigure(
      "paritab_disk_free_bytes",
      "Free disk of the data directory; -1 where the disk does not answer",
      () => diskFreeBytes() ?? -1,
    ),
    singleFigure(
      "paritab_loop_lag_seconds",
      "How late the event loop runs, mean of the last seconds: beyond a limit new tabs are turned away",
      () => loopLagMs() / 1000,
    ),
    singleFigure("paritab_draining", "1 while the coordinator stops", () => (isDraining() ? 1 : 0)),
    {
      name: "paritab_trusted",
      help: "Processes that run models, pieces of rows that wait for one, processes that were ended since the start, and pieces that auditors compute at once",
      labels: "what",
      values: () => Object.entries(modelRuns.figures()),
    },
    {
      name: "paritab_trusted_cpu_seconds",
      help: "Processor time that models took since the start, by trials at submission and checks of what tabs said",
      labels: "lane",
      values: () => lanes.map((lane) => [lane, modelRuns.times.ofLane(lane) / 1000]),
    },
  ];
}

/** Of one that shares its database with nobody too: an alert is the same for all. */
function leaseFigures(lease: Lease | null): Figure[] {
  const held = "0 while one of several coordinators is not sure of its lease";
  const left = "Until the lease of one of several coordinators is over, if it is not renewed; negative: since then";
  const epoch = "Higher each time that one of several coordinators has begun anew";
  return [
    singleFigure("paritab_lease_held", held, () => (lease === null || lease.isHeld ? 1 : 0)),
    singleFigure("paritab_lease_left_seconds", left, () => (lease?.leftMs ?? Number.POSITIVE_INFINITY) / 1000),
    singleFigure("paritab_cell_epoch", epoch, () => lease?.epoch ?? 0),
  ];
}

/** Every coordinator tells the same of all of them: take one of their answers, not the sum. */
function serviceFigures(service: MetricsSources["service"]): Figure[] {
  return [
    {
      name: "paritab_cells",
      help: "Coordinators of the service by state, those that went within a day too; each tells of all",
      labels: "state",
      async values() {
        const { cells } = await service.view();
        return CELL_STATES.map((state) => [state, cells.filter((cell) => cell.state === state).length]);
      },
    },
    {
      name: "paritab_service",
      help: "Tabs, and jobs at work, of all coordinators of the service; each tells of all",
      labels: "what",
      async values() {
        const { tabs, tabsReady, volunteersReady, jobs } = (await service.view()).sums;
        return Object.entries({ tabs, tabs_ready: tabsReady, volunteers_ready: volunteersReady, jobs });
      },
    },
  ];
}

function backupFigures(backups: MetricsSources["backups"]): Figure[] {
  return [
    singleFigure("paritab_backup_age_seconds", "Since the latest backup was made; -1 where there is none", async () => {
      const lastMs = await backups.lastBackupMs();
      return lastMs === null ? -1 : (Date.now() - lastMs) / 1000;
    }),
    singleFigure(
      "paritab_backup_every_seconds",
      "A backup is made once the latest is so old; 0: by hand alone",
      () => (backups.backupEveryMs ?? 0) / 1000,
    ),
  ];
}

function gaugeOf({ name, help, labels, values }: Figure, registry: Registry): void {
  const gauge = new Gauge({
    name,
    help,
    labelNames: labels === null ? [] : [labels],
    registers: [registry],
    async collect() {
      const told = await values();
      gauge.reset();
      for (const [label, value] of told) {
        if (labels === null) gauge.set(value);
        else gauge.set({ [labels]: label }, value);
      }
    },
  });
}
