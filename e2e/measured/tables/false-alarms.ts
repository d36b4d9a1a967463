/** Is an honest tab ever called a liar? `npm run bench -- false-alarms` and `-- ill-conditioned`, a part a seed. Chromium takes part. */
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  seeds,
} from "../measured-table.ts";
import { alike, partCount, rangeText, sumOf } from "../over-parts.ts";

const VOLUNTEERS = 12;
const TABS_OF_ILL_CONDITIONED = 8;

/** Honest tabs that were quarantined. */
const NAMED: NonNullable<MeasuredRun["figures"]> = { quarantined: ({ rows }) => grouped(sumOf(rows, "quarantined")) };

export const falseAlarms: MeasuredRun = {
  name: "false-alarms",
  bench: "false-alarms",
  args: ["--only", "alone", "--batches", "10000"],
  parts: seeds(1, 5),
  minutes: 25,
  tables: { all: ({ rows }) => alone(rows) },
  figures: { batches: ({ rows }) => grouped(sumOf(rows, "batches")), ...NAMED },
};

/** Records and classes are shared by all jobs: well- and ill-conditioned models at once. */
export const falseAlarmsTogether: MeasuredRun = {
  name: "false-alarms-together",
  bench: "false-alarms",
  args: ["--only", "together", "--together", "10000", "--queries", "2000", "--ill-queries", "400"],
  parts: seeds(1, 5),
  minutes: 30,
  tables: { all: ({ rows }) => together(rows) },
  figures: {
    batches: ({ rows }) => grouped(sumOf(rows.filter(isCompared), "batches")),
    crowds: ({ rows }) => String(partCount(rows)),
    ...NAMED,
  },
};

/** Where rounding decides nothing is compared, and nobody could be named. */
const isCompared = ({ group }: Row) => !String(group).includes("refused");

export const illConditioned: MeasuredRun = {
  name: "ill-conditioned",
  bench: "ill-conditioned",
  args: [],
  parts: seeds(1, 5),
  minutes: 20,
  tables: { all: models },
  figures: {
    ...NAMED,
    models: ({ rows }) => String(new Set(rows.map(({ name }) => name)).size),
    runs: ({ rows }) => String(rows.length),
    before: ({ rows }) => grouped(sumOf(rows, "namedBefore")),
    tabs: ({ rows }) => grouped(TABS_OF_ILL_CONDITIONED * rows.length),
    sentence: ({ rows }) => String(rows.find(({ fate, sentence }) => fate === "refused" && sentence !== "")?.sentence),
  },
};

const sum = (field: string) => (group: readonly Row[]) => grouped(sumOf(group, field));

/** What is said, each once. */
const saidOnce = (texts: readonly string[]) => [...new Set(texts)].join(", ");

function alone(rows: readonly Row[]): string {
  return markdownTable(
    [
      { title: "model", cell: ([row]) => String(row!.model) },
      { title: "back-end", cell: ([row]) => String(row!.backend) },
      { title: "batches", isNumber: true, cell: sum("batches") },
      { title: "rows audited", isNumber: true, cell: sum("auditedRows") },
      { title: "failed", isNumber: true, cell: sum("failedAudits") },
      { title: "quarantined", isNumber: true, cell: sum("quarantined") },
      {
        title: "measured as",
        cell: (group) => saidOnce(group.map(({ precision }) => String(precision ?? "not measured"))),
      },
      {
        title: "tolerance",
        isNumber: true,
        cell: (group) =>
          saidOnce(group.map((row) => (row.tolerance === null ? "-" : numberOf(row, "tolerance").toExponential(1)))),
      },
      {
        title: "largest deviation",
        isNumber: true,
        cell: (group) => Math.max(...group.map((row) => numberOf(row, "largestDeviation"))).toExponential(1),
      },
    ],
    alike(rows, ["model", "backend"]),
  );
}

function together(rows: readonly Row[]): string {
  return markdownTable(
    [
      { title: "models", cell: ([row]) => String(row!.group) },
      { title: "how many", isNumber: true, cell: (group) => rangeText(group.map((row) => numberOf(row, "models"))) },
      { title: "jobs", isNumber: true, cell: sum("jobs") },
      { title: "back-end", cell: ([row]) => String(row!.backend) },
      { title: "batches", isNumber: true, cell: sum("batches") },
      { title: "rows audited", isNumber: true, cell: sum("auditedRows") },
      { title: "failed", isNumber: true, cell: sum("failedRows") },
      { title: `quarantined, of ${VOLUNTEERS} a crowd`, isNumber: true, cell: sum("quarantined") },
    ],
    alike(rows, ["group", "backend"]),
  );
}

/** A row a model, over all seeds: each draws the model's weights anew. */
function models({ rows }: Figures): string {
  const rounding = (row: Row) => Number(row.deviation === "" ? Number.NaN : row.deviation);
  return markdownTable(
    [
      { title: "model", cell: ([row]) => String(row!.name) },
      { title: "rounding", cell: (group) => rangeText(group.map(rounding), (value) => value.toExponential(1)) },
      { title: "compared within", cell: tolerances },
      {
        title: `tabs too far off, of ${TABS_OF_ILL_CONDITIONED}`,
        isNumber: true,
        cell: (group) => rangeText(group.map((row) => numberOf(row, "namedBefore"))),
      },
      { title: "fate", cell: fates },
      { title: "quarantined", isNumber: true, cell: sum("quarantined") },
    ],
    alike(rows, ["name"]),
  );
}

function fates(group: readonly Row[]): string {
  return alike(group, ["fate"])
    .map((same) => (same.length === group.length ? String(same[0]!.fate) : `${same[0]!.fate} (${same.length})`))
    .join(", ");
}

/** Of float32 where anything is compared; what half precision gets stands behind it. */
function tolerances(group: readonly Row[]): string {
  const compared = group.map(({ tolerance }) => String(tolerance)).filter((text) => text !== "none");
  if (compared.length === 0) return "none";
  const float32 = compared.map((text) => Number(text.split(",")[0]));
  const half = [...new Set(compared.map((text) => text.split(", ")[1]!))];
  const none = compared.length < group.length ? ", or none" : "";
  return `${rangeText(float32, (value) => value.toExponential(1))}, ${half.join(" or ")}${none}`;
}
