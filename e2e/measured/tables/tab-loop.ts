/** What a tab loses beside the model: `npm run build && npm run bench -- tab-loop`, a part a run. Real time, real Chromium. */
import { type Figures, grouped, type MeasuredRun, markdownTable, numberOf, seeds } from "../measured-table.ts";
import { alike, meanText } from "../over-parts.ts";

export const tabLoop: MeasuredRun = {
  name: "tab-loop",
  bench: "tab-loop",
  args: [],
  parts: seeds(1, 5),
  minutes: 15,
  tables: { all },
  figures: {
    runs: ({ rows }) => String(new Set(rows.map(({ part }) => part)).size),
    load: ({ load }) => String(Math.round(load)),
    "resnet-hundred": ({ rows }) =>
      meanText(
        rows.filter(({ model, batch }) => model === "cifar-resnet" && batch === 100),
        "share",
        2,
      ),
    "resnet-ten": ({ rows }) =>
      meanText(
        rows.filter(({ model, batch }) => model === "cifar-resnet" && batch === 10),
        "share",
        2,
      ),
  },
};

function all({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "model", cell: ({ model }) => String(model) },
      { title: "rows a batch", isNumber: true, cell: ({ batch }) => String(batch) },
      { title: "alone, images / s", isNumber: true, cell: ({ alone }) => grouped(Number(alone)) },
      { title: "in the loop", isNumber: true, cell: ({ loop }) => grouped(Number(loop)) },
      { title: "share", isNumber: true, cell: ({ share }) => String(share) },
      { title: "at work", isNumber: true, cell: ({ atWork }) => String(atWork) },
    ],
    alike(rows, ["model", "batch"]).map((group) => ({
      model: group[0]!.model!,
      batch: group[0]!.batch!,
      alone: group.reduce((sum, row) => sum + numberOf(row, "alone"), 0) / group.length,
      loop: group.reduce((sum, row) => sum + numberOf(row, "loop"), 0) / group.length,
      share: meanText(group, "share", 2),
      atWork: group.some(({ atWork }) => atWork === null) ? "-" : meanText(group, "atWork", 2),
    })),
  );
}
