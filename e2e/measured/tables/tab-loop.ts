/** What a tab loses beside the model: `npm run build && npm run bench -- tab-loop`, a part a run. Real time, real Chromium. */
import { type Figures, grouped, type MeasuredRun, markdownTable, type Row, seeds } from "../measured-table.ts";
import { alike, meanText, partCount, sumOf } from "../over-parts.ts";

export const tabLoop: MeasuredRun = {
  name: "tab-loop",
  bench: "tab-loop",
  args: [],
  parts: seeds(1, 5),
  minutes: 15,
  tables: { all },
  figures: {
    runs: ({ rows }) => String(partCount(rows)),
    load: ({ load }) => String(Math.round(load)),
    "resnet-hundred": ({ rows }) => meanText(resnet(rows, 100), "share", 2),
    "resnet-ten": ({ rows }) => meanText(resnet(rows, 10), "share", 2),
  },
};

const resnet = (rows: readonly Row[], batch: number) =>
  rows.filter((row) => row.model === "cifar-resnet" && row.batch === batch);

function all({ rows }: Figures): string {
  const mean = (group: readonly Row[], field: string) => grouped(sumOf(group, field) / group.length);
  return markdownTable(
    [
      { title: "model", cell: ([row]) => String(row!.model) },
      { title: "rows a batch", isNumber: true, cell: ([row]) => String(row!.batch) },
      { title: "alone, images / s", isNumber: true, cell: (group) => mean(group, "alone") },
      { title: "in the loop", isNumber: true, cell: (group) => mean(group, "loop") },
      { title: "share", isNumber: true, cell: (group) => meanText(group, "share", 2) },
      {
        title: "at work",
        isNumber: true,
        cell: (group) => (group.some(({ atWork }) => atWork === null) ? "-" : meanText(group, "atWork", 2)),
      },
    ],
    alike(rows, ["model", "batch"]),
  );
}
