/** One answer in words. Pure. */
import type { AnswerView } from "../../../../shared/kinds/inference/answers.ts";
import { chance, percent } from "../../../ui/units.ts";
import { numbersText } from "../form/preview/query-rows.ts";
import { inferenceTexts, marks } from "../inference-texts.ts";

const texts = inferenceTexts.detail.answers;
const NUMBERS_SHOWN = 3;

/** What stands behind it. */
export function trustOf({ bound, confidence, final, labelAmbiguous, mark, takenBack }: AnswerView): string {
  const taken = takenBack === undefined ? "" : texts.takenBack(new Date(takenBack.atMs).toLocaleDateString());
  if (mark === "missing") return taken;
  const parts = [
    bound === null || bound === 0 ? "" : texts.bound(chance(bound)),
    confidence === null ? "" : texts.confidence(percent(confidence)),
    labelAmbiguous ? texts.labelAmbiguous : "",
    final ? "" : texts.notFinal,
    taken,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** The label; of a regression its numbers, the first few where they are many. */
export function said({ label, outputs }: AnswerView): string {
  return label === null ? numbersText(outputs, NUMBERS_SHOWN) : String(label);
}

/** What the first delivery said, where it was something else. @param nameOf says a label's place in words */
export function firstOf({ first, mark, label }: AnswerView, nameOf: (place: number) => string = String): string {
  if (first === null || (first.mark === mark && first.label === label)) return "";
  if (first.label === null || first.mark === "missing") return marks[first.mark].name;
  return `${nameOf(first.label)}, ${marks[first.mark].name}`;
}
