/** Codes, predictions and refusals in plain words. */
import { SCHEMES } from "../../../../shared/coding/schemes/schemes.ts";
import type { Aim } from "../../../../shared/kinds/inference/aim.ts";
import { quantileOfSome } from "../../../../shared/numbers/quantile.ts";
import { chanceOf, meanOf } from "./choose-code.ts";
import { type Code, sendsMixtures } from "./coded-job.ts";
import type { CodePrediction } from "./predict-code.ts";

/** Such as "3 tabs: copies of two, no parities". @param tabs that are ready */
export function codeInWords(code: Code, tabs: number): string {
  return `${counted(tabs, "tab")}: ${SCHEMES[code.scheme].words.code({ ...code, sendsMixtures: sendsMixtures(code) })}`;
}

/** What a prediction comes to, in a sentence. @param queryCount that have no answer yet */
export function predictionInWords(
  { finishMs, tabMacs }: CodePrediction,
  { queryCount, macsPerQuery }: { readonly queryCount: number; readonly macsPerQuery: number },
): string {
  const [half, nine] = [quantileOfSome(finishMs, 0.5), quantileOfSome(finishMs, 0.9)];
  const work = meanOf(tabMacs) / (queryCount * macsPerQuery);
  if (!Number.isFinite(half)) return "The crowd is not expected to stay until the end.";
  const sure = Number.isFinite(nine) ? `nine times of ten within ${durationInWords(nine)}` : "if the crowd stays";
  const times = `about ${durationInWords(half)}, ${sure}`;
  return `${counted(queryCount, "query", "queries")}: ${times}, with ${work.toFixed(2)} times the work of computing each once.`;
}

/** Why no code meets the aim, and what is possible. @param best the one that comes nearest */
export function refusalInWords(aim: Aim, best: CodePrediction, stops: readonly CodePrediction[]): string {
  const percent = `${Math.round(100 * chanceOf(best, aim))} %`;
  const confidence = aim.confidence.toFixed(2).replace(/^0/, "");
  if (aim.finishWithinMs !== undefined) {
    const fastest = Math.min(...stops.map(({ finishMs }) => quantileOfSome(finishMs, aim.confidence)));
    const possible = Number.isFinite(fastest)
      ? `possible are ${durationInWords(fastest)}`
      : "no time is possible: the crowd is too small, and leaves too often";
    return `expected a time that this crowd can keep with confidence ${confidence}, got ${durationInWords(aim.finishWithinMs)}, which is kept in ${percent}; ${possible}`;
  }
  const isMacs = aim.budgetMacs !== undefined;
  const spent = ({ tabMacs, bytesDown, bytesUp }: CodePrediction) =>
    isMacs ? tabMacs : bytesDown.map((bytes, draw) => bytes + bytesUp[draw]!);
  const least = Math.min(...stops.map((stop) => quantileOfSome(spent(stop), aim.confidence)));
  const unit = isMacs ? "multiply-adds" : "bytes";
  return `expected a budget that this job can keep to with confidence ${confidence}, got ${amount(aim.budgetMacs ?? aim.budgetBytes!)} ${unit}, which are kept to in ${percent}; possible are ${amount(least)}`;
}

export function durationInWords(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 99_950) return `${(ms / 1e3).toFixed(ms < 9_950 ? 1 : 0)} s`;
  const minutes = ms / 60_000;
  if (minutes < 99.5) return `${minutes.toFixed(minutes < 9.95 ? 1 : 0)} min`;
  return `${(minutes / 60).toFixed(1)} h`;
}

function amount(value: number): string {
  return value < 1e5 ? String(Math.ceil(value)) : value.toExponential(2);
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}
