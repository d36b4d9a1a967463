/** What lies do to jobs that are checked: `npm run bench -- attacks`, a run a part. */
import {
  type Figures,
  grouped,
  type MarkdownColumn,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  rowWith,
  share,
  withSpread,
} from "../measured-table.ts";
import { sumOf } from "../over-parts.ts";

/** One coalition in a crowd. */
export const attacksCoalitions: MeasuredRun = {
  name: "attacks-coalitions",
  bench: "attacks",
  args: [],
  minutes: 15,
  tables: {
    all: ({ rows }) => coalitionsTable(shownHere(rows).filter(({ scheme }) => !hasParities(scheme))),
    parities: ({ rows }) => paritiesTable(shownHere(rows).filter(({ scheme }) => hasParities(scheme))),
  },
  figures: {
    rows: ({ rows }) => String(shownHere(rows).length),
    seeds: ({ rows }) => String(Math.max(...shownHere(rows).map((row) => numberOf(row, "seeds")))),
    answers: ({ rows }) => grouped(sumOf(shownHere(rows), "answers")),
    "wrong-final": ({ rows }) => grouped(sumOf(shownHere(rows), "wrongFinal")),
    "bound-sum": ({ rows }) => grouped(sumOf(shownHere(rows), "boundSum")),
    above: ({ rows }) => String(shownHere(rows).filter((row) => Number(row.wrongFinal) > Number(row.limit95)).length),
    "honest-named": ({ rows }) => String(sumOf(shownHere(rows), "honestNamed")),
  },
};

/** Silence after a lie: as many seeds as other rows have; with --full ten, and a million answers a row. */
export const attacksBurst: MeasuredRun = {
  name: "attacks-burst",
  bench: "attacks",
  args: ["--only", "burst", "--seeds", "3"],
  minutes: 5,
  tables: { all: ({ rows }) => coalitionsTable(rows) },
  figures: {
    seeds: ({ rows }) => String(Math.max(...rows.map((row) => numberOf(row, "seeds")))),
    "least-final": ({ rows }) => share(Math.min(...rows.map((row) => numberOf(row, "finalShareLeast")))),
  },
};

/** What mixtures cost: jobs with two parities that end exact, and that leave estimates. */
export const attacksParities: MeasuredRun = {
  name: "attacks-parities",
  bench: "attacks",
  args: ["--only", "parities", "--seeds", "10"],
  minutes: 6,
  tables: { all: ({ rows }) => coalitionsTable(rows) },
};

/** A thousand volunteers and a million answers a crowd; goes on where it stopped. */
export const attacksThousand: MeasuredRun = {
  name: "attacks-thousand",
  bench: "attacks",
  args: ["--only", "1,000 volunteers", "--full", "--seeds", "3"],
  minutes: 60,
  tables: { all: ({ rows }) => coalitionsTable(rows) },
  figures: { seeds: ({ rows }) => String(Math.max(...rows.map((row) => numberOf(row, "seeds")))) },
};

/** Those that a run of their own has with more seeds stand there alone. */
function shownHere(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ attack }) => !/burst|parities/.test(String(attack)));
}

const hasParities = (scheme: unknown) => scheme !== "systematic";

/** A lie in every row, under one name: fewer images show as well that it is found in its first batch. */
export const attacksOpen: MeasuredRun = {
  name: "attacks-open",
  bench: "attacks",
  args: ["--part", "open", "--limit", "1500", "--answers", "7500"],
  minutes: 3,
  tables: { all: ({ rows }) => liarsTable(distinct(rows), [ATTACK, LIARS]) },
};

/** Honest for its first hundred batches. */
export const attacksSleeper: MeasuredRun = {
  name: "attacks-sleeper",
  bench: "attacks",
  args: ["--part", "evasive", "--only", "sleeper"],
  minutes: 3,
  tables: { all: ({ rows }) => liarsTable(rows, [ATTACK, LIARS]) },
};

/** Somebody new each time it is caught. */
export const attacksIdentity: MeasuredRun = {
  name: "attacks-identity",
  bench: "attacks",
  args: ["--part", "evasive", "--only", "each"],
  minutes: 2,
  tables: { all: ({ rows }) => liarsTable(rows, [ATTACK, LIARS]) },
};

export const attacksRare: MeasuredRun = {
  name: "attacks-rare",
  bench: "attacks",
  args: ["--part", "rare"],
  minutes: 8,
  tables: { all: ({ rows }) => liarsTable(rows, [ATTACK, BOUND]) },
  figures: {
    answers: ({ rows }) => grouped(sumOf(rows, "answers")),
    "wrong-final": ({ rows }) => grouped(sumOf(rows, "wrongFinal")),
    over: ({ rows }) =>
      String(rows.filter((row) => numberOf(row, "wrongFinal") > numberOf(row, "wrongFinalLimit")).length),
  },
};

export const attacksCrowd: MeasuredRun = {
  name: "attacks-crowd",
  bench: "attacks",
  args: ["--part", "crowd"],
  minutes: 2,
  tables: { all: ({ rows }) => liarsTable(rows, [ATTACK]) },
  figures: {
    answers: ({ rows }) => grouped(sumOf(rows, "answers")),
    "wrong-final": ({ rows }) => grouped(sumOf(rows, "wrongFinal")),
  },
};

export const attacksPaper: MeasuredRun = {
  name: "attacks-paper",
  bench: "attacks",
  args: ["--part", "paper"],
  minutes: 4,
  tables: { all: paper },
};

/** Attacks whose figures are alike to the digit are one row, with all their names: they were found in their first batch alike. */
export function distinct(rows: readonly Row[]): Row[] {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify({ ...row, attack: null });
    found.set(key, [...(found.get(key) ?? []), row]);
  }
  return [...found.values()].map((alike) => ({ ...alike[0]!, attack: alike.map(({ attack }) => attack).join("; ") }));
}

const ATTACK: MarkdownColumn = { title: "lies", cell: ({ attack }) => String(attack) };
const LIARS: MarkdownColumn = { title: "E", isNumber: true, cell: ({ liars }) => String(liars) };
const BOUND: MarkdownColumn = {
  title: "job's bound",
  isNumber: true,
  cell: ({ answerBound }) => exponent(Number(answerBound), 0),
};

const PLAN: MarkdownColumn = { title: "a coalition lies in", cell: ({ attack }) => String(attack) };
const COALITION_COLUMNS: readonly MarkdownColumn[] = [
  { title: "answers", isNumber: true, cell: (row) => grouped(numberOf(row, "answers")) },
  { title: "wrong final", isNumber: true, cell: (row) => grouped(numberOf(row, "wrongFinal")) },
  { title: "sum of bounds", isNumber: true, cell: (row) => grouped(numberOf(row, "boundSum")) },
  { title: "95 % limit", isNumber: true, cell: (row) => grouped(numberOf(row, "limit95")) },
  { title: "final", isNumber: true, cell: ({ finalShare }) => share(finalShare) },
  { title: "least", isNumber: true, cell: ({ finalShareLeast }) => share(finalShareLeast) },
  { title: "tabs' overhead", isNumber: true, cell: ({ tabOverhead }) => share(tabOverhead, 2) },
  { title: "trusted", isNumber: true, cell: ({ trustedShare }) => share(trustedShare, 4) },
  { title: "at the end", isNumber: true, cell: ({ toppedUpShare }) => share(toppedUpShare, 4) },
  {
    title: "rows until named",
    isNumber: true,
    cell: (row) => (row.rowsUntilNamed === null ? "" : grouped(numberOf(row, "rowsUntilNamed"))),
  },
  {
    title: "named",
    isNumber: true,
    cell: (row) => `${grouped(numberOf(row, "named"))} of ${grouped(numberOf(row, "liars"))}`,
  },
];

/** Figures of an earlier day do not say what was computed at the end. */
function measuredColumns(rows: readonly Row[]): readonly MarkdownColumn[] {
  const isSaid = rows.every(({ toppedUpShare }) => toppedUpShare !== undefined);
  return COALITION_COLUMNS.filter(({ title }) => isSaid || title !== "at the end");
}

function coalitionsTable(rows: readonly Row[]): string {
  const volunteers: MarkdownColumn = {
    title: "volunteers",
    isNumber: true,
    cell: (row) => grouped(numberOf(row, "volunteers")),
  };
  const liars: MarkdownColumn = { title: "liars", isNumber: true, cell: ({ liarShare }) => share(liarShare, 2) };
  const checked: MarkdownColumn = {
    title: "cross-checked",
    isNumber: true,
    cell: ({ crossCheckedShare }) => share(crossCheckedShare, 2),
  };
  return markdownTable([PLAN, volunteers, liars, ...measuredColumns(rows), checked], rows);
}

function paritiesTable(rows: readonly Row[]): string {
  const data: MarkdownColumn = { title: "data", cell: ({ dataset }) => String(dataset) };
  // Figures of an earlier day were measured with suspicion, too, which there is no more.
  const shown = rows.filter(({ suspicion }) => suspicion !== "yes");
  return markdownTable([data, PLAN, ...measuredColumns(shown)], shown);
}

/** 3.3e-4 */
const exponent = (value: number, digits: number) => (value === 0 ? "0" : value.toExponential(digits));

function liarsTable(rows: readonly Row[], first: readonly MarkdownColumn[]): string {
  const ofLimit = (row: Row, wrong: string, limit: string) =>
    `${grouped(numberOf(row, wrong))} of ${grouped(numberOf(row, limit))}`;
  const columns: MarkdownColumn[] = [
    ...first,
    { title: "named", isNumber: true, cell: ({ namedShare }) => share(namedShare) },
    { title: "after batches", isNumber: true, cell: ({ batchesUntilNamed }) => share(batchesUntilNamed, 1) },
    { title: "answers", isNumber: true, cell: (row) => grouped(numberOf(row, "answers")) },
    { title: "wrong audited", isNumber: true, cell: (row) => ofLimit(row, "wrongAudited", "wrongAuditedLimit") },
    {
      title: "final",
      isNumber: true,
      cell: (row) => withSpread(numberOf(row, "final") / numberOf(row, "answers"), row.finalHalfWidth),
    },
    { title: "wrong final", isNumber: true, cell: (row) => ofLimit(row, "wrongFinal", "wrongFinalLimit") },
    { title: "ever", isNumber: true, cell: ({ wrongWhileFinal }) => String(wrongWhileFinal) },
    { title: "bound", isNumber: true, cell: ({ bound }) => (typeof bound === "number" ? exponent(bound, 1) : "") },
    { title: "audits", isNumber: true, cell: (row) => withSpread(row.auditShare, row.auditHalfWidth) },
    { title: "tab rows", isNumber: true, cell: (row) => withSpread(row.tabRowsPerAnswer, row.tabRowsHalfWidth, 2) },
    { title: "accuracy", isNumber: true, cell: ({ finalAccuracy }) => share(finalAccuracy, 4) },
  ];
  return markdownTable(columns, rows);
}

/** A column an E. */
function paper({ rows }: Figures): string {
  const counts = [...new Set(rows.map((row) => numberOf(row, "liars")))];
  const columns: MarkdownColumn[] = [
    ATTACK,
    ...counts.map((liars): MarkdownColumn => {
      return {
        title: `\`approxifer\`, E = ${liars}`,
        isNumber: true,
        cell({ attack }) {
          const row = rowWith(rows, { attack: attack!, liars });
          return withSpread(row.finalAccuracy, row.accuracyHalfWidth);
        },
      };
    }),
  ];
  return markdownTable(
    columns,
    rows.filter(({ liars }) => liars === counts[0]),
  );
}
