/** A picture of measured curves: a dot a measured point, joined by straight lines, both axes by ratios. Plain SVG, by numbers alone. */
import { escapeHtml } from "../../shared/protocol/escape-html.ts";
import { FAINT, INK } from "./dot-plot.ts";

export interface Curve {
  readonly title: string;
  readonly colour: string;
  /** By x, both above zero. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LinePlot {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly curves: readonly Curve[];
}

const WIDTH = 760;
const HEIGHT = 400;
const BOX = { left: 70, right: 560, top: 58, bottom: 340 };
const Y_TICKS = [0.5, 1, 2, 4, 8, 16];
/** Titles of curves that end close to each other are moved apart to this. */
const TITLE_PX = 16;

/**
 * @example
 * linePlot({ title: "t", xTitle: "x", yTitle: "y", curves: [{ title: "a", colour: "#000", points: [[1, 1], [10, 8]] }] })
 */
export function linePlot({ title, xTitle, yTitle, curves }: LinePlot): string {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const ys = curves.flatMap(({ points }) => points.map(([, y]) => y));
  const yTicks = Y_TICKS.filter((tick) => tick <= 2 * Math.max(...ys) && tick >= Math.min(...ys) / 2);
  const x = scale([xs[0]!, xs.at(-1)!], [BOX.left + 12, BOX.right - 12]);
  const y = scale([Math.min(...ys, ...yTicks), Math.max(...ys, ...yTicks)], [BOX.bottom - 10, BOX.top + 10]);
  const text = (at: readonly [number, number], words: string, more = "") =>
    `<text x="${at[0]}" y="${at[1]}" fill="${INK}"${more}>${escapeHtml(words)}</text>`;
  const middle = ' text-anchor="middle"';
  const ends = titlePlaces(curves.map(({ points }) => y(points.at(-1)![1])));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${escapeHtml(title)}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fafaf8" rx="10"/>`,
    text([20, 26], title, ' font-weight="700" font-size="14"'),
    text([20, 46], yTitle, ' font-size="12"'),
    `<rect x="${BOX.left}" y="${BOX.top}" width="${BOX.right - BOX.left}" height="${BOX.bottom - BOX.top}" fill="#fff" stroke="${FAINT}"/>`,
    ...yTicks.map((tick) => `<path d="M${BOX.left} ${y(tick)}H${BOX.right}" stroke="${tick === 1 ? INK : FAINT}"/>`),
    ...yTicks.map((tick) => text([BOX.left - 10, y(tick) + 4], String(tick), ' text-anchor="end"')),
    ...xs.map((tick) => text([x(tick), BOX.bottom + 20], String(tick), middle)),
    text([(BOX.left + BOX.right) / 2, BOX.bottom + 42], xTitle, middle),
    ...curves.map(({ colour, points }) => {
      const path = points.map(([px, py]) => `${x(px)} ${y(py)}`).join("L");
      return `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"/>`;
    }),
    ...curves.flatMap(({ colour, points }) =>
      points.map(([px, py]) => `<circle cx="${x(px)}" cy="${y(py)}" r="4" fill="${colour}"/>`),
    ),
    ...curves.map(
      ({ title, colour }, i) =>
        `<text x="${BOX.right + 12}" y="${ends[i]! + 4}" fill="${colour}">${escapeHtml(title)}</text>`,
    ),
    "</svg>",
    "",
  ].join("\n");
}

/** By ratios: twice as much is as far everywhere. */
function scale([from, to]: readonly [number, number], [start, end]: readonly [number, number]) {
  const whole = Math.log(to / from) || 1;
  return (value: number) => Number((start + ((end - start) * Math.log(value / from)) / whole).toFixed(1));
}

/** From the top down, none nearer than a line to the one above it. */
function titlePlaces(wanted: readonly number[]): number[] {
  const places = [...wanted];
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
  order.forEach((i, n) => {
    if (n > 0) places[i] = Math.max(places[i]!, places[order[n - 1]!]! + TITLE_PX);
  });
  return places;
}
