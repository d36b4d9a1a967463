/** Jobs and streams of the product's ledger alone under a drawn crowd, on virtual time: no checks, no store. */
import { RowLedger } from "../../../server/rows/ledger.ts";
import { type GroupRule, UNCODED } from "../../../server/rows/words.ts";
import { RowCrowd, type RowRun } from "../../crowd/rows/row-crowd.ts";
import type { DrawnTab } from "./drawn-crowds.ts";

export type Paces = readonly (number | null)[];

export interface LedgerRun extends RowRun {
  /** By place: when it had an answer, or an estimate where that came before; ms */
  readonly firstMs: Float64Array;
  /** What is known of each tab afterwards, rows a ms. */
  readonly paces: Paces;
  readonly visits: number;
}

const SECRET_BYTES = 32;

/** The secret order of a job is another one for each seed. */
const keyOf = (seed: number) => Uint8Array.from({ length: SECRET_BYTES }, (_, i) => (seed * 131 + i * 17) & 0xff);

/** Groups whose losses any K of their members decode. */
export const withMixtures = (rows: number, mixtures: number): GroupRule => ({
  rows,
  mixtures,
  apart: "open",
  goesOutPlain: true,
  isDecodable: (rowsIn, mixturesIn) => rowsIn + mixturesIn >= rows,
});

export interface LedgerJob {
  readonly seed: number;
  readonly tabs: readonly DrawnTab[];
  readonly rule: GroupRule;
  readonly rows: number;
  /** What earlier jobs told of the tabs; absent: nothing. */
  readonly paces?: Paces;
}

/** A mute tab's session is closed one day, and it comes back. */
const COMES_BACK_MS = 60;

/** One closed job, from its opening until each row has its answer. */
export function runJob({ seed, tabs, rule, rows, paces }: LedgerJob): LedgerRun {
  const ledger = new RowLedger({ rowCount: rows, rule, orderKey: keyOf(seed) });
  const firstMs = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  const crowd = crowdOf({ seed, tabs, ledger, firstMs, ...(paces === undefined ? {} : { paces }) });
  const run = crowd.run(() => ledger.counts.answered === rows);
  return { ...run, firstMs, paces: pacesAfter(crowd, tabs, paces), visits: ledger.visits };
}

/** Jobs one after another, of tabs that are known better each time; a claim's draws differ from job to job. */
export function runJobsInTurn(job: LedgerJob, count: number): LedgerRun[] {
  const runs: LedgerRun[] = [];
  for (let turn = 0; turn < count; turn++) {
    const paces = runs.at(-1)?.paces;
    runs.push(runJob({ ...job, seed: job.seed + 1_000 * turn, ...(paces === undefined ? {} : { paces }) }));
  }
  return runs;
}

export interface LedgerStream {
  readonly seed: number;
  readonly tabs: readonly DrawnTab[];
  /** When each row arrives, ms, ascending. */
  readonly postedMs: readonly number[];
  readonly networkMs: number;
}

/** One open job of rows without groups, until all are answered. */
export function runLedgerStream({ seed, tabs, postedMs, networkMs }: LedgerStream): LedgerRun {
  const ledger = new RowLedger({ rowCount: 0, rule: UNCODED, isOpen: true, orderKey: null });
  const rows = postedMs.length;
  const firstMs = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  const crowd = crowdOf({ seed, tabs, ledger, firstMs, networkMs });
  for (const ms of postedMs) {
    crowd.clock.at(ms, () => {
      ledger.append(1);
      crowd.wake();
    });
  }
  const run = crowd.run(() => ledger.counts.answered === rows);
  return { ...run, firstMs, paces: pacesAfter(crowd, tabs, undefined), visits: ledger.visits };
}

interface CrowdParts {
  readonly seed: number;
  readonly tabs: readonly DrawnTab[];
  readonly ledger: RowLedger;
  readonly firstMs: Float64Array;
  readonly paces?: Paces;
  readonly networkMs?: number;
}

function crowdOf({ seed, tabs, ledger, firstMs, paces, networkMs }: CrowdParts) {
  return new RowCrowd({
    seed,
    tabs: tabs.map(({ time, isMute }, tab) => ({
      ...{ time, isMute, rowsPerMs: paces?.[tab] ?? null, comesBackAfterMs: COMES_BACK_MS },
    })),
    rows: ledger,
    ...(networkMs === undefined ? {} : { networkMs }),
    onEffect: (effect, { nowMs }) => {
      if (effect.type === "accepted") firstMs[effect.place] = Math.min(firstMs[effect.place]!, nowMs);
      if (effect.type !== "decodable") return;
      for (const place of effect.missing) firstMs[place] = Math.min(firstMs[place]!, nowMs);
    },
  });
}

function pacesAfter(crowd: { paceOf(tab: number): number | null }, tabs: readonly DrawnTab[], before?: Paces): Paces {
  return tabs.map((_, tab) => crowd.paceOf(tab) ?? before?.[tab] ?? null);
}
