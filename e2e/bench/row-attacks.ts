/**
 * One party with many keys against the product's ledger, checks and account, row by row and without sessions, models or a store:
 *
 *     npm run bench -- row-attacks [--seed N] [--seeds N] [--only PART-OF-A-NAME] [--json FILE]
 *
 * Who reads the account has ten times as many seeds. Below: the worst that is to be expected of one job.
 */
import { ATTACK_ROWS } from "./attacked-rows/attack-rows.ts";
import { simulateService } from "./attacked-rows/row-service.ts";
import { FIGURE_COLUMNS, figuresOf } from "./attacked-rows/tallies.ts";
import { worstOfOneJob } from "./attacked-rows/worst-of-one-job.ts";
import { countFlag, seedsFrom } from "./flags.ts";
import { atMost, type Goal, goalsTable } from "./goals.ts";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const SEEDS = 20;
const SEED_STEP = 10_000;

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const { only = "" } = flags;
  const tried = ATTACK_ROWS.filter(({ attack }) => attack.includes(only));
  if (tried.length === 0) throw new Error(`row-attacks: expected --only to be part of an attack's name, got "${only}"`);
  const goals: Goal[] = [];
  const rows = tried.map(({ attack, options, slack, seedsFactor }) => {
    const seeds = seedsFactor * (countFlag(flags, "seeds") ?? SEEDS);
    const tallies = seedsFrom(seed * SEED_STEP, seeds).map((seed) => simulateService({ ...options, seed }));
    const figures = figuresOf(tallies, options.answerBound);
    // The rows before the first job were asked for, too.
    const allowed = figures.allowed + options.answerBound * (options.placesBefore ?? 0);
    goals.push(
      atMost(`${attack}: wrong and final`, slack * allowed, figures.wrongFinal),
      // Its mean is 0 at best for whoever reads the account: above 0 beyond its interval something lies free of charge.
      atMost(`${attack}: wrong less charged, lower end`, 0, figures.excess - (figures.excessWidth ?? 0)),
      atMost(`${attack}: wrong answers whose coin was lost`, 0, figures.unasked),
      atMost(`${attack}: honest volunteers named`, 0, figures.honestNamed),
    );
    progress(attack);
    const { volunteers, rowsEach, jobs, liarShare } = options;
    return { attack, volunteers, rowsEach, jobs, liarShare, seeds, ...figures, allowed };
  });
  return {
    ...{ name: rowAttacks.name, title: rowAttacks.title, rows, notes: NOTES },
    columns: [
      { key: "attack", title: "attack" },
      { key: "volunteers", title: "volunteers" },
      { key: "rowsEach", title: "rows each" },
      { key: "jobs", title: "jobs" },
      { key: "seeds", title: "seeds" },
      ...FIGURE_COLUMNS,
    ],
    tables: [worstOfOneJob(), goalsTable(goals)],
  };
}

const NOTES = [
  "A fifth of the volunteers is one party: its keys know all rows that any of them saw, and repeat what one of them said. eps is 1e-3; eps M counts",
  "all rows of all jobs, and what the account had before them. Wrong: final at any time. Seeds count, not answers; +- is half a 95 % interval.",
  "Who reads the account knows c of each block, tells its lies as early as it can, stops when one of it is found, and comes back under fresh keys.",
  "Less charged: wrong and final less what findings charged, at most 0 on average if each lie is found as often as its block says.",
  "It is at the limit itself: 1.05 of eps M is asked of it. Found volunteers are named at once and stay away, unless told.",
];

export const rowAttacks: Measurer = {
  name: "row-attacks",
  title: "One party with many keys against the account, row by row: wrong and final beside eps M",
  flags: ["seeds", "only"],
  run,
};
