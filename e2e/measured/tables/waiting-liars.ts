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
const ONE_ROW = "waits, then one row a claim";

const of = (rows: readonly Row[], plan: string) => rows.filter((row) => row.plan === plan);

/** Of those that wait and then lie in one row a claim. */
const FIGURES: NonNullable<MeasuredRun["figures"]> = {
  wrong: ({ rows }) => grouped(sumOf(of(rows, ONE_ROW), "wrongFinal")),
  bounds: ({ rows }) => grouped(sumOf(of(rows, ONE_ROW), "boundSum")),
  final: ({ rows }) => meanText(of(rows, ONE_ROW), "finalShare", 2),
};

export const waitingLiars: MeasuredRun = {
  name: "waiting-liars",
  bench: "waiting-liars",
  args: ["--volunteers", "40", "--rows", "12000", "--jobs", "4"],
  parts: seeds(1, 5),
  minutes: 25,
  tables: { all },
  figures: {
    seeds: ({ rows }) => String(partCount(rows)),
    answers: ({ rows }) => grouped(sumOf(of(rows, ONE_ROW), "answers")),
    "honest-named": ({ rows }) => String(sumOf(rows, "honestNamed")),
    ...FIGURES,
    range: ({ rows }) => rangeText(of(rows, ONE_ROW).map((row) => numberOf(row, "wrongFinal"))),
    "wrong-all": ({ rows }) => grouped(sumOf(liars(rows), "everWrongFinal")),
    "bounds-all": ({ rows }) => grouped(sumOf(liars(rows), "boundSum")),
    clean: ({ rows }) => percent(of(rows, NOBODY), "trustedShare"),
  },
};

/** Few rows a volunteer. */
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
  figures: FIGURES,
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

const liars = (rows: readonly Row[]) => rows.filter((row) => row.plan !== NOBODY);
const percent = (rows: readonly Row[], field: string) => `${meanText(rows, (row) => 100 * numberOf(row, field), 1)} %`;

/** A row a plan, over all seeds. Bold is beyond the 95 % limit of a count whose mean is what is promised. */
function all({ rows }: Figures): string {
  return markdownTable<readonly Row[]>(
    [
      { title: "a fifth of the crowd", cell: ([row]) => String(row!.plan) },
      { title: "answers", isNumber: true, cell: (group) => grouped(sumOf(group, "answers")) },
      { title: "wrong and final", isNumber: true, cell: wrongText },
      { title: "ever", isNumber: true, cell: (group) => grouped(sumOf(group, "everWrongFinal")) },
      { title: "a seed", isNumber: true, cell: (group) => rangeText(group.map((row) => numberOf(row, "wrongFinal"))) },
      { title: "promised", isNumber: true, cell: (group) => grouped(sumOf(group, "boundSum")) },
      { title: "final", isNumber: true, cell: (group) => meanText(group, "finalShare", 2) },
      { title: "before the end", isNumber: true, cell: (group) => meanText(group, "finalEarly", 2) },
      { title: "trusted", isNumber: true, cell: (group) => percent(group, "trustedShare") },
      { title: "tabs' overhead", isNumber: true, cell: (group) => percent(group, "tabOverhead") },
      { title: "named", isNumber: true, cell: (group) => `${sumOf(group, "named")} of ${sumOf(group, "liars")}` },
    ],
    alike(rows, ["plan"]),
  );
}

function wrongText(group: readonly Row[]): string {
  const wrong = sumOf(group, "wrongFinal");
  return wrong > poissonUpperLimit(sumOf(group, "boundSum")) ? `**${grouped(wrong)}**` : grouped(wrong);
}
