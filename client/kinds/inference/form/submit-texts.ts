/** The words of submitting: a look at the data, a trial on one's own machine, and the dial. Sentences for people, as in texts.ts. */
import { plural } from "../../../ui/plural.ts";
import { bytes, chance, count, duration, inWords } from "../../../ui/units.ts";

/** A share that is itself a guess: whole percents. */
const roughly = (share: number) => (share > 0 && share < 0.005 ? "under 1 %" : `${Math.round(share * 100)} %`);
const twoDigits = (value: number) => Number(value.toPrecision(2));
const dtypes: Readonly<Record<string, string>> = { F32: "float32", F64: "float64", U8: "uint8" };

export const preview = {
  title: "A look at the data",
  reading: "Reading the file",
  shape: (rows: number, shape: readonly number[], dtype: string) =>
    `${plural(rows, "query", "queries")}, each ${shape.length === 0 ? "one number" : shape.join(" × ")}, ${dtypes[dtype] ?? dtype.toLowerCase()}`,
  shown: (n: number, all: number) => (n < all ? `The first ${count(n)}:` : "All of them:"),
  query: (index: number) => `Query ${count(index)}`,
  label: (label: number) => `label ${label}`,
  labelsDiffer: (labels: number, queries: number) =>
    `There are ${plural(labels, "label", "labels")} for ${plural(queries, "query", "queries")}: there must be one each.`,
  tooLarge: "The file is too large to look at here. It can be submitted nevertheless.",
  number: (place: number) => String(place),
  row: "Query",
};

const shapeText = (shape: readonly number[]) => (shape.length > 1 ? ` (${shape.join(" × ")})` : "");
const pythonShape = (shape: readonly number[]) => ["-1", ...shape].join(", ");

/** What is wrong with the data, and what would mend it. */
export const problemTexts = {
  empty: "The file holds no queries.",
  size: (got: number, expected: number, shape: readonly number[]) =>
    `Each query has ${plural(got, "number", "numbers")}, and the model takes ${count(expected)}${shapeText(shape)}.`,
  oneQuery: (shape: readonly number[]) =>
    `The whole file is as large as one query. In Python: np.save("queries.npy", queries.reshape(${pythonShape(shape)}))`,
  reshape: (queries: number, shape: readonly number[]) =>
    `If the file holds ${plural(queries, "query", "queries")}, in Python: np.save("queries.npy", queries.reshape(${pythonShape(shape)}))`,
  otherFile: "Choose the queries that were made for this model, or the model that was made for these queries.",
  notFinite: (value: string, query: number, place: number) =>
    `Query ${count(query)} has ${value} at place ${count(place)}: every number must be finite in float32. In Python: np.save("queries.npy", np.nan_to_num(queries).astype("float32"))`,
  tooLarge: (value: string, dtype: string, query: number, place: number) =>
    `Query ${count(query)} has ${value} at place ${count(place)}, in ${dtype}: tabs compute in float32, which holds whole numbers up to 2^24. In Python: np.save("queries.npy", queries.astype("float32")) rounds them.`,
};

export const dryRun = {
  title: "Try it here first",
  lead: (rows: number) =>
    `Runs the model on the first ${plural(rows, "query", "queries")}, on this computer. Nothing is sent.`,
  button: "Try it on this computer",
  again: "Try it again",
  steps: {
    model: "Reading the model",
    backend: "Finding the fastest way to compute here",
    run: "Running the model",
  },
  result: (rows: number, msPerRow: number, backend: string) =>
    `${plural(rows, "query", "queries")} answered here by ${backend}, ${duration(msPerRow)} each.`,
  whole: (ms: number, all: number) =>
    `At that pace this computer alone would need ${duration(ms)} for all ${count(all)}.`,
  hits: (right: number, all: number) => `${count(right)} of ${count(all)} match your labels.`,
  model: (macs: number, weightBytes: number) =>
    `The model takes ${inWords(macs)} multiply-adds a query; it is ${bytes(weightBytes)}.`,
  backends: { webgl: "WebGL", wasm: "WebAssembly", cpu: "JavaScript" } as Record<string, string>,
  nothing: "Choose a model and queries first.",
  failed: (message: string) => `It does not run here: ${message}`,
  timeout: "this computer took too long",
  noThread: "the thread could not be started",
  columns: { query: "Query", answer: "Answer", outputs: "Largest outputs", label: "Label" },
};

export const dial = {
  title: "What it will take",
  unknown: "The prediction appears once the data is chosen.",
  asking: "Asking the coordinator",
  refused: (message: string) => `No prediction: ${message}`,
  aloneAsking: "the model runs here now",
  aloneFailed: (message: string) => `it does not run here: ${message}`,
  mode: "When the answers are wanted",
  modes: {
    code: "As soon as these tabs can",
    aim: "By a time, with as little work as possible",
    budget: "At a price: as soon as possible with at most this much work of the tabs",
  },
  advanced: "Advanced: choose the code by hand (K, S, E)",
  budget: "Work of all tabs, at most",
  budgetHint: "In million multiply-adds. What the job takes is shown below.",
  finishWithin: "Finish within",
  finishWithinHint: "Minutes from submission on.",
  confidence: "Confidence (%)",
  confidenceHint: "How surely the time must be kept: 90 means nine jobs of ten.",
  aimHint: "The coordinator takes the cheapest code that meets this, for the tabs that are there now.",
  figures: {
    code: "Code",
    tabs: "Tabs a group",
    first: "First answers",
    time: "All answers",
    bytes: "Data to and from tabs",
    work: "Work of the tabs",
    wrong: "Chance of an unmarked wrong answer",
    checks: "Checks",
    aim: "Chance to be in time",
  },
  code: (scheme: string, k: number, s: number, e: number) =>
    `${scheme}, K\u00a0=\u00a0${k}, S\u00a0=\u00a0${s}, E\u00a0=\u00a0${e}`,
  tabs: (workers: number, ready: number) => `${count(workers)}; ${count(ready)} ready now`,
  noTabs: "unknown: no tab is ready",
  // Two digits of each: it is no more exact, and stays on one line of a phone.
  bytesText: (down: number, up: number) => `${bytes(twoDigits(down))} down, ${bytes(twoDigits(up))} up`,
  work: (macs: number) => `${inWords(macs)} multiply-adds`,
  wrong: (bound: number | null) =>
    bound === null ? "no bound: answers that cannot be checked are marked unchecked" : `at most ${chance(bound)} each`,
  chance: (share: number) => roughly(share),
  basis: (ready: number, measured: number, slow: number, lying: number) =>
    `From ${plural(ready, "tab", "tabs")} that ${ready === 1 ? "is" : "are"} ready, ${count(measured)} of them measured. The estimate allows for ${roughly(slow)} of answers to be slow and ${roughly(lying)} of volunteers to lie: an assumption, corrected by what this crowd has done so far.`,
  problems: {
    minutes: "Finish within must be a number of minutes above 0.",
    budget: "Work must be a number of million multiply-adds above 0.",
    confidence: "Confidence must be from 50 to 99 %.",
  },
};

export const purpose = {
  label: "What it is for (optional)",
  hint: "Volunteers read this before and while they compute: who you are, and why it matters.",
};
