/**
 * Four jobs in a row of one new submitter before fresh volunteers, a fifth of them one party, on the product's ledger, checks and account:
 *
 *     npm run bench -- row-grid [--seed N] [--seeds N] [--only CELL] [--json FILE]
 *
 * A cell is named "12x150 waiting"; --only takes all whose name holds the text. Each is held to 1.25 times what the first model of the rules cost
 * (attacked-rows/grid-asked.ts).
 */
import { ANSWER_BOUND_DEFAULT } from "../../shared/protocol/limits.ts";
import { GRID, type GridCell } from "./attacked-rows/grid-asked.ts";
import { PLANS } from "./attacked-rows/plans.ts";
import { simulateService } from "./attacked-rows/row-service.ts";
import { FIGURE_COLUMNS, figuresOf } from "./attacked-rows/tallies.ts";
import { countFlag, seedsFrom } from "./flags.ts";
import { atLeast, atMost, type Goal, goalsTable } from "./goals.ts";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const JOBS = 4;
const LIAR_SHARE = 0.2;
const SEEDS = 8;
/** Larger crowds get half as many. */
const LARGE_ROWS = 20_000;
const SEED_STEP = 1_000;
/** Of what the first model cost. */
const SLACK = 1.25;
/** The prototype's figures of fourth jobs are whole percents. */
const ROUNDING = 0.005;

const nameOf = ({ volunteers, rowsEach, plan }: GridCell) => `${volunteers}x${rowsEach} ${plan}`;

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const { only = "" } = flags;
  const cells = GRID.filter((cell) => nameOf(cell).startsWith(only) || nameOf(cell).endsWith(only));
  if (cells.length === 0) throw new Error(`row-grid: expected --only to be part of a cell's name, got "${only}"`);
  const goals: Goal[] = [];
  const rows = cells.map((cell) => {
    const { volunteers, rowsEach, plan } = cell;
    const most = countFlag(flags, "seeds") ?? SEEDS;
    const seeds = volunteers * rowsEach > LARGE_ROWS ? Math.ceil(most / 2) : most;
    const tallies = seedsFrom(seed * SEED_STEP, seeds).map((seed) =>
      simulateService({
        ...{ seed, plan: PLANS[plan], volunteers, rowsEach, jobs: JOBS, answerBound: ANSWER_BOUND_DEFAULT },
        liarShare: plan === "clean" ? 0 : LIAR_SHARE,
      }),
    );
    const figures = figuresOf(tallies, ANSWER_BOUND_DEFAULT);
    const name = nameOf(cell);
    goals.push(
      atMost(`${name}: wrong and final`, figures.allowed, figures.wrongFinal),
      atMost(`${name}: trusted share`, SLACK * cell.trustedShare, figures.trustedShare),
      atMost(
        `${name}: trusted share, fourth job`,
        SLACK * (cell.trustedShareOfLast + ROUNDING),
        figures.trustedShareOfLast,
      ),
      atLeast(`${name}: final`, cell.finalShare / SLACK, figures.finalShare),
      atMost(`${name}: wrong answers whose coin was lost`, 0, figures.unasked),
      atMost(`${name}: honest volunteers named`, 0, figures.honestNamed),
    );
    progress(name);
    return { cell: name, plan, seeds, ...figures };
  });
  return {
    ...{ name: rowGrid.name, title: rowGrid.title, rows, notes: NOTES },
    columns: [{ key: "cell", title: "volunteers x rows each" }, { key: "seeds", title: "seeds" }, ...FIGURE_COLUMNS],
    tables: [goalsTable(goals)],
  };
}

const NOTES = [
  "eps is 1e-3, its rows are of all four jobs. A fifth of the volunteers, one at least, is one party that answers a row alike whoever of it is asked.",
  "constant: rows of a secret class. waiting: honest in the first job, then one row a claim. burst: then a fifth of the rows at the end of each job.",
  "sacrifice: one key lets itself be named in the first job, the others wait for the third. Wrong: final at any time. Seeds count, not answers (95 %).",
  "Found volunteers are named at once, and stay away. What an account cannot carry the coordinator computes where that takes 5 s (15 ms a row).",
];

export const rowGrid: Measurer = {
  name: "row-grid",
  title: "Four jobs of a new submitter under the account, before liars that wait: wrong and final, trusted, final",
  flags: ["seeds", "only"],
  run,
};
