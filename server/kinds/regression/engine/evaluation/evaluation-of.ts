/** Computes how good scores are, from rows whose labels are known. */
import { probabilitiesOf } from "../../../../../shared/kinds/regression/apply-table-model.ts";
import type { RegressionEvaluation } from "../../../../../shared/kinds/regression/evaluation.ts";
import { predictionsOf } from "../predict.ts";
import type { ModelKind } from "../targets.ts";
import { evaluateClasses } from "./by-class.ts";
import { evaluateNumbers } from "./by-number.ts";

/**
 * @param scores rows x C
 * @param known rows x C, see targetsOf
 * @returns null where there are no rows, or weights have grown beyond all numbers
 */
export function evaluationOf(
  kind: ModelKind,
  scores: Float64Array,
  known: Float64Array,
  { classes, labelOfClass }: { readonly classes: number; readonly labelOfClass: readonly (number | string)[] },
  { weightsOf, isHeldOut }: { weightsOf: number; isHeldOut: boolean },
): RegressionEvaluation | null {
  const rows = scores.length / classes;
  if (rows === 0 || !scores.every(Number.isFinite)) return null;
  const head = { weightsOf, of: isHeldOut ? ("held-out" as const) : ("trained-on" as const), rows };
  if (kind === "linear") return { ...head, byClass: null, byNumber: evaluateNumbers(scores, known) };
  const predicted = predictionsOf(kind, scores, classes);
  const truth = kind === "logistic" ? known : predictionsOf("softmax", known, classes);
  const probabilities = probabilitiesOf(scores, classes, labelOfClass.length);
  return {
    ...head,
    byClass: evaluateClasses(probabilities, predicted, truth, labelOfClass.map(String)),
    byNumber: null,
  };
}
