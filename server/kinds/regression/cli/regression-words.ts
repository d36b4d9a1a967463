import type { RegressionJobView } from "../../../../shared/kinds/regression/job-view.ts";
import { iterationsOf } from "../../../../shared/kinds/regression/kind.ts";
import type { JobWords } from "../../../cli/job-words.ts";
import { codedWords, liarsCaught } from "../../../coded/cli/coded-words.ts";

export const regressionWords: JobWords<RegressionJobView> = {
  ...codedWords,
  doneOf: (job) => [job.iteration, iterationsOf(job)],
  qualityOf(job) {
    const { loss, accuracy, validationAccuracy, distance } = job;
    const parts = loss === null ? [] : [`loss ${loss.toPrecision(4)}`];
    if (validationAccuracy !== null) parts.push(`accuracy ${validationAccuracy.toFixed(3)} on rows held out`);
    else if (accuracy !== null) parts.push(`accuracy ${accuracy.toFixed(3)} on the rows it learns from`);
    if (distance !== null && job.finishedMs !== null) parts.push(distanceWords(distance));
    return [...parts, ...liarsCaught(job)].join(", ");
  },
  outcomeOf: ({ iteration }) => `${iteration} iterations`,
};

/** @param distance in parts of the largest weight */
function distanceWords(distance: number): string {
  return `weights within ${Number((100 * distance).toPrecision(2))} % of the optimum's largest`;
}
