/** Liars that earn a record first, through the real core: `npm run bench -- waiting-liars`, a part a seed. Simulated time. */
import { poissonUpperLimit } from "../../bench/poisson-limit.ts";
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  seeds,
} from "../measured-table.ts";
import { alike, meanText, partCount, rangeText, sumOf } from "../over-parts.ts";

const NOBODY = "nobody lies";
const ONE_ROW = "waits, then one row a batch";

export const waitingLiars: MeasuredRun = {
  name: "waiting-liars",
  bench: "waiting-liars",
  args: ["--volunteers", "40", "--rows", "12000", "--jobs", "4"],
  parts: seeds(1, 5),
  minutes: 25,
  tables: { all },
  figures: {
    seeds: ({ rows }) => String(partCount(rows)),
    answers: ({ rows }) => grouped(sumOf(of(rows, ONE_ROW, "audits"), "answers")),
    "honest-named": ({ rows }) => String(sumOf(rows, "honestNamed")),
    ...figuresOf("audits", "audits"),
    "audits-range": ({ rows }) => rangeText(of(rows, ONE_ROW, "audits").map((row) => numberOf(row, "wrongFinal"))),
    ...figuresOf("cross", "cross-checks"),
    ...figuresOf("chosen", "chosen"),
    "cross-wrong-all": ({ rows }) => grouped(sumOf(liars(rows, "cross-checks"), "everWrongFinal")),
    "cross-bounds-all": ({ rows }) => grouped(sumOf(liars(rows, "cross-checks"), "boundSum")),
    "clean-audits": ({ rows }) => percent(of(rows, NOBODY, "audits"), "trustedShare"),
    "clean-cross": ({ rows }) => percent(of(rows, NOBODY, "cross-checks"), "trustedShare"),
  },
};

/** So few rows a volunteer that no checks of its own reach the bound. */
export const waitingLiarsSmall: MeasuredRun = {
  name: "waiting-liars-small",
  bench: "waiting-liars",
  args: ["--volunteers", "40", "--rows", "6000", "--jobs", "8", "--only", "waits, then one"],
  parts: seeds(1, 5),
  minutes: 10,
  tables: { all },
};

/** A thousand rows a volunteer. */
export const waitingLiarsLarge: MeasuredRun = {
  name: "waiting-liars-large",
  bench: "waiting-liars",
  args: ["--volunteers", "40", "--rows", "40000", "--jobs", "3", "--only", "waits, then one"],
  parts: seeds(1, 5),
  minutes: 15,
  tables: { all },
  figures: figuresOf("cross", "cross-checks"),
};

/** A bound that jobs of this size can be certified for while they run. */
export const waitingLiarsEarly: MeasuredRun = {
  name: "waiting-liars-early",
  bench: "waiting-liars",
  args: ["--volunteers", "40", "--rows", "40000", "--jobs", "2", "--one-in", "100"],
  parts: seeds(1, 5),
  minutes: 30,
  tables: { all },
};

const of = (rows: readonly Row[], plan: string, rules: string) =>
  rows.filter((row) => row.plan === plan && row.rules === rules);
const liars = (rows: readonly Row[], rules: string) => rows.filter((row) => row.plan !== NOBODY && row.rules === rules);
const percent = (rows: readonly Row[], field: string) => `${meanText(rows, (row) => 100 * numberOf(row, field), 1)} %`;

/** Of those that wait and then lie in one row a batch, under these rules. */
function figuresOf(name: string, rules: string): NonNullable<MeasuredRun["figures"]> {
  const own = (figures: Figures) => of(figures.rows, ONE_ROW, rules);
  return {
    [`${name}-wrong`]: (figures) => grouped(sumOf(own(figures), "wrongFinal")),
    [`${name}-bounds`]: (figures) => grouped(sumOf(own(figures), "boundSum")),
    [`${name}-final`]: (figures) => meanText(own(figures), "finalShare", 2),
  };
}

/** A row a plan and rules, over all seeds. Bold is beyond the 95 % limit of a count whose mean is the sum of the bounds. */
function all({ rows }: Figures): string {
  return markdownTable<readonly Row[]>(
    [
      { title: "a fifth of the crowd", cell: ([row]) => String(row!.plan) },
      { title: "rules", cell: ([row]) => String(row!.rules) },
      { title: "answers", isNumber: true, cell: (group) => grouped(sumOf(group, "answers")) },
      { title: "wrong and final", isNumber: true, cell: wrongText },
      { title: "ever", isNumber: true, cell: (group) => grouped(sumOf(group, "everWrongFinal")) },
      { title: "a seed", isNumber: true, cell: (group) => rangeText(group.map((row) => numberOf(row, "wrongFinal"))) },
      { title: "bounds add up to", isNumber: true, cell: (group) => grouped(sumOf(group, "boundSum")) },
      { title: "final", isNumber: true, cell: (group) => meanText(group, "finalShare", 2) },
      { title: "before the end", isNumber: true, cell: (group) => meanText(group, "finalEarly", 2) },
      { title: "trusted", isNumber: true, cell: (group) => percent(group, "trustedShare") },
      { title: "tabs' overhead", isNumber: true, cell: (group) => percent(group, "tabOverhead") },
      { title: "named", isNumber: true, cell: (group) => `${sumOf(group, "named")} of ${sumOf(group, "liars")}` },
    ],
    alike(rows, ["plan", "rules"]),
  );
}

function wrongText(group: readonly Row[]): string {
  const wrong = sumOf(group, "wrongFinal");
  return wrong > poissonUpperLimit(sumOf(group, "boundSum")) ? `**${grouped(wrong)}**` : grouped(wrong);
}
