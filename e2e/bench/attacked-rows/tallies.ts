/** Figures of a service over seeds. Wrong answers come in clumps, by block and by party: seeds are counted, never answers. */
import { meanInterval } from "../mean-interval.ts";
import type { Measurement } from "../measurement.ts";
import type { JobTally, ServiceTally } from "./service-words.ts";

export interface Figures extends Readonly<Record<string, number | null>> {
  /** Wrong, and final at any time; of all jobs of a service. */
  readonly wrongFinal: number;
  /** Half the width of its 95 % interval; null: of one seed. */
  readonly wrongFinalWidth: number | null;
  /** eps times the rows that were asked for. */
  readonly allowed: number;
  /**
   * Wrong and final less what the account was charged, and half the width of its interval: never above 0 on average, however many rows were
   * asked for, if a lie is found with the chance that its block's terms say.
   */
  readonly excess: number;
  readonly excessWidth: number | null;
  /** Of rows asked for. */
  readonly trustedShare: number;
  readonly trustedShareOfLast: number;
  readonly finalShare: number;
  readonly finalShareLeast: number;
  /** Rows that tabs computed beyond one for each that was asked for. */
  readonly extraShare: number;
  /** Jobs in which anything was found. */
  readonly findingShare: number;
  readonly charged: number;
  readonly liarsNamed: number;
  /** Wrong final answers whose coin the checks had lost. */
  readonly unasked: number;
  readonly honestNamed: number;
}

/** @param tallies one a seed */
export function figuresOf(tallies: readonly ServiceTally[], answerBound: number): Figures {
  const mean = (of: (tally: ServiceTally) => number) =>
    tallies.reduce((sum, tally) => sum + of(tally), 0) / tallies.length;
  const sum = (of: (job: JobTally) => number) => (tally: ServiceTally) =>
    tally.jobs.reduce((total, job) => total + of(job), 0);
  const final = (tally: ServiceTally) => sum((job) => job.final)(tally) / tally.rows;
  const wrong = meanInterval(tallies.map(sum((job) => job.wrongFinal)));
  const excess = meanInterval(tallies.map((tally) => sum((job) => job.wrongFinal)(tally) - tally.charged));
  return {
    wrongFinal: wrong.mean!,
    wrongFinalWidth: wrong.halfWidth,
    allowed: answerBound * mean(({ rows }) => rows),
    excess: excess.mean!,
    excessWidth: excess.halfWidth,
    trustedShare: mean((tally) => sum((job) => job.trusted)(tally) / tally.rows),
    trustedShareOfLast: mean(({ jobs }) => jobs.at(-1)!.trusted / jobs.at(-1)!.rows),
    finalShare: mean(final),
    finalShareLeast: Math.min(...tallies.map(final)),
    extraShare: mean(({ tabRows, rows }) => tabRows / rows - 1),
    findingShare: mean(({ jobs }) => jobs.filter(({ findings }) => findings > 0).length / jobs.length),
    charged: mean(({ charged }) => charged),
    unasked: tallies.reduce((total, tally) => total + sum((job) => job.unasked)(tally), 0),
    liarsNamed: mean(({ liarsNamed }) => liarsNamed),
    honestNamed: tallies.reduce((total, { honestNamed }) => total + honestNamed, 0),
  };
}

export const FIGURE_COLUMNS: Measurement["columns"] = [
  { key: "wrongFinal", title: "wrong final", digits: 2 },
  { key: "wrongFinalWidth", title: "+-", digits: 2 },
  { key: "allowed", title: "eps M", digits: 1 },
  { key: "excess", title: "less charged", digits: 2 },
  { key: "excessWidth", title: "+-", digits: 2 },
  { key: "trustedShare", title: "trusted", digits: 3 },
  { key: "trustedShareOfLast", title: "last job", digits: 3 },
  { key: "finalShare", title: "final", digits: 3 },
  { key: "finalShareLeast", title: "least", digits: 2 },
  { key: "extraShare", title: "extra rows", digits: 3 },
  { key: "findingShare", title: "jobs with findings", digits: 2 },
  { key: "liarsNamed", title: "liars named", digits: 1 },
  { key: "honestNamed", title: "honest named" },
];
