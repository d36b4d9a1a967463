import type { RegressionEvaluation } from "../../../../shared/kinds/regression/evaluation.ts";
import { CalibrationPicture, ConfusionTable, RocPicture } from "./class-pictures.tsx";
import { evaluationTexts as texts } from "./evaluation-texts.ts";
import { ResidualPicture } from "./residual-picture.tsx";

/** How good a regression's predictions are, on rows whose labels are known. */
export function EvaluationSection({ evaluation }: { evaluation: RegressionEvaluation }) {
  const { byClass, byNumber, rows, of } = evaluation;
  return (
    <section aria-label={texts.title} data-testid="evaluation">
      <h2>{texts.title}</h2>
      {byClass !== null && (
        <>
          <p>
            {texts.right(
              byClass.classes.reduce((sum, { right }) => sum + right, 0),
              rows,
              of,
            )}
          </p>
          {of === "trained-on" && <p class="hint">{texts.noneHeldOut}</p>}
          <ConfusionTable evaluation={byClass} />
          <div class="side-by-side">
            {byClass.roc.length > 0 && <RocPicture {...byClass} />}
            <CalibrationPicture {...byClass} />
          </div>
        </>
      )}
      {byNumber !== null && (
        <>
          <p>
            {texts.off(byNumber.meanAbsolute, rows, of)} {texts.rootMeanSquare(byNumber.rootMeanSquare)}{" "}
            {byNumber.explained !== null && texts.explained(byNumber.explained)}
          </p>
          {of === "trained-on" && <p class="hint">{texts.noneHeldOut}</p>}
          <ResidualPicture byNumber={byNumber} rows={rows} />
        </>
      )}
    </section>
  );
}
