/** The words of answers with the names that their submitter brought along. */
import { plural } from "../../../ui/plural.ts";
import { count, percent } from "../../../ui/units.ts";
import { scoreText } from "../score-text.ts";

export const broughtTexts = {
  gallery: "Pictures with their answers",
  picture: (name: string) => `${name}, as the model sees it`,
  none: "not answered yet",
  score: scoreText,
  noBoxes: (threshold: number) => `nothing that the model is surer of than ${percent(threshold)}`,
  moreBoxes: (n: number) => `and ${plural(n, "box", "boxes")} more`,
  range: (least: number, most: number) => `from ${least.toPrecision(4)} to ${most.toPrecision(4)}`,
  by: (who: string) => `by ${who}`,
  first: (what: string) => `at first ${what}`,
  texts: "Texts with their answers",
  moreTokens: (n: number) => `and ${plural(n, "token", "tokens")} more`,
  columns: {
    ...{ index: "No.", text: "Text", candidate: "Label", answer: "Answer" },
    ...{ mark: "Mark", trust: "Trust", first: "Was first" },
  },
  notKept: "Names of files and labels, and texts, are kept in this browser alone: elsewhere answers are numbers.",
  staysWithJob:
    "Names of files and labels, and texts, stay with the job: whoever may read its answers sees them, and no volunteer.",
  cannotShow: (message: string) => `The names of its rows cannot be shown: ${message}`,
  skipped: (n: number) =>
    `${plural(n, "file was", "files were")} skipped: ${n === 1 ? "it" : "they"} could not be read`,
  download: "Answers with names:",
  downloadAs: (format: string) => `Answers with names as .${format}`,
  gathering: (done: number, all: number) => `${count(done)} of ${plural(all, "answer", "answers")} fetched`,
  jobs: (n: number) => `The texts are ${plural(n, "job", "jobs")}, one for each length:`,
  job: (place: number, texts: number | null) =>
    `${count(place + 1)}${texts === null ? "" : ` (${plural(texts, "text", "texts")})`}`,
};
