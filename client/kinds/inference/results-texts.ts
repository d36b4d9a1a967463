/** The words of a job's results: its answers with their queries, and the filters that pick some of them. */
import type { AnswerFilter } from "../../../shared/kinds/inference/answers.ts";
import { plural } from "../../ui/plural.ts";
import { count, duration } from "../../ui/units.ts";

export const resultsTexts = {
  title: "Answers",
  only: "Show",
  filters: {
    all: "all",
    estimated: "estimates",
    "estimated-first": "estimated at first",
    "not-final": "not final yet",
    "label-ambiguous": "label-ambiguous",
    touched: "touched by a shut-out volunteer",
    "taken-back": "final once, taken back",
  } satisfies Record<AnswerFilter, string>,
  filterMeans: {
    all: "",
    estimated: "Answers that were computed from other results; the model’s own answer has not come yet.",
    "estimated-first": "Queries whose first answer was an estimate, whatever their mark is now.",
    "not-final": "Answers whose chance of a mistake is above the job’s bound, or not known, and label-ambiguous ones.",
    "label-ambiguous":
      "Answers whose two largest numbers lie so near each other that honest devices may give either label.",
    touched:
      "Answers whose query, or whose round, lost a result when a volunteer was shut out; others have answered since.",
    "taken-back":
      "Answers that were called final until their volunteer was found to have lied. Another volunteer may have answered since.",
  } satisfies Record<AnswerFilter, string>,
  caption: (from: number, to: number, all: number) =>
    `${count(from)} to ${count(to)} of ${plural(all, "answer", "answers")}`,
  none: "No answers yet.",
  noneSuch: "There are no answers of this kind.",
  query: "Query",
  queryPicture: (index: number) => `Query ${count(index)} as a picture`,
  volunteer: "Given by",
  coordinator: "the coordinator",
  several: "several together",
  noQueries: "The queries themselves are not kept any more.",
};

export const eta = {
  unknown: "time left: unknown yet",
  left: (ms: number) => `about ${duration(ms)} left`,
};
