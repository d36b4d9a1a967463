/** All schemes side by side in real tabs: `npm run demo -- --once`, a part a crowd. Real time, real Chromium. */
import { type Figures, type MeasuredRun, markdownTable, numberOf, type Row, seeds } from "../measured-table.ts";
import { alike, meanText } from "../over-parts.ts";

export const demo: MeasuredRun = {
  name: "demo",
  bench: null,
  script: "demo",
  args: ["--once"],
  parts: seeds(1, 5),
  minutes: 15,
  tables: { all },
  figures: {
    runs: ({ rows }) => String(new Set(rows.map(({ part }) => part)).size),
    load: ({ load }) => String(Math.round(load)),
    wrong: ({ rows }) => String(marked(of(rows, "systematic"), "wrongByMark", ["exact", "audited"])),
  },
};

const of = (rows: readonly Row[], scheme: string) => rows.filter((row) => row.scheme === scheme);

/** Answers with one of these marks, over all runs. */
const marked = (rows: readonly Row[], field: string, marks: readonly string[]) =>
  rows.reduce((sum, row) => {
    const counts = row[field] as Readonly<Record<string, number>>;
    return sum + marks.reduce((own, mark) => own + counts[mark]!, 0);
  }, 0);

function all({ rows }: Figures): string {
  const seconds = (field: string) => (group: readonly Row[]) =>
    group.some((row) => row[field] === null) ? "-" : meanText(group, (row) => numberOf(row, field) / 1e3, 2);
  const cells: readonly (readonly [title: string, of: (group: readonly Row[]) => string])[] = [
    ["workers", ([row]) => String(row!.workers)],
    ["right at first", (group) => meanText(group, "overallFirst")],
    ["right in the end", (group) => meanText(group, "finalAccuracy")],
    ["first answers, s (95 %)", seconds("firstMsP95")],
    ["checked, s (95 %)", seconds("exactMsP95")],
    ["job, times `uncoded`", (group) => meanText(group, "ratioToUncoded", 2)],
    [
      "exact or audited (wrong)",
      (group) =>
        `${marked(group, "answersByMark", ["exact", "audited"])} (${marked(group, "wrongByMark", ["exact", "audited"])})`,
    ],
    [
      "estimated or unchecked (wrong)",
      (group) =>
        `${marked(group, "answersByMark", ["estimated", "unchecked"])} (${marked(group, "wrongByMark", ["estimated", "unchecked"])})`,
    ],
    ["named the liar", (group) => `${group.filter(({ quarantined }) => quarantined !== "").length} of ${group.length}`],
  ];
  return markdownTable(
    [
      { title: "scheme", cell: ({ scheme }) => `\`${scheme}\`` },
      ...cells.map(([title]) => ({ title, isNumber: true, cell: (row: Row) => String(row[title]) })),
    ],
    alike(rows, ["scheme"]).map(
      (group): Row => ({
        scheme: group[0]!.scheme!,
        ...Object.fromEntries(cells.map(([title, of]) => [title, of(group)])),
      }),
    ),
  );
}
