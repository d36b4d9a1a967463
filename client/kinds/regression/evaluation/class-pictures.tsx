import type { ClassEvaluation } from "../../../../shared/kinds/regression/evaluation.ts";
import { DataTable } from "../../../ui/table.tsx";
import { count, figure, percent } from "../../../ui/units.ts";
import { EvaluationFigure } from "./evaluation-figure.tsx";
import { confusionTable, someOf, takenFor } from "./evaluation-shapes.ts";
import { evaluationTexts } from "./evaluation-texts.ts";
import { SharePicture } from "./share-picture.tsx";

const TABLE_POINTS_MAX = 11;
/** The least and the largest radius of a dot, whose area follows its rows. */
const RADIUS_PX = [3, 9] as const;

/** Which classes are taken for which: a table of all pairs, or where there are many classes a row for each. */
export function ConfusionTable({ evaluation }: { evaluation: ClassEvaluation }) {
  const texts = evaluationTexts.confusion;
  const { classes } = evaluation;
  const cells = confusionTable(evaluation);
  const places = classes.map((_, place) => place);
  const ofClass = { label: texts.title, rows: places, keyOf: (place: number) => place };
  if (cells === null) {
    return (
      <DataTable
        {...ofClass}
        columns={(of) => [
          of.head(texts.truth, (place) => classes[place]!.label),
          of.number(texts.rows, (place) => count(classes[place]!.rows)),
          of.number(texts.found, (place) => shareOf(classes[place]!.right, classes[place]!.rows)),
          of.number(texts.precision, (place) => shareOf(classes[place]!.right, classes[place]!.predicted)),
          of.text(texts.takenFor, (place) => {
            const other = takenFor(evaluation, place);
            return other === null ? texts.none : texts.takenForWords(other.label, other.rows);
          }),
        ]}
      />
    );
  }
  return (
    <DataTable
      {...ofClass}
      class="confusion"
      caption={texts.caption}
      columns={(of) => [
        of.head(texts.truth, (place) => classes[place]!.label),
        ...classes.map(({ label }, predicted) =>
          of.number(texts.predicted(label), (place) => {
            const { rows, share, tint } = cells[place]![predicted]!;
            const sort = place === predicted ? "right" : "wrong";
            return (
              <span class={`${sort} tint-${tint}`} title={texts.cell(classes[place]!.label, label, rows, share)}>
                {count(rows)}
              </span>
            );
          }),
        ),
        of.number(texts.found, (place) => shareOf(classes[place]!.right, classes[place]!.rows)),
        ...(classes.length > 2 && classes.some(({ area }) => area !== null)
          ? [of.number(texts.area, (place) => (classes[place]!.area === null ? "" : figure(classes[place]!.area!)))]
          : []),
      ]}
    />
  );
}

const shareOf = (part: number, all: number) => (all === 0 ? "" : percent(part / all));

/** The ROC curve of two classes: at every threshold, how much of the second is found, and how much of the first is taken for it. */
export function RocPicture({ classes, roc }: ClassEvaluation) {
  const texts = evaluationTexts.roc;
  const [negative, positive] = [classes[0]!.label, classes[1]!.label];
  const [x, y] = [texts.x(negative, positive), texts.y(positive)];
  const summary = texts.summary(positive, classes[1]!.area ?? 0);
  return (
    <EvaluationFigure
      title={texts.title}
      summary={summary}
      picture={
        <SharePicture testId="roc" title={texts.title} summary={summary} x={x} y={y}>
          {(at) => (
            <g class="series series-stands">
              <path d={`M${roc.map((point) => at(...point).join(" ")).join("L")}`} />
            </g>
          )}
        </SharePicture>
      }
      table={
        <DataTable
          label={texts.title}
          rows={someOf(roc, TABLE_POINTS_MAX)}
          columns={(of) => [of.number(x, ([wrong]) => percent(wrong)), of.number(y, ([, found]) => percent(found))]}
        />
      }
    />
  );
}

/** Do probabilities mean what they say? */
export function CalibrationPicture({ calibration }: ClassEvaluation) {
  const texts = evaluationTexts.calibration;
  const rows = calibration.reduce((sum, one) => sum + one.rows, 0);
  const most = Math.max(...calibration.map((one) => one.rows));
  const mean = (of: (one: (typeof calibration)[number]) => number) =>
    calibration.reduce((sum, one) => sum + one.rows * of(one), 0) / rows;
  const summary = texts.summary(
    mean(({ told }) => told),
    mean(({ right }) => right),
  );
  const [least, largest] = RADIUS_PX;
  return (
    <EvaluationFigure
      title={texts.title}
      summary={summary}
      picture={
        <SharePicture testId="calibration" title={texts.title} summary={summary} x={texts.x} y={texts.y}>
          {(at) =>
            calibration.map((one) => {
              const [cx, cy] = at(one.told, one.right);
              return (
                <circle
                  key={one.told}
                  class="tenth"
                  cx={cx}
                  cy={cy}
                  r={least + (largest - least) * Math.sqrt(one.rows / most)}
                >
                  <title>{texts.point(one.rows, one.told, one.right)}</title>
                </circle>
              );
            })
          }
        </SharePicture>
      }
      table={
        <DataTable
          label={texts.title}
          rows={calibration}
          columns={(of) => [
            of.number(texts.x, ({ told }) => percent(told)),
            of.number(texts.y, ({ right }) => percent(right)),
            of.number(texts.rows, (one) => count(one.rows)),
          ]}
        />
      }
    />
  );
}
