import { useRef } from "preact/hooks";
import type { NumberEvaluation } from "../../../../shared/kinds/regression/evaluation.ts";
import { SvgPicture } from "../../../ui/svg-picture.tsx";
import { DataTable } from "../../../ui/table.tsx";
import { ticksOf } from "../../../ui/timeline/timeline-layout.ts";
import { count, figure } from "../../../ui/units.ts";
import { useWidth } from "../../../ui/use-width.ts";
import { EvaluationFigure } from "./evaluation-figure.tsx";
import { axisRange, residualBands } from "./evaluation-shapes.ts";
import { evaluationTexts } from "./evaluation-texts.ts";

const texts = evaluationTexts.residuals;
const HEIGHT_PX = 260;
const LEFT_PX = 60;
const TOP_PX = 26;
const FOOT_PX = 38;
const RIGHT_PX = 10;
/** So many dots are drawn larger. */
const FEW = 200;
const WIDTH_PX_BEFORE = 640;
/** Labels that have room beside each other on a phone. */
const TICKS_MAX = 5;

/** How far predictions are off, by prediction. What is left over should lie around nothing, everywhere alike. */
export function ResidualPicture({ byNumber, rows }: { byNumber: NumberEvaluation; rows: number }) {
  const { residuals } = byNumber;
  const largest = residuals.reduce((most, [, residual]) => Math.max(most, Math.abs(residual)), 0);
  const summary = texts.summary(residuals.length, rows, largest);
  return (
    <EvaluationFigure
      title={texts.title}
      summary={summary}
      isWide
      picture={<Dots residuals={residuals} summary={summary} />}
      table={
        <DataTable
          label={texts.title}
          rows={residualBands(byNumber)}
          columns={(of) => [
            of.text(texts.from, ({ from, to }) => texts.fromTo(from, to)),
            of.number(texts.rows, (band) => count(band.rows)),
            of.number(texts.mean, ({ mean }) => figure(mean)),
            of.number(texts.size, ({ size }) => figure(size)),
          ]}
        />
      }
    />
  );
}

function Dots({ residuals, summary }: { residuals: NumberEvaluation["residuals"]; summary: string }) {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place, WIDTH_PX_BEFORE);
  const [right, bottom] = [width - RIGHT_PX, HEIGHT_PX - FOOT_PX];
  const xRange = axisRange(residuals.map(([prediction]) => prediction));
  const yRange = axisRange([0, ...residuals.map(([, residual]) => residual)]);
  const xOf = (value: number) => LEFT_PX + ((value - xRange[0]) / (xRange[1] - xRange[0])) * (right - LEFT_PX);
  const yOf = (value: number) => bottom - ((value - yRange[0]) / (yRange[1] - yRange[0])) * (bottom - TOP_PX);
  // One path of dots, each a line of no length with round ends: two thousand circles would be slow.
  const dots = residuals.map(([x, y]) => `M${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)}h0`).join("");
  return (
    <div ref={place}>
      <SvgPicture testId="residuals" title={texts.title} summary={summary} width={width} height={HEIGHT_PX}>
        <text x={0} y={11}>
          {texts.y}
        </text>
        {ticksOf(...yRange, TICKS_MAX).map((tick) => (
          <g key={tick}>
            <line class="grid" x1={LEFT_PX} x2={right} y1={yOf(tick)} y2={yOf(tick)} />
            <text x={LEFT_PX - 6} y={yOf(tick) + 4} text-anchor="end">
              {figure(tick)}
            </text>
          </g>
        ))}
        {ticksOf(...xRange, TICKS_MAX).map((tick) => (
          <text key={tick} x={xOf(tick)} y={bottom + 15} text-anchor="middle">
            {figure(tick)}
          </text>
        ))}
        <path class={residuals.length <= FEW ? "dots few" : "dots"} d={dots} />
        <line class="even" x1={LEFT_PX} x2={right} y1={yOf(0)} y2={yOf(0)} />
        <text x={right} y={bottom + 32} text-anchor="end">
          {texts.x}
        </text>
      </SvgPicture>
    </div>
  );
}
