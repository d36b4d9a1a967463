import { useMemo } from "preact/hooks";
import type { RegressionHistory } from "../../../shared/kinds/regression/job-view.ts";
import { loadedLater } from "../../ui/loaded-later.tsx";
import { figure, percent } from "../../ui/units.ts";
import { accuracyCurves, chartMarks, lossCurves } from "./chart-data.ts";
import { regressionTexts } from "./regression-texts.ts";

// It brings a library of charts along.
const CurveChart = loadedLater(async () => (await import("./curve-chart.tsx")).CurveChart);

const texts = regressionTexts.charts;

/** Loss and, where there are classes, accuracy over the iterations. */
export function RegressionCurves({ jobId, history }: { jobId: string; history: RegressionHistory }) {
  const loss = useMemo(() => lossCurves(history), [history]);
  const accuracy = useMemo(() => accuracyCurves(history), [history]);
  const marks = useMemo(() => chartMarks(history), [history]);
  const [first, last] = [history.points[0], history.points.at(-1)];
  if (first === undefined || last === undefined) return <p class="hint">{texts.none}</p>;
  return (
    <section aria-label={texts.title}>
      <h2>{texts.title}</h2>
      <CurveChart
        title={texts.loss}
        summary={texts.lossSummary(figure(first.loss), figure(last.loss), last.iteration + 1)}
        data={loss}
        marks={marks}
        least={0}
        most={Number.POSITIVE_INFINITY}
        cursorKey={jobId}
      />
      {accuracy !== null && (
        <CurveChart
          title={texts.accuracy}
          summary={texts.accuracySummary(percent(last.accuracy ?? 0), last.iteration + 1)}
          data={accuracy}
          marks={marks}
          least={0}
          most={1}
          cursorKey={jobId}
        />
      )}
      {marks.length > 0 && (
        <ul class="legend">
          {(["liar", "code"] as const)
            .filter((kind) => marks.some((mark) => mark.kind === kind))
            .map((kind) => (
              <li key={kind}>
                <svg class="chart-mark" viewBox="0 0 4 12" aria-hidden="true" focusable="false">
                  <line class={`chart-mark-${kind}`} x1="2" x2="2" y1="0" y2="12" />
                </svg>
                {texts[kind]}
              </li>
            ))}
        </ul>
      )}
    </section>
  );
}
