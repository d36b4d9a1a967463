/** Closed jobs of the ledger under drawn crowds: speeds far apart, claims that are late, tabs that are mute, and first answers. */

import { UNCODED } from "../../../server/rows/words.ts";
import { medianOfSome } from "../../../shared/numbers/quantile.ts";
import { atLeast, atMost, type Goal } from "../goals.ts";
import type { Column, FurtherTable } from "../measurement.ts";
import { type CoordinatorFigures, LONG_ROWS, type SchemeName, SPEED_ROWS } from "./coordinator-figures.ts";
import { type DrawnCrowd, LONG_CROWDS, rowsPossiblePerMs, SHORT_CROWDS, SPEED_CROWDS } from "./drawn-crowds.ts";
import { type LedgerJob, type LedgerRun, runJobsInTurn, withMixtures } from "./ledger-runs.ts";

/** A table, and what was asked of its figures. */
export interface Section {
  readonly table: FurtherTable;
  readonly goals: readonly Goal[];
}

const LEDGER_SCHEMES = { plain: UNCODED, "8 + 2 mixtures": withMixtures(8, 2) } as const;

const SHORT_ROWS = 80;
/** Jobs of a short crowd, one after another; the first one's tabs are strangers. */
const SHORT_JOBS = 50;

/** Of a crowd's two jobs: medians over seeds. */
function twoJobs(crowd: DrawnCrowd, job: Pick<LedgerJob, "rule" | "rows">, seeds: readonly number[]) {
  const found = seeds.map((seed) => {
    const tabs = crowd.tabs(seed);
    const shareOf = ({ endMs }: LedgerRun) => job.rows / (rowsPossiblePerMs(tabs) * endMs);
    const [first, second] = runJobsInTurn({ ...job, seed, tabs }, 2) as [LedgerRun, LedgerRun];
    return {
      shareOfFirst: shareOf(first),
      share: shareOf(second),
      secondsOfFirst: first.endMs / 1e3,
      seconds: second.endMs / 1e3,
      rowsAQuery: second.rowsComputed / job.rows,
      messages: second.messages,
    };
  });
  const over = (key: keyof (typeof found)[number]) => medianOfSome(found.map((one) => one[key]));
  return {
    ...{ shareOfFirst: over("shareOfFirst"), share: over("share"), secondsOfFirst: over("secondsOfFirst") },
    ...{ seconds: over("seconds"), rowsAQuery: over("rowsAQuery"), messages: over("messages") },
  };
}

export function speedsSection(seeds: readonly number[], coordinator: CoordinatorFigures["speeds"]): Section {
  const goals: Goal[] = [];
  const rows = SPEED_CROWDS.flatMap((crowd) =>
    Object.entries(LEDGER_SCHEMES).map(([scheme, rule]) => {
      const own = twoJobs(crowd, { rule, rows: SPEED_ROWS }, seeds);
      if (rule === UNCODED) {
        goals.push(atLeast(`${crowd.name}: share of the ideal`, 0.97, own.share));
        goals.push(atLeast(`${crowd.name}: share of the ideal, first job`, 0.97, own.shareOfFirst));
      }
      const beside = (name: SchemeName) => coordinator[crowd.name]![name];
      return {
        ...{ crowd: crowd.name, scheme, ...own },
        ...{ uncoded: beside("uncoded").second.share, uncodedFirst: beside("uncoded").first.share },
        ...{ backups: beside("backups").second.share, backupsFirst: beside("backups").first.share },
      };
    }),
  );
  const columns: Column[] = [
    { key: "crowd", title: "crowd" },
    { key: "scheme", title: "ledger" },
    { key: "share", title: "share", digits: 3 },
    { key: "shareOfFirst", title: "first job", digits: 3 },
    { key: "seconds", title: "s", digits: 1 },
    { key: "rowsAQuery", title: "rows a query", digits: 3 },
    { key: "uncoded", title: "coordinator, uncoded", digits: 3 },
    { key: "uncodedFirst", title: "first job", digits: 3 },
    { key: "backups", title: "backups", digits: 3 },
    { key: "backupsFirst", title: "first job", digits: 3 },
  ];
  const notes = [
    `16 tabs, jobs of ${SPEED_ROWS} rows, the second of two; a row takes 20 ms on the fastest. Share: of what all tabs could compute in that time.`,
  ];
  return { table: { name: "speeds", title: "Tabs far apart", columns, rows, notes }, goals };
}

/** Seconds asked of the crowds whose claims are slow now and then. */
const SECONDS_ASKED: Readonly<Record<string, number>> = {
  "1 claim in 10 eight times slow": 110,
  "1 claim in 5 eight times slow": 145,
  "1 claim in 3 eight times slow": 210,
};

export function longSection(seeds: readonly number[], coordinator: CoordinatorFigures["long"]): Section {
  const goals: Goal[] = [];
  const rows = LONG_CROWDS.flatMap((crowd) =>
    Object.entries(LEDGER_SCHEMES).map(([scheme, rule]) => {
      const own = twoJobs(crowd, { rule, rows: LONG_ROWS }, seeds);
      const asked = SECONDS_ASKED[crowd.name];
      if (rule === UNCODED && asked !== undefined) goals.push(atMost(`${crowd.name}, s`, asked, own.seconds));
      if (rule === UNCODED && crowd.name === "25 % mute") {
        goals.push(atLeast(`${crowd.name}: share of the ideal`, 0.95, own.share));
      }
      const { uncoded, backups, parities } = coordinator[crowd.name]!;
      return {
        ...{ crowd: crowd.name, scheme, ...own },
        ...{ uncoded: uncoded.second.seconds, uncodedRows: uncoded.second.rowsAQuery },
        ...{ backups: backups.second.seconds, backupsRows: backups.second.rowsAQuery },
        ...{ parities: parities.second.seconds, paritiesRows: parities.second.rowsAQuery },
      };
    }),
  );
  const columns: Column[] = [
    { key: "crowd", title: "crowd" },
    { key: "scheme", title: "ledger" },
    { key: "seconds", title: "s", digits: 1 },
    { key: "share", title: "share", digits: 3 },
    { key: "secondsOfFirst", title: "first job", digits: 1 },
    { key: "rowsAQuery", title: "rows a query", digits: 3 },
    { key: "messages", title: "messages" },
    { key: "uncoded", title: "coordinator, uncoded", digits: 1 },
    { key: "uncodedRows", title: "rows", digits: 2 },
    { key: "backups", title: "backups", digits: 1 },
    { key: "backupsRows", title: "rows", digits: 2 },
    { key: "parities", title: "parities", digits: 1 },
    { key: "paritiesRows", title: "rows", digits: 2 },
  ];
  const notes = [
    `12 tabs, jobs of ${LONG_ROWS} rows, the second of two; a row takes 200 ms times the tab's own speed (.75 to 1.5). Share: of what the tabs that answer could compute in that time, at their mean speeds.`,
  ];
  return { table: { name: "late", title: "Claims that are late, tabs that are mute", columns, rows, notes }, goals };
}

export interface FirstAnswers {
  /** Seconds until every row of a job had an answer or an estimate: the mean over the jobs. */
  readonly first: number;
  /** Of the first job, whose tabs are strangers. */
  readonly ofStrangers: number;
  readonly rowsAQuery: number;
}

function firstAnswers(
  crowd: DrawnCrowd,
  job: Pick<LedgerJob, "rule" | "rows">,
  seeds: readonly number[],
): FirstAnswers {
  const found = seeds.map((seed) => {
    const runs = runJobsInTurn({ ...job, seed: seed * 100_000, tabs: crowd.tabs(seed) }, SHORT_JOBS);
    const seconds = runs.map(({ firstMs }) => Math.max(...firstMs) / 1e3);
    const computed = runs.reduce((sum, { rowsComputed }) => sum + rowsComputed, 0);
    return {
      first: seconds.slice(1).reduce((sum, one) => sum + one, 0) / (SHORT_JOBS - 1),
      ofStrangers: seconds[0]!,
      rowsAQuery: computed / (job.rows * SHORT_JOBS),
    };
  });
  const over = (key: keyof FirstAnswers) => medianOfSome(found.map((one) => one[key]));
  return { first: over("first"), ofStrangers: over("ofStrangers"), rowsAQuery: over("rowsAQuery") };
}

/** @param before frozen: what the coordinator needed before the ledger, which is the most that is asked */
export function shortSection(
  seeds: readonly number[],
  coordinator: CoordinatorFigures["short"],
  before: CoordinatorFigures["short"],
): Section {
  const goals: Goal[] = [];
  const rows = SHORT_CROWDS.flatMap((crowd) =>
    Object.entries(LEDGER_SCHEMES).map(([scheme, rule]) => {
      const own = firstAnswers(crowd, { rule, rows: SHORT_ROWS }, seeds);
      const best = Math.min(...Object.values(before[crowd.name]!));
      if (rule === UNCODED) goals.push(atMost(`80 rows, ${crowd.name}: first answers, s`, best, own.first));
      return { crowd: crowd.name, scheme, ...own, ...coordinator[crowd.name]! };
    }),
  );
  const columns: Column[] = [
    { key: "crowd", title: "crowd" },
    { key: "scheme", title: "ledger" },
    { key: "first", title: "first answers, s", digits: 2 },
    { key: "ofStrangers", title: "of strangers", digits: 2 },
    { key: "rowsAQuery", title: "rows a query", digits: 3 },
    { key: "uncoded", title: "coordinator, uncoded", digits: 2 },
    { key: "backups", title: "backups", digits: 2 },
    { key: "parities", title: "parities", digits: 2 },
  ];
  const notes = [
    `10 tabs, ${SHORT_JOBS} jobs of ${SHORT_ROWS} rows one after another, a row 200 ms times the tab's own speed; the mean over all jobs but the first, whose tabs are strangers. The coordinator: rounds of 80 rows of one job, one at a time.`,
    "Asked is the best of the coordinator's three schemes before the ledger.",
  ];
  return {
    table: { name: "firstAnswers", title: "First answers of jobs of eighty rows", columns, rows, notes },
    goals,
  };
}
