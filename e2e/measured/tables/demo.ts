/** All schemes side by side in real tabs: `npm run demo -- --once`, a part a crowd. Real time, real Chromium. */
import { type Figures, type MeasuredRun, markdownTable, numberOf, type Row, seeds } from "../measured-table.ts";
import { alike, meanText, partCount } from "../over-parts.ts";

const CHECKED = ["exact", "audited"];

export const demo: MeasuredRun = {
  name: "demo",
  bench: null,
  script: "demo",
  args: ["--once"],
  parts: seeds(1, 5),
  minutes: 15,
  tables: { all },
  figures: {
    runs: ({ rows }) => String(partCount(rows)),
    load: ({ load }) => String(Math.round(load)),
    wrong: ({ rows }) => String(marked(of(rows, "systematic"), "wrongByMark", CHECKED)),
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
  const withWrong = (marks: readonly string[]) => (group: readonly Row[]) =>
    `${marked(group, "answersByMark", marks)} (${marked(group, "wrongByMark", marks)})`;
  const number = (title: string, cell: (group: readonly Row[]) => string) => ({ title, isNumber: true, cell });
  return markdownTable(
    [
      { title: "scheme", cell: ([row]) => `\`${row!.scheme}\`` },
      number("workers", ([row]) => String(row!.workers)),
      number("right at first", (group) => meanText(group, "overallFirst")),
      number("right in the end", (group) => meanText(group, "finalAccuracy")),
      number("first answers, s (95 %)", seconds("firstMsP95")),
      number("checked, s (95 %)", seconds("exactMsP95")),
      number("job, times `uncoded`", (group) => meanText(group, "ratioToUncoded", 2)),
      number("exact or audited (wrong)", withWrong(CHECKED)),
      number("estimated or unchecked (wrong)", withWrong(["estimated", "unchecked"])),
      number("named the liar", (group) => {
        const named = group.filter(({ quarantined }) => quarantined !== "");
        return `${named.length} of ${group.length}`;
      }),
    ],
    alike(rows, ["scheme"]),
  );
}
