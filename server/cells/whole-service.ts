/** [CE16] The whole service as any of its coordinators sees it: what each tells with its renewals, and this one as it is now. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CellView, ServiceSums, ServiceView } from "../../shared/protocol/service-api.ts";
import type { SeenCell } from "../store/cell-lease.ts";
import { RENEWALS } from "../store/lease-time.ts";

/** The database is asked at most so often, however many look. */
const LOOK_MS_MIN = 500;
/** Nobody who asks waits longer for it. */
const LOOK_WAIT_MS_MAX = 1_000;

/** Figures of this coordinator. */
export type OwnCell = Pick<CellView, "tabs" | "tabsReady" | "volunteersReady" | "jobs">;

export interface WholeServiceOptions {
  readonly own: () => OwnCell;
  readonly name: string;
  readonly version: string;
  /** null: it has the database for itself. */
  readonly shared: {
    readonly epoch: number;
    readonly leaseMs: number;
    seen(): Promise<readonly SeenCell[]>;
  } | null;
  readonly nowMs?: () => number;
}

export class WholeService {
  readonly #options: WholeServiceOptions;
  readonly #nowMs: () => number;
  readonly #beganMs: number;
  #seen: readonly SeenCell[] = [];
  #readMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(options: WholeServiceOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#beganMs = this.#nowMs();
  }

  /** Where the database does not answer at once others are told of as they were seen last, and are older by what has gone by since. */
  async view(): Promise<ServiceView> {
    const { shared } = this.#options;
    if (shared !== null && this.#nowMs() - this.#readMs >= LOOK_MS_MIN) await this.#look(() => shared.seen());
    const own = this.#own();
    if (shared === null) return { sums: sumsOf([own]), cells: [own] };
    const passedMs = this.#nowMs() - this.#readMs;
    const isOwn = ({ epoch }: SeenCell) => epoch === shared.epoch;
    const seen = this.#seen.map((cell) => (isOwn(cell) ? own : lineOf(cell, passedMs, shared.leaseMs / RENEWALS)));
    const cells = this.#seen.some(isOwn) ? seen : [own, ...seen];
    return { sums: sumsOf(cells), cells };
  }

  #own(): CellView {
    const { own, name, version } = this.#options;
    const upMs = Math.round(this.#nowMs() - this.#beganMs);
    const isThere = { isOwn: true, state: "at work", heardAgoMs: 0, takeoverInMs: null, takenOverBy: null } as const;
    return { name, version, upMs, ...isThere, ...own() };
  }

  async #look(seen: () => Promise<readonly SeenCell[]>): Promise<void> {
    this.#reading ??= seen()
      .then(
        (cells) => {
          this.#seen = cells;
          this.#readMs = this.#nowMs();
        },
        () => {},
      )
      .finally(() => {
        this.#reading = null;
      });
    await Promise.race([this.#reading, sleep(LOOK_WAIT_MS_MAX, undefined, { ref: false })]);
  }
}

/** @param lookMs whoever may take over looks so often */
function lineOf(cell: SeenCell, passedMs: number, lookMs: number): CellView {
  const { name, state, jobs, version, upMs, leaseLeftMs, takenOverBy } = cell;
  return {
    ...{ name, isOwn: false, state, version, takenOverBy, jobs },
    ...{ tabs: cell.connected, tabsReady: cell.ready, volunteersReady: cell.volunteers },
    upMs: upMs === null ? null : Math.round(upMs + passedMs),
    heardAgoMs: Math.max(0, Math.round(cell.heardAgoMs + passedMs)),
    takeoverInMs:
      state === "silent" ? Math.max(0, Math.round((leaseLeftMs ?? 0) - passedMs)) + Math.round(lookMs) : null,
  };
}

/** Tabs of those that are not at work compute for nobody. */
function sumsOf(cells: readonly CellView[]): ServiceSums {
  const atWork = cells.filter(({ state }) => state === "at work");
  const there = cells.filter(({ state }) => state !== "gone" && state !== "stopped");
  const sum = (of: readonly CellView[], what: keyof OwnCell) => of.reduce((total, cell) => total + cell[what], 0);
  return {
    cells: atWork.length,
    tabs: sum(atWork, "tabs"),
    tabsReady: sum(atWork, "tabsReady"),
    volunteersReady: sum(atWork, "volunteersReady"),
    jobs: sum(there, "jobs"),
  };
}

/** The service of an API that has no coordinator behind it. */
export const NO_SERVICE = new WholeService({
  own: () => ({ tabs: 0, tabsReady: 0, volunteersReady: 0, jobs: 0 }),
  ...{ name: "", version: "none", shared: null },
});
