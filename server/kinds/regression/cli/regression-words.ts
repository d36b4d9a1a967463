import type { RegressionJobView } from "../../../../shared/kinds/regression/job-view.ts";
import type { JobWords } from "../../../cli/job-words.ts";
import { codedWords, liarsCaught } from "../../../coded/cli/coded-words.ts";

export const regressionWords: JobWords<RegressionJobView> = {
  ...codedWords,
  doneOf: ({ iteration, iterations }) => [iteration, iterations],
  qualityOf(job) {
    const { loss, accuracy, validationAccuracy } = job;
    const parts = loss === null ? [] : [`loss ${loss.toPrecision(4)}`];
    if (validationAccuracy !== null) parts.push(`accuracy ${validationAccuracy.toFixed(3)} on rows held out`);
    else if (accuracy !== null) parts.push(`accuracy ${accuracy.toFixed(3)} on the rows it learns from`);
    return [...parts, ...liarsCaught(job)].join(", ");
  },
  outcomeOf: ({ iteration }) => `${iteration} iterations`,
};
