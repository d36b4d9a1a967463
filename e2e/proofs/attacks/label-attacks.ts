/** Tabs that move the numbers of an answer by as little as flips its label, and tabs that buy themselves room for it. */

import { argmax } from "../../../server/kinds/inference/engine/argmax.ts";
import type { AllAnswers } from "../../../server/kinds/inference/port.ts";
import { PROBE_MODEL } from "../../../server/shell/probes.ts";
import type { LoadedModel } from "../../../shared/compute/model-runtime.ts";
import { ANSWER_MARKS } from "../../../shared/kinds/inference/answers.ts";
import { ANSWER_BOUND_DEFAULT } from "../../../shared/protocol/limits.ts";
import { randomAt } from "../../../shared/random/simulation-random.ts";
import { PRECISION_TOLERANCE } from "../../../shared/verify/compare-rows.ts";
import { type InferenceCase, knownCasesOf, loadKnownCase } from "../../bench/inference-case.ts";
import { jobWorld } from "../../bench/job-world.ts";
import { poissonUpperLimit } from "../../bench/poisson-limit.ts";
import { drawLiars } from "../../crowd/liars.ts";
import { HONEST, type HonestBatch, type TabFaults } from "../../crowd/tab-faults.ts";
import { tabOf } from "../../crowd/tab-names.ts";
import { runJobs } from "../simulator/run-jobs.ts";
import type { AttackOptions, AttackReport } from "./attack-report.ts";

const TABS = 12;
const LIARS = 4;
const CODE = { scheme: "systematic", queriesPerGroup: 4, stragglers: 0, liars: 0 } as const;
/** Just inside of what honest devices may differ by. */
const INSIDE = 0.98;
/** Twenty times what two float32 back-ends differ by. */
const CLOSE = 3e-5;
/** Of known questions, as a share of the row: what half precision is off by. */
const PROBE_OFF = 0.02;
const ROLE_DRAW = 71;
const QUERIES = { short: { mnist: 0, cifar: 400 }, long: { mnist: 6_000, cifar: 6_000 } };

type Completion = "fast" | "exact";

interface Flipped {
  readonly answers: number;
  readonly final: number;
  /** Final answers with another label than the model's; and those that would be final by their bound alone. */
  readonly wrong: number;
  readonly wrongByBound: number;
  /** What the bounds of the final ones allow, with 95 % confidence. */
  readonly allowed: number;
  readonly ambiguous: number;
  readonly honestQuarantined: number;
  readonly liarsNamed: number;
}

/**
 * Labels flipped within the tolerance: of tabs that are taken for float32 on a card, and for half precision; and of tabs in WebAssembly, for which there is none.
 */
export async function labelFlip(options: AttackOptions): Promise<AttackReport> {
  const narrow = INSIDE * PRECISION_TOLERANCE.float32;
  const onCard = await flipped(options, { strength: narrow, isTwoFaced: false, backend: "webgl" });
  const outside = await flipped(options, { strength: narrow, isTwoFaced: false, backend: "wasm" });
  const close = await flipped(options, { strength: CLOSE, isTwoFaced: false, backend: "wasm" });
  const wide = await flipped(options, {
    strength: INSIDE * PRECISION_TOLERANCE.float16,
    isTwoFaced: true,
    backend: "webgl",
  });
  return reportOf([...onCard, ...outside, ...close, ...wide]);
}

/** Known questions answered 2 % off earned the wide tolerance; the model's rows are answered as finely as by anybody, but for the flips. */
export async function twoFacedClass(options: AttackOptions): Promise<AttackReport> {
  const wide = { strength: INSIDE * PRECISION_TOLERANCE.float16, backend: "webgl" } as const;
  const faces = await flipped(options, { ...wide, isTwoFaced: true });
  const oneFace = await flipped(options, { ...wide, isTwoFaced: false });
  return reportOf([...faces, ...oneFace]);
}

interface Flipping {
  /** Largest deviation of a number, as a share of the row's rms. */
  readonly strength: number;
  readonly isTwoFaced: boolean;
  /** What all tabs say that they compute on. */
  readonly backend: "webgl" | "wasm";
}

type NamedFlipped = Flipped & { readonly name: string };
/** By what it depends on: two attacks have one crowd in common. */
const flippedOnce = new Map<string, Promise<NamedFlipped[]>>();

function flipped(options: AttackOptions, flipping: Flipping): Promise<NamedFlipped[]> {
  const key = JSON.stringify([options.seed, options.isLong, flipping]);
  const known = flippedOnce.get(key) ?? playFlipped(options, flipping);
  flippedOnce.set(key, known);
  return known;
}

async function playFlipped({ seed, isLong }: AttackOptions, flipping: Flipping): Promise<NamedFlipped[]> {
  const found: NamedFlipped[] = [];
  for (const [dataset, limit] of Object.entries(QUERIES[isLong ? "long" : "short"])) {
    if (limit === 0) continue;
    const [known] = knownCasesOf([dataset]);
    const inferenceCase = await loadKnownCase(known!, limit, () => {});
    for (const completion of ["fast", "exact"] as const) {
      const face = flipping.isTwoFaced ? "half precision" : "float32";
      const name = `${dataset}, ${completion}, as ${face} on ${flipping.backend}, ${flipping.strength.toPrecision(2)} of a row`;
      found.push({ name, ...(await crowdOf(inferenceCase, completion, flipping, { seed, jobs: isLong ? 2 : 1 })) });
    }
    inferenceCase.model.dispose();
  }
  return found;
}

async function crowdOf(
  inferenceCase: InferenceCase,
  completion: Completion,
  { strength, isTwoFaced, backend }: Flipping,
  { seed, jobs }: { readonly seed: number; readonly jobs: number },
): Promise<Flipped> {
  const { common } = await jobWorld(inferenceCase);
  const liars = new Set(drawLiars(TABS, LIARS, randomAt(seed, ROLE_DRAW)));
  const load = isTwoFaced ? { load: offInProbes(common.load) } : {};
  const tabs = Array.from({ length: TABS }, (_, tab): TabFaults => {
    const honest = { ...HONEST, whenQuarantined: "stays away", backend } as const;
    return liars.has(tab) ? { ...honest, ...load, lie: (batch) => flippedWithin(batch, strength) } : honest;
  });
  const outcome = await runJobs({
    seed,
    tabs,
    ...common,
    jobs: Array.from({ length: jobs }, () => ({ ...CODE, completion })),
  });
  const named = outcome.volunteers.filter(({ quarantine }) => quarantine !== null);
  const isLiar = (volunteerId: string) => liars.has(tabOf(volunteerId));
  return {
    ...labelsOf(
      outcome.jobs.map(({ answers }) => answers),
      inferenceCase,
    ),
    honestQuarantined: named.filter(({ volunteerId }) => !isLiar(volunteerId)).length,
    liarsNamed: named.filter(({ volunteerId }) => isLiar(volunteerId)).length,
  };
}

function labelsOf(jobs: readonly AllAnswers[], { outputs, model }: InferenceCase) {
  const { outputSize } = model.facts;
  const audited = ANSWER_MARKS.indexOf("audited");
  const [sums, bounds] = [{ answers: 0, final: 0, wrong: 0, wrongByBound: 0, ambiguous: 0 }, { ofFinal: 0 }];
  for (const answers of jobs) {
    for (let query = 0; query < answers.queryCount; query++) {
      const isWrong = answers.labels?.[query] !== argmax(outputs, query, outputSize);
      const isWithinBound = answers.marks[query] === audited && answers.bounds[query]! <= ANSWER_BOUND_DEFAULT;
      sums.answers++;
      sums.ambiguous += answers.labelAmbiguous[query]!;
      if (isWrong && isWithinBound) sums.wrongByBound++;
      if (answers.final[query] !== 1) continue;
      sums.final++;
      sums.wrong += isWrong ? 1 : 0;
      bounds.ofFinal += answers.bounds[query]!;
    }
  }
  return { ...sums, allowed: poissonUpperLimit(bounds.ofFinal) };
}

/** Each row whose label can be flipped within the strength says the other one, as clearly as that allows; null where there is none. */
function flippedWithin({ outputs, rowCount, outputSize }: HonestBatch, strength: number): Float32Array | null {
  let lied: Float32Array | null = null;
  for (let r = 0; r < rowCount; r++) {
    const row = outputs.subarray(r * outputSize, (r + 1) * outputSize);
    const first = argmax(outputs, r, outputSize);
    const others = row.map((value, c) => (c === first ? Number.NEGATIVE_INFINITY : value));
    const second = others.indexOf(Math.max(...others));
    const rms = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / outputSize);
    const move = strength * rms;
    if (!((row[first]! - row[second]!) / 2 + 1e-6 * rms <= move)) continue;
    lied ??= outputs.slice();
    lied[r * outputSize + first]! -= move;
    lied[r * outputSize + second]! += move;
  }
  return lied;
}

/** A tab whose answers to known questions are off by a share of the row, and to everything else are not. */
function offInProbes(load: (bundle: Uint8Array) => Promise<LoadedModel>): NonNullable<TabFaults["load"]> {
  return async (bundle) => {
    const model = await load(bundle);
    if (Buffer.compare(bundle, PROBE_MODEL.bundle) !== 0) return model;
    return {
      ...model,
      async run(rows, rowCount) {
        const outputs = await model.run(rows, rowCount);
        const rms = Math.sqrt(outputs.reduce((sum, value) => sum + value * value, 0) / outputs.length);
        return outputs.map((value) => value + PROBE_OFF * rms);
      },
    };
  };
}

function reportOf(found: readonly (Flipped & { readonly name: string })[]): AttackReport {
  const lineOf = ({ name, answers, final, wrong, allowed, ambiguous, liarsNamed }: (typeof found)[number]) =>
    `${name}: ${wrong} of ${final} final labels wrong (${allowed.toFixed(1)} allowed), ${ambiguous} of ${answers} label-ambiguous, ` +
    `${liarsNamed} of ${LIARS} named`;
  const before = found.map(({ name, wrongByBound }) => `${name}: ${wrongByBound}`).join("; ");
  return {
    before: `wrong labels that were final by their bound alone: ${before}`,
    after: found.map(lineOf).join("\n         "),
    holds: found.every(({ wrong, allowed, honestQuarantined }) => wrong <= allowed && honestQuarantined === 0),
  };
}
