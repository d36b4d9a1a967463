/**
 * What the checks cost in crowds of 10 to 160 honest volunteers, on the product's ledger, checks and account, without sessions:
 *
 *     npm run bench -- crowd-size [--seed N] [--json FILE] [--most VOLUNTEERS] [--rows-each N]
 */
import { ANSWER_BOUND_DEFAULT } from "../../shared/protocol/limits.ts";
import { PLANS } from "./attacked-rows/plans.ts";
import { simulateService } from "./attacked-rows/row-service.ts";
import { figuresOf } from "./attacked-rows/tallies.ts";
import { countFlag } from "./flags.ts";
import { atLeast, atMost, type Goal, goalsTable } from "./goals.ts";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const ROWS_EACH = 200;
/** M of a submitter that has asked for a million rows before. */
const ROWS_BEFORE = 1_000_000;
const SIZES = [10, 40, 160] as const;
/** Below six address groups there is no crowd; ten volunteers are one. */
const DUPLICATES_MOST = { new: 0.16, known: 0.08 } as const;
/** The share for known submitters; new ones pay as their account asks. */
const TRUSTED_MOST = 0.0025;

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const most = countFlag(flags, "most") ?? Number.POSITIVE_INFINITY;
  const rowsEach = countFlag(flags, "rows-each") ?? ROWS_EACH;
  const rows: Measurement["rows"][number][] = [];
  const goals: Goal[] = [];
  for (const volunteers of SIZES) {
    if (volunteers > most) continue;
    for (const account of ["new", "known"] as const) {
      const tally = simulateService({
        ...{ seed, plan: PLANS.clean, volunteers, rowsEach, jobs: 1, liarShare: 0, answerBound: ANSWER_BOUND_DEFAULT },
        placesBefore: account === "known" ? ROWS_BEFORE : 0,
      });
      const { trustedShare, finalShare, honestNamed } = figuresOf([tally], ANSWER_BOUND_DEFAULT);
      const duplicateShare = tally.jobs[0]!.duplicates / tally.rows;
      const name = `${volunteers} volunteers, ${account} account`;
      progress(name);
      goals.push(
        atMost(`${name}: duplicates`, DUPLICATES_MOST[account], duplicateShare),
        atLeast(`${name}: final`, 1, finalShare),
        atMost(`${name}: honest volunteers named`, 0, honestNamed),
        ...(account === "known" ? [atMost(`${name}: trusted share`, TRUSTED_MOST, trustedShare)] : []),
      );
      const { checkShare } = tally.jobs[0]!;
      rows.push({ volunteers, rowsEach, account, checkShare, trustedShare, duplicateShare, finalShare, honestNamed });
    }
  }
  return {
    ...{ name: crowdSize.name, title: crowdSize.title, rows, notes: NOTES },
    columns: [
      { key: "volunteers", title: "volunteers" },
      { key: "rowsEach", title: "rows each" },
      { key: "account", title: "account" },
      { key: "checkShare", title: "c", digits: 4 },
      { key: "trustedShare", title: "trusted", digits: 5 },
      { key: "duplicateShare", title: "duplicates", digits: 4 },
      { key: "finalShare", title: "final", digits: 3 },
      { key: "honestNamed", title: "honest named" },
    ],
    tables: [goalsTable(goals)],
  };
}

const NOTES = [
  "One job of a submitter that is new, or has a million honest rows behind it (known). eps is 1e-3, speeds are lognormal with sigma .5, each volunteer",
  "has an address of its own, and none of them was ever here before. Trusted: coins that the coordinator answers, and its sample.",
];

export const crowdSize: Measurer = {
  name: "crowd-size",
  title: "What the checks cost in honest crowds of 10 to 160: trusted rows, duplicates",
  flags: ["most", "rows-each"],
  run,
};
