/** From what the API says about a job to the figures of one row of the training demo's table. Pure. */
import type { RegressionHistory } from "../../../shared/kinds/regression/job-view.ts";
import type { RegressionReceipt } from "../../../shared/kinds/regression/receipt.ts";

export interface TrainingRecord {
  readonly scheme: string;
  readonly tabs: number;
  readonly history: RegressionHistory;
  readonly receipt: RegressionReceipt;
  /** Names of the tabs that lie in this crowd, whatever was found out. */
  readonly lyingTabs: readonly string[];
  /** Predictions for the test digits, and what they are. */
  readonly predictions: readonly number[];
  readonly truth: ArrayLike<number>;
  /** Are the weights those of one machine, bit for bit? */
  readonly isExact: boolean;
}

export interface TrainingFigures {
  readonly scheme: string;
  readonly tabs: number;
  readonly iterations: number;
  /** done, or how else it ended */
  readonly end: string;
  /** For all iterations, by the pace between the first and the last; null where there were fewer than two. */
  readonly seconds: number | null;
  /** Share of the test digits that the weights get right. */
  readonly accuracy: number;
  readonly isExact: boolean;
  /** Results of lying tabs that were taken and not corrected. */
  readonly wrongAccepted: number;
  readonly wrongCorrected: number;
  readonly liarsNamed: readonly string[];
  /** Tabs that were named and had not lied. */
  readonly honestNamed: readonly string[];
  readonly liars: number;
  readonly codeChanges: number;
}

export function trainingFigures(record: TrainingRecord): TrainingFigures {
  const { scheme, tabs, history, receipt, lyingTabs, predictions, truth, isExact } = record;
  const lying = new Set(lyingTabs);
  const named = [...new Set(receipt.liars.map(({ nickname }) => nickname))];
  const takenOfLiars = receipt.volunteers
    .filter(({ nickname }) => lying.has(nickname))
    .reduce((sum, { acceptedResults }) => sum + acceptedResults, 0);
  return {
    scheme,
    tabs,
    iterations: receipt.iterations,
    end: receipt.endKind,
    seconds: secondsOf(history, receipt.submission.iterations),
    accuracy: predictions.filter((label, i) => label === truth[i]).length / predictions.length,
    isExact,
    // Every product of these tabs is wrong: they lie in each round.
    wrongAccepted: Math.max(0, takenOfLiars - receipt.correctedResults),
    wrongCorrected: receipt.correctedResults,
    liarsNamed: named.filter((name) => lying.has(name)),
    honestNamed: named.filter((name) => !lying.has(name)),
    liars: lyingTabs.length,
    codeChanges: receipt.codeChanges.length,
  };
}

function secondsOf({ points }: RegressionHistory, iterations: number): number | null {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || last.iteration === first.iteration) return null;
  return ((last.atMs - first.atMs) / 1_000 / (last.iteration - first.iteration)) * iterations;
}
