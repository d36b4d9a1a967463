/** What one waits while some tabs are slow: `npm run bench -- waiting`. Simulated seconds: the machine's load does not matter. */
import {
  type Figures,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  rowWith,
  share,
  withSpread,
} from "../measured-table.ts";

export const waiting: MeasuredRun = {
  name: "waiting",
  bench: "waiting",
  args: [],
  minutes: 15,
  tables: { all, headline },
  figures: {
    "tenth-first": ({ rows }) => first(rows, 10, "systematic, backups"),
    "tenth-uncoded": ({ rows }) => first(rows, 10, "uncoded, speculative"),
    "fifth-first": ({ rows }) => first(rows, 5, "systematic, backups"),
    "fifth-uncoded": ({ rows }) => first(rows, 5, "uncoded, speculative"),
    "third-first": ({ rows }) => first(rows, 3, "systematic, backups"),
    "third-uncoded": ({ rows }) => first(rows, 3, "uncoded, speculative"),
    "tenth-times": ({ rows }) => times(rows, 10, SMALL),
    "fifth-times": ({ rows }) => times(rows, 5, SMALL),
    "third-times": ({ rows }) => times(rows, 3, SMALL),
    "fifth-times-larger": ({ rows }) => times(rows, 5, LARGER),
  },
};

/** Queries of a job. */
const [SMALL, LARGER] = [80, 320];

const slowFaults = (oneIn: number) => `1 claim in ${oneIn} takes 8 times as long`;

/** Mean seconds until a query of a small job has its first answer, with half of the 95 % interval over the crowds. */
function first(rows: readonly Row[], slowOneIn: number, scheme: string): string {
  const row = rowWith(rows, { faults: slowFaults(slowOneIn), jobQueries: SMALL, scheme });
  return withSpread(row.firstMean, row.firstHalfWidth, 1);
}

/**
 * The wait without spares over the wait for own answers with backups, where nothing is checked. The two intervals are put together as those of independent means: the crowds are the
 * same, so the result is rather too wide.
 */
function times(rows: readonly Row[], slowOneIn: number | null, jobQueries: number): string {
  const faults = slowOneIn === null ? "none" : slowFaults(slowOneIn);
  const of = (scheme: string) => {
    const row = rowWith(rows, { faults, jobQueries, scheme });
    const mean = numberOf(row, "ownMean");
    return { mean, share: numberOf(row, "ownHalfWidth") / mean };
  };
  const [without, withSpares] = [of("uncoded, speculative"), of("systematic, backups")];
  const ratio = without.mean / withSpares.mean;
  return withSpread(ratio, ratio * Math.hypot(without.share, withSpares.share), 1);
}

/** Seconds: a row a share of slow claims and size of jobs. */
function headline({ rows }: Figures): string {
  const cell = (scheme: string, what: "first" | "own") => (row: Row) => {
    const { faults, jobQueries } = row;
    const found = rowWith(rows, { faults: faults!, jobQueries: jobQueries!, scheme });
    return withSpread(found[`${what}Mean`], found[`${what}HalfWidth`], 1);
  };
  return markdownTable(
    [
      { title: "slow", cell: ({ faults }) => String(faults) },
      { title: "queries a job", isNumber: true, cell: ({ jobQueries }) => String(jobQueries) },
      { title: "no code, asked again once late", isNumber: true, cell: cell("uncoded, speculative", "own") },
      { title: "backups: first answers", isNumber: true, cell: cell("systematic, backups", "first") },
      { title: "backups: own", isNumber: true, cell: cell("systematic, backups", "own") },
      { title: "parities: own", isNumber: true, cell: cell("systematic, parities", "own") },
      {
        title: "times as soon, own",
        isNumber: true,
        cell: ({ oneIn, jobQueries }) => times(rows, oneIn === null ? null : Number(oneIn), Number(jobQueries)),
      },
    ],
    [null, 10, 5, 3].flatMap((oneIn) =>
      [SMALL, LARGER].map(
        (jobQueries): Row => ({ faults: oneIn === null ? "none" : slowFaults(oneIn), oneIn, jobQueries }),
      ),
    ),
  );
}

function all({ rows }: Figures): string {
  const seconds = (row: Row, mean: string, halfWidth: string, quantile: string) => {
    const of = (key: string) => share(row[key], 2);
    return `${of(mean)} ± ${of(halfWidth)} (${of(quantile)})`;
  };
  return markdownTable(
    [
      { title: "faults", cell: ({ faults }) => String(faults) },
      { title: "queries a job", isNumber: true, cell: ({ jobQueries }) => String(jobQueries) },
      { title: "scheme, spare tabs", cell: ({ scheme }) => String(scheme).replace(/^\w+/, "`$&`") },
      {
        title: "first, s (95 %)",
        isNumber: true,
        cell: (row) => seconds(row, "firstMean", "firstHalfWidth", "first95"),
      },
      {
        title: "estimated then",
        isNumber: true,
        cell: ({ estimatedShare }) => share(estimatedShare, 3),
      },
      {
        title: "own, s (95 %)",
        isNumber: true,
        cell: (row) => seconds(row, "ownMean", "ownHalfWidth", "own95"),
      },
      { title: "job, s", isNumber: true, cell: ({ jobSeconds }) => share(jobSeconds, 0) },
      { title: "tab rows", isNumber: true, cell: ({ tabRowsPerAnswer }) => share(tabRowsPerAnswer, 2) },
    ],
    rows,
  );
}
