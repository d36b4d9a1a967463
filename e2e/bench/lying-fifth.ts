/** What the benches have in common in which a fifth of the crowd lies to a dense classifier: who lies, who was named, what is told of it. */
import type { VolunteerView } from "../../shared/protocol/crowd-api.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import { changedRows, drawLiars } from "../crowd/liars.ts";
import { HONEST, type HonestBatch, type TabFaults } from "../crowd/tab-faults.ts";
import { tabOf } from "../crowd/tab-names.ts";
import { denseClassifier, loadOnce } from "../proofs/simulator/simulated-inference.ts";
import { type IsWrong, otherThan } from "./final-answers.ts";
import type { Column, Measurement, MeasureOptions } from "./measurement.ts";
import { poissonUpperLimit } from "./poisson-limit.ts";

const LIAR_SHARE = 0.2;

/** Of one crowd. */
export interface LyingFifthTally {
  readonly answers: number;
  readonly final: number;
  readonly wrongFinal: number;
  /** Wrong, and final at the end or at any time before. */
  readonly everWrongFinal: number;
  /** Final before the end. */
  readonly finalEarly: number;
  readonly boundSum: number;
  readonly trustedRows: number;
  readonly tabRows: number;
  readonly liars: number;
  readonly named: number;
  readonly honestNamed: number;
}

export interface LyingFifth {
  readonly tabs: readonly TabFaults[];
  readonly liars: ReadonlySet<number>;
}

/** @param lieOf of a tab that lies; null: nobody does */
export function lyingFifth(
  volunteers: number,
  random: RandomSource,
  lieOf: ((tab: number) => NonNullable<TabFaults["lie"]>) | null,
): LyingFifth {
  const liars = new Set(drawLiars(volunteers, lieOf === null ? 0 : Math.round(LIAR_SHARE * volunteers), random));
  const tabs = Array.from({ length: volunteers }, (_, tab): TabFaults => {
    const honest = { ...HONEST, addressPrefix: `network ${tab}`, whenQuarantined: "stays away" } as const;
    return lieOf !== null && liars.has(tab) ? { ...honest, lie: lieOf(tab) } : honest;
  });
  return { tabs, liars };
}

/** A lie in the rows that are chosen: each probability is another one. */
export function liesIn(batch: HonestBatch, isChosen: (row: number) => boolean): Float32Array | null {
  return changedRows(batch, isChosen, (honest) => honest.map((value) => 1 - value));
}

/** @param queries that the classifier is asked */
export async function wrongOfClassifier(queries: Float32Array, count: number): Promise<IsWrong> {
  const model = await loadOnce(denseClassifier());
  const outputs = await model.run(queries, count);
  return otherThan(outputs, outputs.length / count);
}

export function namedAmong(
  volunteers: readonly VolunteerView[],
  liars: ReadonlySet<number>,
): Pick<LyingFifthTally, "liars" | "named" | "honestNamed"> {
  const named = volunteers.filter(({ quarantine }) => quarantine !== null);
  const namedLiars = named.filter(({ volunteerId }) => liars.has(tabOf(volunteerId))).length;
  return { liars: liars.size, named: namedLiars, honestNamed: named.length - namedLiars };
}

type Row = Measurement["rows"][number];

/** A row for each plan: of all seeds. */
export interface LyingFifthRows<Tally> {
  readonly bench: string;
  readonly plans: readonly string[];
  oneCrowd(plan: string, seed: number): Promise<Tally>;
  rowOf(plan: string, tallies: readonly Tally[]): Row;
}

/**
 * @param only plans whose name holds this
 * @throws Error where no plan's name does
 */
export async function rowsOfPlans<Tally>(
  { bench, plans, oneCrowd, rowOf }: LyingFifthRows<Tally>,
  { seed: firstSeed, seeds, only, progress }: MeasureOptions & { readonly seeds: number; readonly only: string },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const plan of plans.filter((name) => name.includes(only))) {
    const tallies: Tally[] = [];
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      progress(`${plan}, seed ${seed}`);
      tallies.push(await oneCrowd(plan, seed));
    }
    rows.push(rowOf(plan, tallies));
  }
  if (rows.length === 0) throw new Error(`${bench}: expected --only to be part of a plan's name, got "${only}"`);
  return rows;
}

/** Adds up a figure of all seeds. */
export function summed<Tally>(tallies: readonly Tally[]): (key: keyof Tally) => number {
  return (key) => tallies.reduce((total, tally) => total + (tally[key] as number), 0);
}

/** What WHO_LIES, FINAL_COLUMNS, OVERHEAD_COLUMN and NAMED_COLUMNS show. */
export function commonFigures(tallies: readonly LyingFifthTally[]) {
  const sum = summed(tallies);
  const [answers, boundSum] = [sum("answers"), sum("boundSum")];
  return {
    ...{ answers, wrongFinal: sum("wrongFinal"), everWrongFinal: sum("everWrongFinal") },
    ...{ boundSum, limit95: poissonUpperLimit(boundSum) },
    finalShare: sum("final") / answers,
    finalEarly: sum("finalEarly") / answers,
    trustedShare: sum("trustedRows") / answers,
    tabOverhead: sum("tabRows") / answers - 1,
    ...{ named: sum("named"), liars: sum("liars"), honestNamed: sum("honestNamed") },
  };
}

export const WHO_LIES: readonly Column[] = [{ key: "plan", title: "a fifth of the crowd" }];

export const FINAL_COLUMNS: readonly Column[] = [
  { key: "answers", title: "answers" },
  { key: "wrongFinal", title: "wrong final" },
  { key: "everWrongFinal", title: "ever" },
  { key: "boundSum", title: "promised", digits: 1 },
  { key: "limit95", title: "allowed" },
  { key: "finalShare", title: "final", digits: 3 },
  { key: "finalEarly", title: "before the end", digits: 3 },
  { key: "trustedShare", title: "trusted", digits: 4 },
];

export const OVERHEAD_COLUMN: Column = { key: "tabOverhead", title: "tabs' overhead", digits: 3 };

export const NAMED_COLUMNS: readonly Column[] = [
  { key: "named", title: "named" },
  { key: "liars", title: "of" },
  { key: "honestNamed", title: "honest named" },
];
