/** What a coordinator gives beside its own processor, and where the rest goes: `npm run bench -- gain`. */
import { type Figures, type MeasuredRun, markdownTable, type Row, rowWith, share } from "../measured-table.ts";

export const gain: MeasuredRun = {
  name: "gain",
  bench: "gain",
  args: ["--profile"],
  minutes: 8,
  tables: { all: gains, profile: parts },
  figures: {
    load: ({ load }) => share(load, 1),
    "new-cifar": gainIn("cifar-resnet", 1),
    "known-cifar": gainIn("cifar-resnet", 2),
    "later-cifar": gainIn("cifar-resnet", 4),
    "new-symbols": gainIn("symbols (ONNX)", 1),
    "known-symbols": gainIn("symbols (ONNX)", 2),
    "later-symbols": gainIn("symbols (ONNX)", 4),
  },
};

/** The coordinator and home on onnxruntime's native build, which has to be installed for it. */
export const gainNative: MeasuredRun = {
  name: "gain-native",
  bench: "gain",
  args: ["--native"],
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

/** Of the tree of its commit, before plain jobs went their own way: to be kept, and not to be measured again. */
export const gainBefore: MeasuredRun = {
  name: "gain-before",
  bench: "gain",
  args: ["--rows", "10000", "--only", "cifar-resnet", "--profile"],
  minutes: 2,
  tables: { all: gains, profile: parts },
};

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

/** The run of before tells of the first two jobs alone, without their numbers. */
function volunteersOf({ known, job = 2 }: Row): string {
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
