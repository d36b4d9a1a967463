/** Rows beyond one a query that tabs compute under the checks, where nobody is late or lies: second words, known rows, copies. */

import { medianOfSome } from "../../../shared/numbers/quantile.ts";
import { ANSWER_BOUND_DEFAULT } from "../../../shared/protocol/limits.ts";
import { PLANS } from "../attacked-rows/plans.ts";
import { simulateService } from "../attacked-rows/row-service.ts";
import { atMost, type Goal } from "../goals.ts";
import type { Column } from "../measurement.ts";
import type { Section } from "./jobs-tables.ts";

const CROWDS = [
  { volunteers: 12, rowsEach: 300 },
  { volunteers: 16, rowsEach: 1_250 },
] as const;
const JOBS = 2;
/** Rows of the account before, and the most that is asked of what comes then. */
const ACCOUNTS = [
  { rowsBefore: 0, asked: 0.16 },
  { rowsBefore: 50_000, asked: 0.08 },
] as const;

export function checkedSection(seeds: readonly number[]): Section {
  const goals: Goal[] = [];
  const rows = CROWDS.flatMap(({ volunteers, rowsEach }) =>
    ACCOUNTS.map(({ rowsBefore, asked }) => {
      const found = seeds.map((seed) => {
        const tally = simulateService({
          ...{ seed, plan: PLANS.clean, volunteers, rowsEach, jobs: JOBS, liarShare: 0 },
          ...{ answerBound: ANSWER_BOUND_DEFAULT, placesBefore: rowsBefore },
        });
        const of = (key: "trusted" | "duplicates" | "final") =>
          tally.jobs.reduce((sum, job) => sum + job[key], 0) / tally.rows;
        return {
          beyond: tally.tabRows / tally.rows - 1,
          words: of("duplicates"),
          trusted: of("trusted"),
          final: of("final"),
        };
      });
      const over = (key: keyof (typeof found)[number]) => medianOfSome(found.map((one) => one[key]));
      const crowd = `${volunteers} volunteers, jobs of ${volunteers * rowsEach} rows`;
      const name = `${crowd}, ${rowsBefore} rows before: rows beyond one a query`;
      goals.push(atMost(name, asked, over("beyond")));
      return {
        ...{ crowd, rowsBefore, beyond: over("beyond"), words: over("words") },
        ...{ trusted: over("trusted"), final: over("final") },
      };
    }),
  );
  const columns: Column[] = [
    { key: "crowd", title: "crowd" },
    { key: "rowsBefore", title: "rows of the account before" },
    { key: "beyond", title: "rows beyond one a query", digits: 3 },
    { key: "words", title: "second words", digits: 3 },
    { key: "trusted", title: "trusted rows", digits: 3 },
    { key: "final", title: "final", digits: 3 },
  ];
  const notes = [
    `${JOBS} jobs, one after the other, of honest volunteers at addresses of their own, on the ledger, its checks and the account; eps ${ANSWER_BOUND_DEFAULT}.`,
  ];
  return {
    table: { name: "checked", title: "Rows beyond one a query, under the checks", columns, rows, notes },
    goals,
  };
}
