/** Is an honest tab ever called a liar? `npm run bench -- false-alarms` and `-- ill-conditioned`, a part a seed. Chromium takes part. */
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  seeds,
  share,
} from "../measured-table.ts";
import { alike, rangeText, sumOf } from "../over-parts.ts";

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
    crowds: ({ rows }) => String(new Set(rows.map(({ part }) => part)).size),
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

function alone(rows: readonly Row[]): string {
  return markdownTable(
    [
      { title: "model", cell: ({ model }) => String(model) },
      { title: "back-end", cell: ({ backend }) => String(backend) },
      { title: "batches", isNumber: true, cell: ({ batches }) => grouped(Number(batches)) },
      { title: "rows audited", isNumber: true, cell: ({ auditedRows }) => grouped(Number(auditedRows)) },
      { title: "failed", isNumber: true, cell: ({ failed }) => String(failed) },
      { title: "quarantined", isNumber: true, cell: ({ quarantined }) => String(quarantined) },
      { title: "measured as", cell: ({ precision }) => String(precision) },
      { title: "tolerance", isNumber: true, cell: ({ tolerance }) => String(tolerance) },
      { title: "largest deviation", isNumber: true, cell: ({ deviation }) => Number(deviation).toExponential(1) },
    ],
    alike(rows, ["model", "backend"]).map((group) => ({
      ...group[0]!,
      batches: sumOf(group, "batches"),
      auditedRows: sumOf(group, "auditedRows"),
      failed: sumOf(group, "failedAudits"),
      quarantined: sumOf(group, "quarantined"),
      precision: [...new Set(group.map(({ precision }) => precision ?? "not measured"))].join(", "),
      tolerance: [...new Set(group.map(({ tolerance }) => (tolerance === null ? "-" : share(tolerance, 2))))].join(
        ", ",
      ),
      deviation: Math.max(...group.map((row) => numberOf(row, "largestDeviation"))),
    })),
  );
}

function together(rows: readonly Row[]): string {
  return markdownTable(
    [
      { title: "models", cell: ({ group }) => String(group) },
      { title: "how many", isNumber: true, cell: ({ models }) => String(models) },
      { title: "jobs", isNumber: true, cell: ({ jobs }) => String(jobs) },
      { title: "back-end", cell: ({ backend }) => String(backend) },
      { title: "batches", isNumber: true, cell: ({ batches }) => grouped(Number(batches)) },
      { title: "rows audited", isNumber: true, cell: ({ auditedRows }) => grouped(Number(auditedRows)) },
      { title: "failed", isNumber: true, cell: ({ failed }) => String(failed) },
      {
        title: `quarantined, of ${VOLUNTEERS} a crowd`,
        isNumber: true,
        cell: ({ quarantined }) => String(quarantined),
      },
    ],
    alike(rows, ["group", "backend"]).map((group) => ({
      group: group[0]!.group!,
      backend: group[0]!.backend!,
      models: rangeText(group.map((row) => numberOf(row, "models"))),
      jobs: sumOf(group, "jobs"),
      batches: sumOf(group, "batches"),
      auditedRows: sumOf(group, "auditedRows"),
      failed: sumOf(group, "failedRows"),
      quarantined: sumOf(group, "quarantined"),
    })),
  );
}

/** A row a model, over all seeds: each draws the model's weights anew. */
function models({ rows }: Figures): string {
  const rounding = (row: Row) => Number(row.deviation === "" ? Number.NaN : row.deviation);
  return markdownTable(
    [
      { title: "model", cell: ({ name }) => String(name) },
      { title: "rounding", cell: ({ rounding }) => String(rounding) },
      { title: "compared within", cell: ({ tolerance }) => String(tolerance) },
      {
        title: `tabs too far off, of ${TABS_OF_ILL_CONDITIONED}`,
        isNumber: true,
        cell: ({ before }) => String(before),
      },
      { title: "fate", cell: ({ fates }) => String(fates) },
      { title: "quarantined", isNumber: true, cell: ({ quarantined }) => String(quarantined) },
    ],
    alike(rows, ["name"]).map((group) => ({
      name: group[0]!.name!,
      rounding: rangeText(group.map(rounding), (value) => value.toExponential(1)),
      tolerance: tolerances(group),
      before: rangeText(group.map((row) => numberOf(row, "namedBefore"))),
      fates: alike(group, ["fate"])
        .map((same) => (same.length === group.length ? String(same[0]!.fate) : `${same[0]!.fate} (${same.length})`))
        .join(", "),
      quarantined: sumOf(group, "quarantined"),
    })),
  );
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
