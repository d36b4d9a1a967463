/** What an inference job’s picture says about its first answers. */
import { plural } from "../../../ui/plural.ts";
import { count, percent } from "../../../ui/units.ts";

export const agreementTexts = {
  title: "First answers against final ones",
  svgTitle: "By round: how good the first answers were, and how good the answers are now",
  none: "No round is finished yet.",
  stands: "first answers that did not change",
  firstRight: "right by your labels at first",
  nowRight: "right by your labels now",
  summary: (rounds: number, stands: number) =>
    `Over ${plural(rounds, "finished round", "finished rounds")}, ${percent(stands)} of the first answers did not change.`,
  estimates: (compared: number, agreed: number) =>
    compared === 0
      ? "No estimate can be compared with the model’s own answer."
      : `Of ${plural(compared, "estimate", "estimates")} whose query has the model’s own answer now, ${percent(agreed / compared)} said the same.`,
  redone: (n: number) => `${plural(n, "round was", "rounds were")} done again because a volunteer had lied.`,
  point: (round: number, series: string, share: number) => `Round ${count(round + 1)}, ${series}: ${percent(share)}`,
  regression: "A regression has no labels to compare.",
  columns: { round: "Round", rows: "Answers", estimated: "Estimated at first" },
};
