/** What receipts cost: `npm run bench -- receipts-share` beside a whole coordinator, `-- receipts` of a million answers. */
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  type Row,
  rowWith,
  share,
  withSpread,
} from "../measured-table.ts";

export const receiptsShare: MeasuredRun = {
  name: "receipts-share",
  bench: "receipts-share",
  args: [],
  parts: [
    ["--answers", "2000"],
    ["--answers", "10000"],
  ],
  minutes: 4,
  tables: { all: shares },
  figures: {
    runs: ({ rows }) => String(rows[0]!.runs),
    load: ({ load }) => String(Math.round(load)),
  },
};

function shares({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "answers", isNumber: true, cell: ({ answers }) => grouped(Number(answers)) },
      { title: "as results come, µs", isNumber: true, cell: ({ arrivalUs }) => share(arrivalUs, 1) },
      { title: "at the end, µs", isNumber: true, cell: ({ signingUs }) => share(signingUs, 1) },
      {
        title: "all of the coordinator, µs",
        isNumber: true,
        cell: ({ wholeUs, wholeHalfWidth }) => withSpread(wholeUs, wholeHalfWidth, 0),
      },
      { title: "receipts", isNumber: true, cell: (row) => `${share(row.share, 1)} %` },
    ],
    rows,
  );
}

export const receipts: MeasuredRun = {
  name: "receipts",
  bench: "receipts",
  args: [],
  minutes: 3,
  tables: { all: ({ rows }) => million(rows) },
};

const WHAT = {
  signing: "signing beyond the receipt of before, µs an answer",
  kilobytes: "receipt, kB",
  beside: "files beside it, bytes an answer",
  cpu: "paritab verify, s of processor time",
  memory: "paritab verify, MB",
};

function million(rows: readonly Row[]): string {
  const row = (title: string, what: string, unit: string): Row => {
    const { value, limit } = rowWith(rows, { what });
    return { title, value: `${value} ${unit}`, limit: limit === null ? "" : `${limit} ${unit}` };
  };
  return markdownTable(
    [
      { title: "of 1,000,000 answers of ten numbers, by 100 volunteers", cell: ({ title }) => String(title) },
      { title: "measured", isNumber: true, cell: ({ value }) => String(value) },
      { title: "limit", isNumber: true, cell: ({ limit }) => String(limit) },
    ],
    [
      row("the coordinator's processor time for an answer, once, at the job's end", WHAT.signing, "µs"),
      row("receipt", WHAT.kilobytes, "kB"),
      row("files beside it, for an answer", WHAT.beside, "bytes"),
      row("`paritab verify`, processor time", WHAT.cpu, "s"),
      row("`paritab verify`, memory", WHAT.memory, "MB"),
    ],
  );
}
