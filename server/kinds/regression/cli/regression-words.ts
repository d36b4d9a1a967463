import type { RegressionJobView } from "../../../../shared/kinds/regression/job-view.ts";
import type { JobWords } from "../../../cli/job-words.ts";
import { codedWords, liarsCaught } from "../../../coded/cli/coded-words.ts";

export const regressionWords: JobWords<RegressionJobView> = {
  ...codedWords,
  doneOf: ({ iteration, iterations }) => [iteration, iterations],
  qualityOf(job) {
    const { loss, accuracy, validationAccuracy } = job;
    const parts = loss === null ? [] : [`loss ${loss.toPrecision(4)}`];
    const best = validationAccuracy ?? accuracy;
    if (best !== null) parts.push(`accuracy ${best.toFixed(3)}`);
    return [...parts, ...liarsCaught(job)].join(", ");
  },
  outcomeOf: ({ iteration }) => `${iteration} iterations`,
};
