/**
 * What the first model of the rules cost, cell by cell: trusted rows in percent (of the fourth job) and the share of
 * answers that were final at the end of four jobs. The product's ledger and checks are held to 1.25 times of it.
 */

export const GRID_PLANS = ["clean", "constant .05", "waiting", "burst", "sacrifice"] as const;
export type GridPlan = (typeof GRID_PLANS)[number];

export interface GridCell {
  readonly volunteers: number;
  /** Rows of a volunteer in each of the four jobs. */
  readonly rowsEach: number;
  readonly plan: GridPlan;
  /** Of all four jobs, 0..1. */
  readonly trustedShare: number;
  /** Of the fourth, in whole percents. */
  readonly trustedShareOfLast: number;
  readonly finalShare: number;
}

/** Volunteers x rows each | clean | constant | waiting | burst | sacrifice. */
const PROTOTYPE = [
  "4x50 | 68.6 (56) 1.00 | 76.2 (65) 0.95 | 73.8 (73) 0.89 | 76.9 (70) 0.94 | 68.7 (63) 0.89",
  "4x150 | 43.3 (29) 1.00 | 50.2 (36) 0.94 | 54.6 (46) 0.90 | 53.9 (46) 0.97 | 48.1 (36) 0.98",
  "4x300 | 28.5 (17) 1.00 | 39.5 (22) 1.00 | 41.3 (29) 1.00 | 39.1 (29) 1.00 | 32.2 (22) 1.00",
  "4x1000 | 11.2 (6) 1.00 | 12.8 (7) 1.00 | 16.5 (12) 1.00 | 16.4 (11) 1.00 | 12.8 (8) 1.00",
  "6x50 | 59.6 (46) 1.00 | 64.9 (57) 0.90 | 61.8 (63) 0.82 | 65.4 (64) 0.86 | 63.5 (53) 0.90",
  "6x150 | 33.1 (20) 1.00 | 42.8 (28) 0.91 | 44.8 (40) 0.90 | 45.9 (36) 0.96 | 40.0 (27) 1.00",
  "6x300 | 19.0 (9) 1.00 | 25.0 (15) 1.00 | 29.1 (20) 1.00 | 30.0 (22) 1.00 | 25.0 (15) 1.00",
  "6x1000 | 4.2 (1) 1.00 | 9.3 (5) 1.00 | 10.7 (8) 1.00 | 10.7 (8) 1.00 | 9.4 (5) 1.00",
  "12x50 | 42.6 (28) 1.00 | 47.4 (39) 0.82 | 47.5 (49) 0.77 | 44.8 (51) 0.72 | 48.2 (59) 0.70",
  "12x150 | 18.9 (9) 1.00 | 28.6 (16) 0.94 | 34.8 (28) 0.98 | 31.6 (20) 1.00 | 33.8 (29) 1.00",
  "12x300 | 8.9 (3) 1.00 | 14.4 (6) 1.00 | 18.1 (13) 1.00 | 16.6 (8) 1.00 | 17.5 (13) 1.00",
  "12x1000 | 1.3 (0) 1.00 | 2.0 (0) 1.00 | 2.0 (0) 1.00 | 2.0 (0) 1.00 | 2.8 (0) 1.00",
  "40x50 | 17.1 (8) 1.00 | 15.3 (14) 0.39 | 16.7 (14) 0.45 | 20.1 (18) 0.60 | 16.1 (12) 0.45",
  "40x150 | 4.2 (1) 1.00 | 19.9 (3) 1.00 | 25.4 (18) 1.00 | 20.7 (8) 1.00 | 30.8 (34) 1.00",
  "40x300 | 1.3 (0) 1.00 | 8.8 (0) 1.00 | 11.0 (6) 1.00 | 4.4 (1) 1.00 | 15.3 (17) 1.00",
  "40x1000 | 0.3 (0) 1.00 | 0.4 (0) 1.00 | 2.0 (0) 1.00 | 1.8 (0) 1.00 | 2.6 (0) 1.00",
];

export const GRID: readonly GridCell[] = PROTOTYPE.flatMap((line) => {
  const [crowd, ...cells] = line.split(" | ");
  const [volunteers, rowsEach] = crowd!.split("x").map(Number);
  return cells.map((cell, at) => {
    const [trusted, last, final] = cell.replace(/[()]/g, "").split(" ").map(Number);
    return {
      ...{ volunteers: volunteers!, rowsEach: rowsEach!, plan: GRID_PLANS[at]! },
      ...{ trustedShare: trusted! / 100, trustedShareOfLast: last! / 100, finalShare: final! },
    };
  });
});
