import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type ChartData, type ChartMark, hasHeldOut, rangeOf } from "./chart-data.ts";
import { regressionTexts } from "./regression-texts.ts";

const texts = regressionTexts.charts;
const HEIGHT_PX = 200;
/** A line needs two ends; more points than these are drawn as lines alone. */
const DOTS_MAX = 2;
/** Between two iterations there is none. */
const WHOLE_STEPS = [1, 10, 100, 1_000, 10_000].flatMap((ten) => [ten, 2 * ten, 5 * ten]);
const DARK = "(prefers-color-scheme: dark)";

interface CurveChartProps {
  readonly title: string;
  /** Says to whoever does not see the picture what it shows. */
  readonly summary: string;
  readonly data: ChartData;
  readonly marks: readonly ChartMark[];
  /** What values may be. */
  readonly least: number;
  readonly most: number;
  /** Charts with the same key show the same iteration under the pointer. */
  readonly cursorKey: string;
}

/** One or two curves over the iterations, with lines where liars were named and codes changed. */
export function CurveChart(props: CurveChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const isDouble = hasHeldOut(props.data);

  // A new chart where its parts or the page's colours change; new points only go into it.
  useEffect(() => {
    const dark = matchMedia(DARK);
    const element = place.current!;
    const draw = () => {
      chart.current?.destroy();
      chart.current = drawChart(element, latest, isDouble);
    };
    draw();
    const observer = new ResizeObserver(() => {
      // The page lets go of the element before it ends the effect.
      const width = element.clientWidth;
      if (width > 0 && width !== chart.current?.width) chart.current?.setSize({ width, height: HEIGHT_PX });
    });
    observer.observe(element);
    dark.addEventListener("change", draw);
    return () => {
      dark.removeEventListener("change", draw);
      observer.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, [isDouble]);

  useEffect(() => chart.current?.setData(alignedData(props.data, isDouble)), [props.data, props.marks, isDouble]);

  return (
    <figure class="chart">
      <figcaption>{props.title}</figcaption>
      <div role="img" aria-label={props.summary} ref={place} />
    </figure>
  );
}

/** As wide as the room beside an axis; ticks are round, so that little is lost. */
function inShort(value: number): string {
  return Math.abs(value) >= 1e4 ? value.toExponential(1) : String(Number(value.toPrecision(6)));
}

function alignedData({ iterations, trained, heldOut }: ChartData, isDouble: boolean): uPlot.AlignedData {
  return isDouble ? [iterations, trained, heldOut] : [iterations, trained];
}

function drawChart(place: HTMLElement, props: { readonly current: CurveChartProps }, isDouble: boolean): uPlot {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: colour("ink-soft"),
    grid: { stroke: colour("line"), width: 1 },
    ticks: { stroke: colour("line"), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
  const { data, least, most, title, cursorKey } = props.current;
  const points = { show: (chart: uPlot) => chart.data[0].length <= DOTS_MAX };
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: HEIGHT_PX,
    scales: { x: { time: false }, y: { range: () => rangeOf(props.current.data, least, most) } },
    axes: [
      { ...axis, size: 30, incrs: WHOLE_STEPS },
      { ...axis, size: 68, values: (_chart, losses) => losses.map(inShort) },
    ],
    series: [
      { label: texts.iteration },
      { label: `${title}, ${texts.trained}`, stroke: colour("mark-exact"), width: 2, points },
      ...(isDouble
        ? [{ label: texts.heldOut, stroke: colour("mark-estimated"), width: 2, dash: [6, 4], spanGaps: true, points }]
        : []),
    ],
    cursor: { y: false, sync: { key: cursorKey } },
    hooks: { draw: [(chart) => drawMarks(chart, props.current.marks, { liar: colour("bad"), code: colour("fair") })] },
  };
  return new uPlot(options, alignedData(data, isDouble), place);
}

function drawMarks(chart: uPlot, marks: readonly ChartMark[], colours: Record<ChartMark["kind"], string>): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  for (const { iteration, kind } of marks) {
    const x = Math.round(chart.valToPos(iteration, "x", true));
    if (!(x >= bbox.left && x <= bbox.left + bbox.width)) continue;
    ctx.strokeStyle = colours[kind];
    ctx.setLineDash(kind === "liar" ? [] : [4 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}
