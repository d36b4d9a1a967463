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
    "tenth-times": ({ rows }) => times(rows, 10, 1),
    "fifth-times": ({ rows }) => times(rows, 5, 1),
    "third-times": ({ rows }) => times(rows, 3, 1),
    "fifth-times-four": ({ rows }) => times(rows, 5, 4),
  },
};

const slowFaults = (oneIn: number) => `1 batch in ${oneIn} takes 8 times as long`;

/** Mean seconds to the first answers of a round that has the crowd to itself, with half of the 95 % interval over the crowds. */
function first(rows: readonly Row[], slowOneIn: number, scheme: string): string {
  const row = rowWith(rows, { faults: slowFaults(slowOneIn), roundsInFlight: 1, scheme });
  return withSpread(row.firstMean, row.firstHalfWidth, 1);
}

/**
 * How many times as long as for own, checked answers with backups one waits without spares, where answers are own, and unchecked. The two intervals are put together as those of independent means: of the
 * same crowds, as these are, it is rather too wide.
 */
function times(rows: readonly Row[], slowOneIn: number | null, roundsInFlight: number): string {
  const faults = slowOneIn === null ? "none" : slowFaults(slowOneIn);
  const of = (scheme: string) => {
    const row = rowWith(rows, { faults, roundsInFlight, scheme });
    const mean = numberOf(row, "exactMean");
    return { mean, share: numberOf(row, "exactHalfWidth") / mean };
  };
  const [without, withSpares] = [of("uncoded, speculative"), of("systematic, backups")];
  const ratio = without.mean / withSpares.mean;
  return withSpread(ratio, ratio * Math.hypot(without.share, withSpares.share), 1);
}

/** Seconds: a row a share of slow batches and rounds in flight. */
function headline({ rows }: Figures): string {
  const cell = (scheme: string, what: "first" | "exact") => (row: Row) => {
    const { faults, roundsInFlight } = row;
    const found = rowWith(rows, { faults: faults!, roundsInFlight: roundsInFlight!, scheme });
    return withSpread(found[`${what}Mean`], found[`${what}HalfWidth`], 1);
  };
  return markdownTable(
    [
      { title: "slow", cell: ({ faults }) => String(faults) },
      { title: "rounds in flight", isNumber: true, cell: ({ roundsInFlight }) => String(roundsInFlight) },
      { title: "no code, sent again once late", isNumber: true, cell: cell("uncoded, speculative", "exact") },
      { title: "backups: first answers", isNumber: true, cell: cell("systematic, backups", "first") },
      { title: "backups: own, checked", isNumber: true, cell: cell("systematic, backups", "exact") },
      { title: "parities: own, checked", isNumber: true, cell: cell("systematic, parities", "exact") },
      {
        title: "times as soon, own and checked",
        isNumber: true,
        cell: ({ oneIn, roundsInFlight }) => times(rows, oneIn === null ? null : Number(oneIn), Number(roundsInFlight)),
      },
    ],
    [null, 10, 5, 3].flatMap((oneIn) =>
      [1, 4].map(
        (roundsInFlight): Row => ({ faults: oneIn === null ? "none" : slowFaults(oneIn), oneIn, roundsInFlight }),
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
      { title: "rounds", isNumber: true, cell: ({ roundsInFlight }) => String(roundsInFlight) },
      { title: "scheme, spare tabs", cell: ({ scheme }) => String(scheme).replace(/^\w+/, "`$&`") },
      {
        title: "first, s (95 %)",
        isNumber: true,
        cell: (row) => seconds(row, "firstMean", "firstHalfWidth", "first95"),
      },
      {
        title: "own / estimated then",
        isNumber: true,
        cell: ({ ownShare, estimatedShare }) => `${share(ownShare, 3)} / ${share(estimatedShare, 3)}`,
      },
      {
        title: "exact, s (95 %)",
        isNumber: true,
        cell: (row) => seconds(row, "exactMean", "exactHalfWidth", "exact95"),
      },
      { title: "job, s", isNumber: true, cell: ({ jobSeconds }) => share(jobSeconds, 0) },
      { title: "tab rows", isNumber: true, cell: ({ tabRowsPerAnswer }) => share(tabRowsPerAnswer, 2) },
    ],
    rows,
  );
}
