/**
 * How far honest back-ends lie apart, beside what PRECISION_TOLERANCE allows them:
 *
 *     npm run calibrate-tolerance [-- --seed N] [--json FILE] [--rows N] [--no-browser]
 *
 * Every model answers the same rows on every back-end, and each two answers are compared as audits and second opinions compare
 * them. webgl runs in Chromium, with and without half-precision storage, and webgpu.
 */
import type { ModelRuntime } from "../../shared/compute/model-runtime.ts";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { PRECISION_TOLERANCE, PROBE_TOLERANCE, type PrecisionClass } from "../../shared/verify/compare-rows.ts";
import type { testSetNamed } from "../datasets/fetch.ts";
import { runAll } from "../proofs/scenarios/mnist-base.ts";
import { openBackends } from "./backends.ts";
import { countFlag } from "./flags.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { type ToleranceCase, toleranceCases } from "./tolerance-cases.ts";

/** Devices will be met that round otherwise: a tolerance should be at least so many times the largest deviation seen. */
const HEADROOM_MIN = 4;
const HALVES = "webgl, 16 bits";
const PROBE = "probe";

export interface ToleranceOptions extends MeasureOptions {
  /** Of each model, at most. */
  readonly rows?: number;
  readonly withBrowser?: boolean;
  /** Where images come from: unless told, what is not here is fetched. */
  readonly setNamed?: typeof testSetNamed;
}

interface PairRow extends Record<string, string | number> {
  readonly model: string;
  readonly one: string;
  readonly other: string;
  readonly precision: PrecisionClass;
  readonly median: number;
  readonly largest: number;
}

export async function run(options: ToleranceOptions): Promise<Measurement> {
  const { seed, progress, rows: limit = Number.POSITIVE_INFINITY, withBrowser = true, setNamed } = options;
  const { all, close } = await openBackends({ withBrowser, withPerModel: true });
  const backends: Loader[] = [{ name: "plain", load: createPlainRuntime().load }, ...all];
  const rows: PairRow[] = [];
  try {
    for await (const one of toleranceCases(seed, limit, progress, setNamed)) {
      progress(`${one.model}, ${one.rows}`);
      rows.push(...(await comparePairs(one, backends)));
    }
  } finally {
    await close();
  }
  return {
    name: tolerance.name,
    title: tolerance.title,
    columns: PAIR_COLUMNS,
    rows,
    notes: NOTES,
    tables: [
      { name: "classes", title: "What tolerances leave", columns: CLASS_COLUMNS, rows: classes(rows), notes: [] },
    ],
  };
}

interface Loader {
  readonly name: string;
  readonly load: ModelRuntime["load"];
}

async function comparePairs({ model, rows, bundle, inputs }: ToleranceCase, backends: Loader[]): Promise<PairRow[]> {
  const answers: { name: string; outputs: Float32Array }[] = [];
  let outputSize = 0;
  for (const { name, load } of backends) {
    // The plain runtime knows dense layers alone.
    const loaded = await load(bundle).catch(() => null);
    if (loaded === null) continue;
    outputSize = loaded.facts.outputSize;
    answers.push({ name, outputs: await runAll(loaded, inputs, inputs.length / loaded.facts.inputSize) });
    loaded.dispose();
  }
  return answers.flatMap((one, o) =>
    answers.slice(o + 1).map((other): PairRow => {
      const precision = [one.name, other.name].includes(HALVES) ? "float16" : "float32";
      const deviations = deviationsOf(one.outputs, other.outputs, outputSize);
      return {
        model,
        rows,
        one: one.name,
        other: other.name,
        precision,
        compared: deviations.length,
        median: deviations[Math.floor(deviations.length / 2)]!,
        largest: deviations.at(-1)!,
      };
    }),
  );
}

/** Of each row the largest difference over the rms of the first, ascending. */
function deviationsOf(one: Float32Array, other: Float32Array, outputSize: number): Float64Array {
  const deviations = new Float64Array(one.length / outputSize);
  for (let row = 0; row < deviations.length; row++) {
    let [squares, difference] = [0, 0];
    for (let c = row * outputSize; c < (row + 1) * outputSize; c++) {
      squares += one[c]! ** 2;
      difference = Math.max(difference, Math.abs(one[c]! - other[c]!));
    }
    deviations[row] = difference / Math.sqrt(squares / outputSize);
  }
  return deviations.sort();
}

/** For each class its tolerances beside the largest deviation of an honest pair, and what the probe must tell apart. */
function classes(rows: readonly PairRow[]) {
  return (Object.keys(PRECISION_TOLERANCE) as PrecisionClass[]).flatMap((precision) => {
    const own = rows.filter((row) => row.precision === precision);
    const of = (what: "answers" | "probe", allowed: number, compared: readonly PairRow[]) => {
      const largest = Math.max(0, ...compared.map((row) => row.largest));
      const headroom = largest === 0 ? null : allowed / largest;
      return { precision, what, tolerance: allowed, largest, headroom, verdict: verdictOf(compared, allowed, largest) };
    };
    return [
      of(
        "answers",
        PRECISION_TOLERANCE[precision],
        own.filter(({ model }) => model !== PROBE),
      ),
      of(
        "probe",
        PROBE_TOLERANCE[precision],
        own.filter(({ model }) => model === PROBE),
      ),
    ];
  });
}

function verdictOf(compared: readonly PairRow[], allowed: number, largest: number): string {
  if (compared.length === 0) return "not measured: it takes a browser";
  if (allowed < HEADROOM_MIN * largest) return `TOO NARROW: expected at least ${HEADROOM_MIN * largest}`;
  // Half of a probe's rows above what float32 is allowed: 16 of them never pass for float32.
  const isTold = compared.every(
    ({ model, precision, median }) => model !== PROBE || precision === "float32" || median > PROBE_TOLERANCE.float32,
  );
  return isTold ? "holds" : "NOT TOLD APART: half precision passes for float32";
}

const PAIR_COLUMNS: readonly Column[] = [
  { key: "model", title: "model" },
  { key: "rows", title: "rows" },
  { key: "one", title: "one" },
  { key: "other", title: "other" },
  { key: "precision", title: "class" },
  { key: "compared", title: "compared" },
  { key: "median", title: "median", digits: 7 },
  { key: "largest", title: "largest", digits: 7 },
];

const CLASS_COLUMNS: readonly Column[] = [
  { key: "precision", title: "class" },
  { key: "what", title: "of" },
  { key: "tolerance", title: "tolerance", digits: 4 },
  { key: "largest", title: "largest honest deviation", digits: 7 },
  { key: "headroom", title: "times", digits: 1 },
  { key: "verdict", title: "verdict" },
];

const NOTES = [
  "Deviation of a row: the largest difference between the two answers over the rms of one of them. float16: one of the two stores every",
  "weight and activation in half precision. plain knows dense layers alone. wasm is what the coordinator audits with.",
];

export const tolerance: Measurer = {
  name: "tolerance",
  title: "Honest back-ends on the same rows: how far apart they lie, beside what the tolerances allow",
  flags: ["rows"],
  switches: ["no-browser"],
  run: (options) => {
    const { flags = {} } = options;
    const rows = countFlag(flags, "rows");
    return run({
      ...options,
      withBrowser: flags["no-browser"] === undefined,
      ...(rows === undefined ? {} : { rows }),
    });
  },
};
