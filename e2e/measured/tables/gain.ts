/** What a coordinator gives beside its own processor, and where the rest goes: `npm run bench -- gain`. */
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  rowWith,
  share,
} from "../measured-table.ts";

const gainFigures: MeasuredRun["figures"] = {
  load: ({ load }) => share(load, 1),
  "new-cifar": gainIn("cifar-resnet", 1),
  "known-cifar": gainIn("cifar-resnet", 2),
  "later-cifar": gainIn("cifar-resnet", 4),
  "new-symbols": gainIn("symbols (ONNX)", 1),
  "known-symbols": gainIn("symbols (ONNX)", 2),
  "later-symbols": gainIn("symbols (ONNX)", 4),
  "spent-symbols": ({ rows }) => jobSeconds(knownSymbols(rows), "coordinatorMsPerAnswer"),
};

/** The second job: of known volunteers. */
const knownSymbols = (rows: readonly Row[]): Row => rowWith(rows, { model: "symbols (ONNX)", job: 2 });

function jobSeconds(row: Row, msKey: string): string {
  return String(Math.round((numberOf(row, "rows") * numberOf(row, msKey)) / 1000));
}

/** Of whoever types nothing, with all volunteers at one address. */
export const gain: MeasuredRun = {
  name: "gain",
  bench: "gain",
  args: ["--profile"],
  minutes: 12,
  tables: { all: gains, profile: parts },
  figures: {
    ...gainFigures,
    "home-symbols": ({ rows }) => numberOf(knownSymbols(rows), "homeMsPerRow").toFixed(1),
    "alone-symbols": ({ rows }) => jobSeconds(knownSymbols(rows), "homeMsPerRow"),
  },
};

/** The same where each volunteer is at an address of its own. */
export const gainStrangers: MeasuredRun = {
  name: "gain-strangers",
  bench: "gain",
  args: ["--strangers", "--profile"],
  minutes: 8,
  tables: { all: gains, profile: parts },
  figures: gainFigures,
};

/** The coordinator and home on onnxruntime's native build, which has to be installed for it. */
export const gainNative: MeasuredRun = {
  name: "gain-native",
  bench: "gain",
  args: ["--strangers", "--native"],
  minutes: 2,
  tables: { all: nativeGains },
  figures: {
    load: ({ load }) => share(load, 1),
    ...Object.fromEntries(
      (["gain", "gainOverNative"] as const).flatMap((key) =>
        [1, 2, 4].map((job) => [
          `${key === "gain" ? "wasm" : "native"}-${job}`,
          ({ rows }: Figures) => share(rowWith(rows, { model: "symbols (ONNX)", job })[key], 1),
        ]),
      ),
    ),
  },
};

const CROWDS = [16, 64, 256] as const;
const CROWD_MODEL = "cifar-resnet";

/** Each volunteer has as many rows of each job: what a large crowd costs by itself. */
export const gainCrowds: MeasuredRun = {
  name: "gain-crowds",
  bench: "gain",
  args: ["--strangers", "--volunteers", CROWDS.join(), "--rows-each", "640", "--only", CROWD_MODEL],
  minutes: 15,
  tables: { all: gainsOfCrowds },
  figures: {
    load: ({ load }) => share(load, 1),
    // Of the largest crowd over the smallest one.
    ...Object.fromEntries(
      [1, 2, 4].map((job) => [
        `kept-${job}`,
        ({ rows }: Figures) =>
          share(Number(ofCrowd(rows, CROWDS[2], job).gain) / Number(ofCrowd(rows, CROWDS[0], job).gain)),
      ]),
    ),
  },
};

function ofCrowd(rows: readonly Row[], volunteers: number, job: number): Row {
  return rowWith(rows, { model: CROWD_MODEL, volunteers, job });
}

function gainsOfCrowds({ rows }: Figures): string {
  const gainIn = (job: number) => (row: Row) => share(ofCrowd(rows, Number(row.volunteers), job).gain, 1);
  return markdownTable(
    [
      { title: "volunteers", isNumber: true, cell: ({ volunteers }) => String(volunteers) },
      { title: "rows of a job", isNumber: true, cell: (row) => grouped(numberOf(row, "rows")) },
      { title: "gain: newcomers", isNumber: true, cell: gainIn(1) },
      { title: "known", isNumber: true, cell: gainIn(2) },
      { title: "known, 4th job", isNumber: true, cell: gainIn(4) },
      { title: "coordinator, ms", isNumber: true, cell: (row) => share(row.coordinatorMsPerAnswer) },
      { title: "its main thread", isNumber: true, cell: (row) => share(row.mainMsPerAnswer) },
      { title: "trusted", isNumber: true, cell: (row) => share(row.trustedShare) },
    ],
    rows.filter(({ job }) => job === 4),
  );
}

function nativeGains({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "volunteers", cell: volunteersOf },
      { title: "at home, ms a row: WebAssembly", isNumber: true, cell: ({ homeMsPerRow }) => share(homeMsPerRow) },
      { title: "natively", isNumber: true, cell: ({ nativeMsPerRow }) => share(nativeMsPerRow) },
      { title: "coordinator, ms", isNumber: true, cell: (row) => share(row.coordinatorMsPerAnswer) },
      { title: "models", isNumber: true, cell: (row) => share(row.modelsMsPerAnswer) },
      { title: "gain over WebAssembly", isNumber: true, cell: (row) => share(row.gain, 1) },
      { title: "over native", isNumber: true, cell: ({ gainOverNative }) => share(gainOverNative, 1) },
      { title: "trusted", isNumber: true, cell: ({ trustedShare }) => share(trustedShare) },
    ],
    rows,
  );
}

/** Of that job of the coordinator. */
function gainIn(model: string, job: number): (figures: Figures) => string {
  return ({ rows }) => share(rowWith(rows, { model, job }).gain, 1);
}

function gains({ rows }: Figures): string {
  const msOf = (cell: Row[string] | undefined) => (cell === undefined ? "" : share(cell));
  return markdownTable(
    [
      { title: "model", cell: ({ model }) => String(model) },
      { title: "volunteers", cell: volunteersOf },
      { title: "at home, ms a row", isNumber: true, cell: ({ homeMsPerRow }) => share(homeMsPerRow) },
      { title: "coordinator, ms", isNumber: true, cell: (row) => share(row.coordinatorMsPerAnswer) },
      { title: "its main thread", isNumber: true, cell: (row) => msOf(row.mainMsPerAnswer) },
      { title: "models", isNumber: true, cell: (row) => msOf(row.modelsMsPerAnswer) },
      { title: "gain", isNumber: true, cell: (row) => share(row.gain, 1) },
      { title: "trusted", isNumber: true, cell: ({ trustedShare }) => share(trustedShare) },
      { title: "duplicates", isNumber: true, cell: ({ duplicateShare }) => share(duplicateShare) },
    ],
    rows,
  );
}

function volunteersOf({ known, job }: Row): string {
  if (known !== "yes") return "newcomers";
  return job === 2 ? "known" : `known, ${job}th job`;
}

function parts({ profile }: Figures): string {
  return markdownTable(
    [
      { title: "model", cell: ({ model }) => String(model) },
      { title: "part", cell: ({ part }) => String(part) },
      { title: "share", isNumber: true, cell: (row) => share(row.share) },
    ],
    profile as readonly Row[],
  );
}
