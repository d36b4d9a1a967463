/** A picture of measured means with their intervals: a panel a case, a line a way, a dot a mean. Plain SVG, by numbers alone. */
import { escapeHtml } from "../../shared/protocol/escape-html.ts";

export interface Dot {
  readonly mean: number;
  /** Half of the interval; null where there is none. */
  readonly halfWidth: number | null;
}

export interface PlotLine {
  readonly title: string;
  readonly colour: string;
  /** In the order of the panels. */
  readonly dots: readonly Dot[];
}

export interface Plot {
  readonly title: string;
  readonly panels: readonly string[];
  readonly lines: readonly PlotLine[];
}

const LABELS_WIDTH = 250;
const PANEL_WIDTH = 150;
const PANEL_GAP = 18;
const LINE_HEIGHT = 24;
const TOP = 64;
const BOTTOM = 34;
export const INK = "#17343a";
export const FAINT = "#cfd8d6";
const PADDING = 0.08;

/**
 * Each panel has its own scale, from the least to the most of its dots, whiskers included.
 * @example
 * dotPlot({ title: "t", panels: ["mnist"], lines: [{ title: "a", colour: "#000", dots: [{ mean: 0.9, halfWidth: 0.1 }] }] })
 */
export function dotPlot({ title, panels, lines }: Plot): string {
  const width = LABELS_WIDTH + panels.length * (PANEL_WIDTH + PANEL_GAP) + PANEL_GAP;
  const height = TOP + lines.length * LINE_HEIGHT + BOTTOM;
  const labels = lines.map(({ title, colour }, i) => {
    return `<text x="${LABELS_WIDTH - 12}" y="${middleOf(i) + 4}" text-anchor="end" fill="${colour}">${escapeHtml(title)}</text>`;
  });
  const drawn = panels.map((panel, p) => panelOf(panel, p, lines));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${escapeHtml(title)}">`,
    `<rect width="${width}" height="${height}" fill="#fafaf8" rx="10"/>`,
    `<text x="20" y="26" font-weight="700" font-size="14" fill="${INK}">${escapeHtml(title)}</text>`,
    ...labels,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

const middleOf = (line: number) => TOP + line * LINE_HEIGHT + LINE_HEIGHT / 2;

function panelOf(panel: string, p: number, lines: readonly PlotLine[]): string {
  const left = LABELS_WIDTH + p * (PANEL_WIDTH + PANEL_GAP);
  const bottom = TOP + lines.length * LINE_HEIGHT;
  const dots = lines.map(({ dots }) => dots[p]!);
  const least = Math.min(...dots.map(({ mean, halfWidth }) => mean - (halfWidth ?? 0)));
  const most = Math.max(...dots.map(({ mean, halfWidth }) => mean + (halfWidth ?? 0)));
  const margin = Math.max(most - least, Number.EPSILON) * PADDING;
  const scale = PANEL_WIDTH / (most - least + 2 * margin);
  const x = (value: number) => Number((left + (value - least + margin) * scale).toFixed(1));
  const marks = lines.map(({ colour }, i) => {
    const { mean, halfWidth } = dots[i]!;
    const y = middleOf(i);
    const whisker =
      halfWidth === null ? "" : `<path d="M${x(mean - halfWidth)} ${y}H${x(mean + halfWidth)}" stroke="${colour}"/>`;
    return `${whisker}<circle cx="${x(mean)}" cy="${y}" r="4.5" fill="${colour}"/>`;
  });
  const ends = [least, most].map((value) => {
    return `<text x="${x(value)}" y="${bottom + 20}" text-anchor="middle" font-size="11" fill="${INK}">${value.toFixed(2).replace(/^0/, "")}</text>`;
  });
  return [
    `<rect x="${left}" y="${TOP}" width="${PANEL_WIDTH}" height="${bottom - TOP}" fill="#fff" stroke="${FAINT}"/>`,
    `<text x="${left + PANEL_WIDTH / 2}" y="${TOP - 10}" text-anchor="middle" fill="${INK}">${escapeHtml(panel)}</text>`,
    ...marks,
    ...ends,
  ].join("\n");
}
