/**
 * Coalitions against the real coordinator as it is set by default, so that it chooses for each job between audits and cross-checks:
 *
 *     npm run bench -- attacks [--seed N] [--seeds N] [--only PART-OF-A-NAME] [--full] [--json FILE]
 *
 * Three seeds a row; --full has ten or more, until a row has a million answers, goes on where it stopped, and has larger crowds too.
 */
import { ANSWER_BOUND_DEFAULT } from "../../../shared/protocol/limits.ts";
import { testSetNamed } from "../../datasets/fetch.ts";
import { limitOverSeeds } from "../limit-over-seeds.ts";
import type { Measurement, MeasureOptions } from "../measurement.ts";
import { commit } from "../where.ts";
import { COALITION_CASES, type CoalitionCase } from "./coalition-cases.ts";
import type { CoalitionTally } from "./coalition-crowd.ts";
import { coalitionTallies } from "./coalition-tallies.ts";

export interface CoalitionOptions extends Pick<MeasureOptions, "seed" | "progress"> {
  /** Of each row; by default SEEDS, or as many as --full wants. */
  readonly seeds?: number;
  /** Cases whose attack or data holds this. */
  readonly only: string;
  readonly isFull: boolean;
}

const SEEDS = 3;
const SEEDS_MIN_FULL = 10;
/** A small crowd's row has fewer answers then, and says so. */
const SEEDS_MAX_FULL = 250;
const ANSWERS_FULL = 1_000_000;
/** What a crowd of a hundred or more is to have final, on average over seeds. */
const FINAL_FLOORS = { clean: 0.99, attacked: 0.8, late: 0.6 } as const;
const FLOORS_FROM_VOLUNTEERS = 100;
const LATE_PLANS: readonly string[] = ["endgame", "burst", "chorus"];
const KEPT_FILE = "build/attacks-full.jsonl";

export async function run(options: CoalitionOptions): Promise<Pick<Measurement, "columns" | "rows" | "notes">> {
  const { seed, only, isFull, progress } = options;
  const cases = COALITION_CASES.filter(({ attack, data, isLarge }) => {
    return (isFull || !isLarge) && `${data} ${attack}`.includes(only);
  });
  if (cases.length === 0) throw new Error(`attacks: expected --only to be part of an attack's name, got "${only}"`);
  // Before the first crowd: a set that cannot be had would cost all that was counted by then, and two threads cannot install one at once.
  for (const data of new Set(cases.map(({ data }) => data))) if (data !== "random") await testSetNamed(data, progress);
  const wanted = cases.flatMap((one) =>
    Array.from({ length: seedsOf(one, options) }, (_, at) => ({ one, seed: seed * 10_000 + at })),
  );
  const kept = isFull ? { file: KEPT_FILE, commit: commit() ?? "unknown" } : null;
  const tallies = await coalitionTallies(wanted, kept, progress);
  const tried = cases.map((one) => ({ one, tallies: tallies.filter((_, at) => wanted[at]!.one === one) }));
  const rows = tried.map(({ one, tallies }) => coalitionRow(one, tallies, cases.length));
  return { columns: COLUMNS, rows, notes: [...NOTES, ...verdicts(cases, rows)] };
}

function seedsOf(one: CoalitionCase, { seeds, isFull }: CoalitionOptions): number {
  if (seeds !== undefined) return seeds;
  if (!isFull) return SEEDS;
  const answers = one.volunteers * one.rowsEach * (one.counted === "last" ? 1 : one.jobs);
  return Math.min(SEEDS_MAX_FULL, Math.max(SEEDS_MIN_FULL, Math.ceil(ANSWERS_FULL / answers)));
}

export type CoalitionRow = ReturnType<typeof coalitionRow>;

/** @param rowCount of the table: its limits are to hold together */
export function coalitionRow(one: CoalitionCase, tallies: readonly CoalitionTally[], rowCount: number) {
  const sum = (of: (tally: CoalitionTally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  const answers = sum((tally) => tally.answers);
  const lags = tallies.flatMap(({ rowsUntilNamed }) => rowsUntilNamed);
  const limit = limitOverSeeds(tallies, rowCount);
  return {
    ...{ dataset: one.data, scheme: one.hasParities ? "systematic, two parities" : "systematic", attack: one.attack },
    liarShare: one.liarShare,
    ...{ volunteers: one.volunteers, rowsEach: one.rowsEach * one.jobs, seeds: tallies.length, answers },
    // Images are the same for each seed.
    distinctAnswers: one.data === "random" ? sum((tally) => tally.distinctAnswers) : tallies[0]!.distinctAnswers,
    wrongFinal: sum((tally) => tally.wrongFinal),
    bound: ANSWER_BOUND_DEFAULT,
    boundSum: sum((tally) => tally.boundSum),
    limit95: limit === null ? null : tallies.length * limit,
    finalShare: sum((tally) => tally.final) / answers,
    finalShareLeast: Math.min(...tallies.map(({ final, answers }) => final / answers)),
    tabOverhead: sum((tally) => tally.tabRows) / answers - 1,
    trustedShare: sum((tally) => tally.trustedRows) / answers,
    toppedUpShare: sum((tally) => tally.toppedUpRows) / answers,
    crossCheckedShare: sum((tally) => tally.crossCheckedJobs) / sum((tally) => tally.jobs),
    rowsUntilNamed: lags.length === 0 ? null : lags.reduce((total, lag) => total + lag, 0) / lags.length,
    liars: sum((tally) => tally.liars),
    named: sum((tally) => tally.named),
    honestNamed: sum((tally) => tally.honestNamed),
  };
}

/** What does not hold of what is promised, a line each. */
function verdicts(cases: readonly CoalitionCase[], rows: readonly CoalitionRow[]): string[] {
  const lines = rows.flatMap((row, at) => {
    const name = `${row.dataset}, ${row.attack}`;
    const floor = floorOf(cases[at]!);
    return [
      ...(row.limit95 !== null && row.wrongFinal > row.limit95
        ? [`NOT KEPT: ${name}: ${row.wrongFinal} wrong final, more than ${row.limit95.toFixed(1)}.`]
        : []),
      ...(row.honestNamed > 0 ? [`NOT KEPT: ${name}: ${row.honestNamed} honest are named.`] : []),
      ...(floor !== null && row.finalShare < floor
        ? [`BELOW ITS FLOOR: ${name}: ${row.finalShare.toFixed(3)} final, less than ${floor}.`]
        : []),
    ];
  });
  return lines.length > 0 ? lines : ["No row is above its limit or below its floor, and nobody honest is named."];
}

/** null: nothing is promised of so small a job, or of a service that meets its first liars. */
export function floorOf(one: CoalitionCase): number | null {
  const isLargeJob = one.volunteers >= FLOORS_FROM_VOLUNTEERS && one.rowsEach >= 1_000 && one.jobs === 1;
  if (!isLargeJob) return null;
  if (one.plan === "honest") return FINAL_FLOORS.clean;
  if (!one.hasMetLiars || one.liarShare !== 0.2) return null;
  return LATE_PLANS.includes(one.plan) ? FINAL_FLOORS.late : FINAL_FLOORS.attacked;
}

const COLUMNS: Measurement["columns"] = [
  { key: "dataset", title: "data" },
  { key: "attack", title: "attack" },
  { key: "scheme", title: "scheme" },
  { key: "liarShare", title: "liars", digits: 2 },
  { key: "volunteers", title: "volunteers" },
  { key: "rowsEach", title: "rows each" },
  { key: "answers", title: "answers" },
  { key: "wrongFinal", title: "wrong final" },
  { key: "boundSum", title: "sum of bounds", digits: 1 },
  { key: "limit95", title: "95 % limit", digits: 1 },
  { key: "finalShare", title: "final", digits: 3 },
  { key: "finalShareLeast", title: "least", digits: 3 },
  { key: "tabOverhead", title: "tabs' overhead", digits: 3 },
  { key: "trustedShare", title: "trusted", digits: 4 },
  { key: "toppedUpShare", title: "at the end", digits: 4 },
  { key: "crossCheckedShare", title: "cross-checked", digits: 2 },
  { key: "rowsUntilNamed", title: "rows until named" },
  { key: "named", title: "named" },
  { key: "liars", title: "of" },
  { key: "honestNamed", title: "honest named" },
];

const NOTES = [
  "One coalition: its identities know all rows that any of them was asked and repeat what one of them said. Every volunteer is new, at an address of its own.",
  "But where told the service has met liars: a small job with three that lie in every other row comes first, and is not counted.",
  "cross-checked: share of the jobs whose volunteers gave each other second words. The bound is 1e-3. Wrong answers come in clumps, so that the limit",
  "counts seeds and not answers; it is for all rows together. tabs' overhead: rows that tabs computed beside one an answer: duplicates, what is done again, what",
  "was on its way at the end. trusted: rows that the coordinator computed; at the end: of these, those that complete a job's certificate. rows until named: from the first lie on. random: a network and queries of which",
  "nothing can be guessed from others; mnist, fashion, cifar: 10,000 test images, the same for each seed.",
];
