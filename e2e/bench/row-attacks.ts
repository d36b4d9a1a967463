/**
 * Coalitions against the rules of cross-checks, row by row and without sessions:
 *
 *     npm run bench -- row-attacks [--seed N] [--json FILE] [--seeds N] [--volunteers N] [--rows-each N] [--only PART-OF-A-NAME]
 */
import { ANSWER_BOUND_DEFAULT } from "../../shared/protocol/limits.ts";
import { countFlag } from "./flags.ts";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import type { Plan, RowTally } from "./row-level/row-options.ts";
import { simulateRows } from "./row-level/simulate-rows.ts";
import { studentUpper } from "./student.ts";

export interface RowAttack {
  readonly attack: string;
  readonly plan: Plan;
  readonly lieRate: number;
  readonly liarShare: number;
  /** Do all volunteers have a record of ended jobs? */
  readonly isKnown: boolean;
  /** Of the coalition's; absent: as many rows as the others'. */
  readonly liarRowsBefore?: number;
  /** Has the service a million answers behind it, and named nobody lately? */
  readonly isQuiet?: boolean;
  /** That the coalition has behind each of its addresses. */
  readonly keysPerLiar?: number;
}

const LIAR_SHARE = 0.2;
const VOLUNTEERS = 100;
const ROWS_EACH = 1_000;
const BATCH_ROWS = 40;
/** Of a coalition that was there long before the others. */
const LONG_STANDING_ROWS = 10_000;
const KEYS_PER_LIAR = 8;
const ANSWERS_OF_QUIET_SERVICE = 1_000_000;
const SEEDS = 10;
/** The whole table is to hold with this confidence. */
const CONFIDENCE = 0.95;

export const ROW_ATTACKS: readonly RowAttack[] = [
  ...[1, 0.25, 0.05, 0.02, 0.01, 0.005, 0.002].map((rate) => attack("constant", rate)),
  ...[1, 0.05].map((rate) => attack("sleeper", rate)),
  ...[1, 0.2].map((rate) => attack("endgame", rate)),
  attack("first", 0.25),
  ...[1, 0.08, 0.05, 0.03].map((rate) => attack("burst", rate)),
  ...[1, 0.5, 0.25, 0.12].map((rate) => attack("chorus", rate)),
  ...[1, 0.5, 0.25, 0.12].map((rate) => attack("chorus", rate, LIAR_SHARE, true)),
  ...[0.006, 0.003].map((rate) => attack("rush", rate)),
  ...[0.006, 0.003].map((rate) => attack("rush", rate, LIAR_SHARE, true)),
  ...[0.02, 0.006, 0.003].map(longStanding),
  ...[0.02, 0.006].map(withManyKeys),
  ...[0.2, 0.05, 0.02].map((rate) => attack("redo", rate)),
  ...[1, 0.2, 0.05].map((rate) => attack("night", rate)),
  ...[0.25, 0.05].map((rate) => attack("churn", rate)),
  attack("comes back", 0.25),
  ...[0.05, 0.1, 0.33].flatMap((share) => [0.05, 0.01].map((rate) => attack("constant", rate, share))),
];

function attack(plan: Plan, lieRate: number, liarShare = LIAR_SHARE, isKnown = false): RowAttack {
  const crowd = liarShare === LIAR_SHARE ? "" : `, ${100 * liarShare} % of the crowd`;
  const records = isKnown ? ", all have records" : "";
  return { attack: `${plan} ${lieRate}${crowd}${records}`, plan, lieRate, liarShare, isKnown };
}

/** In a service that seems quiet, because it has been honest so far. */
function longStanding(lieRate: number): RowAttack {
  const rush = attack("rush", lieRate, LIAR_SHARE, true);
  const attackName = `${rush.attack}, its own a hundred times as long, in a quiet service`;
  return { ...rush, attack: attackName, liarRowsBefore: LONG_STANDING_ROWS, isQuiet: true };
}

/** A hundred rows of each key are done in the rush. */
function withManyKeys(lieRate: number): RowAttack {
  const rush = attack("rush", lieRate);
  const attackName = `${rush.attack}, ${KEYS_PER_LIAR} keys behind each of its addresses, in a quiet service`;
  return { ...rush, attack: attackName, keysPerLiar: KEYS_PER_LIAR, isQuiet: true };
}

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const volunteers = countFlag(flags, "volunteers") ?? VOLUNTEERS;
  const rowsEach = countFlag(flags, "rows-each") ?? ROWS_EACH;
  const seeds = countFlag(flags, "seeds") ?? SEEDS;
  const tried = ROW_ATTACKS.filter(({ attack }) => attack.includes(flags.only ?? ""));
  if (tried.length === 0)
    throw new Error(`row-attacks: expected --only to be part of an attack's name, got "${flags.only}"`);
  const rows: Measurement["rows"][number][] = [];
  for (const { attack, isQuiet = false, ...how } of tried) {
    const tallies = Array.from({ length: seeds }, (_, at) =>
      simulateRows({
        ...{ ...how, seed: seed * 10_000 + at, volunteers, rows: volunteers * rowsEach, batchRows: BATCH_ROWS },
        ...{ bound: ANSWER_BOUND_DEFAULT, wasSomebodyNamed: !isQuiet },
        rowsSinceAlarm: isQuiet ? ANSWERS_OF_QUIET_SERVICE : 0,
      }),
    );
    rows.push({ attack, liarShare: how.liarShare, volunteers, rowsEach, seeds, ...figuresOf(tallies, tried.length) });
    progress(attack);
  }
  return { name: "row-attacks", title: TITLE, columns: COLUMNS, rows, notes: NOTES, set: {} };
}

/** @param rowCount of the table: each row has its part of the risk that any of them is called above by chance */
export function figuresOf(tallies: readonly RowTally[], rowCount: number) {
  const mean = (of: (tally: RowTally) => number) => tallies.reduce((sum, tally) => sum + of(tally), 0) / tallies.length;
  const share = (of: (tally: RowTally) => number) => mean((tally) => of(tally) / tally.rows);
  const [wrongFinal, boundSum] = [mean((tally) => tally.wrongFinal), mean((tally) => tally.boundSum)];
  const lags = tallies.flatMap(({ rowsUntilNamed }) => rowsUntilNamed ?? []);
  return {
    ...{ wrongFinal, boundSum, limit95: limitOverSeeds(tallies, rowCount) },
    finalShare: share((tally) => tally.final),
    finalShareLeast: Math.min(...tallies.map(({ final, rows }) => final / rows)),
    duplicateShare: share((tally) => tally.duplicateRows),
    redoneShare: share((tally) => tally.redoneRows),
    trustedShare: share((tally) => tally.trustedRows),
    rowsUntilNamed: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0) / lags.length,
    liarsNamedShare: mean(({ liarsNamed, liarsMet }) => liarsNamed / Math.max(1, liarsMet)),
    honestNamed: tallies.reduce((sum, { honestNamed }) => sum + honestNamed, 0),
  };
}

/**
 * Wrong answers come in clumps by identity, so that seeds are counted and not answers: mean bound + t s / sqrt(n) of the excesses.
 * @param rowCount of the table: each row has its part of the risk that any of them is called above by chance
 * @returns null: one seed says nothing
 */
export function limitOverSeeds(
  tallies: readonly Pick<RowTally, "wrongFinal" | "boundSum">[],
  rowCount: number,
): number | null {
  const boundSum = tallies.reduce((sum, tally) => sum + tally.boundSum, 0) / tallies.length;
  const count = tallies.length;
  if (count < 2) return null;
  const excesses = tallies.map((tally) => tally.wrongFinal - tally.boundSum);
  const mean = excesses.reduce((sum, excess) => sum + excess, 0) / count;
  const variance = excesses.reduce((sum, excess) => sum + (excess - mean) ** 2, 0) / (count - 1);
  return boundSum + studentUpper(count - 1, (1 - CONFIDENCE) / rowCount) * Math.sqrt(variance / count);
}

const TITLE =
  "Coalitions against the rules of cross-checks: wrong final answers beside the sum of what they state, a job";
const COLUMNS: Measurement["columns"] = [
  { key: "attack", title: "attack" },
  { key: "wrongFinal", title: "wrong final", digits: 1 },
  { key: "boundSum", title: "sum of bounds", digits: 1 },
  { key: "limit95", title: "95 % limit", digits: 1 },
  { key: "finalShare", title: "final", digits: 2 },
  { key: "finalShareLeast", title: "least", digits: 2 },
  { key: "duplicateShare", title: "duplicates", digits: 3 },
  { key: "redoneShare", title: "redone", digits: 3 },
  { key: "trustedShare", title: "trusted", digits: 4 },
  { key: "rowsUntilNamed", title: "rows until named" },
  { key: "liarsNamedShare", title: "liars named", digits: 2 },
  { key: "honestNamed", title: "honest named" },
];
const NOTES = [
  "One coalition, a fifth of the volunteers unless told: its identities know all rows that any of them saw, and repeat what one of them said.",
  "Nobody has a record unless told; the bound (1e-3) is split as in a service that has met such liars, unless it is quiet; nothing leans on ended jobs. A trusted top-up, where nobody was named, counts as trusted.",
  "The limit counts seeds, not answers, and is for the whole table at 95 %. constant: rows of a secret class. sleeper: from half of the job on.",
  "endgame: in its last twentieth. first: its first batch alone. burst: nine honest turns at once that drain its queue, a lying one, silence.",
  "chorus: the same honest turns of all liars at once; each lies once, in a batch in which it knows four rows of others.",
  "rush: all turns of its share at once, before the others have answered anything; it lies from the second one on.",
  "redo: half of the coalition lets itself be named, so that the others know which coins were never answered. night: nine in ten honest ones",
  "are away for a tenth of the job. churn: a fresh key after each batch. comes back: a fresh key after each naming.",
];

export const rowAttacks: Measurer = {
  name: "row-attacks",
  title: "coalitions against the rules of cross-checks, row by row",
  flags: ["seeds", "volunteers", "rows-each", "only"],
  run,
};
