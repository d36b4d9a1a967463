/** Symbols drawn by a shaky hand: strokes, turned and bent a little by the seed, as white lines 8 pixels wide on black. */
import type { RandomSource } from "../../../shared/random/random.ts";
import { normal } from "../../../shared/random/simulation-random.ts";

type Point = readonly [x: number, y: number];
type Strokes = readonly (readonly Point[])[];

const LINE_WIDTH = 8;
const MARGIN = 20;
/** Of a point, as a share of the drawing; and of the whole, in radians. */
const SHAKE = 0.012;
const TURN = 0.06;

const arc = (cx: number, cy: number, rx: number, ry: number, from: number, to: number): Point[] =>
  Array.from({ length: 25 }, (_, i): Point => {
    const angle = from + ((to - from) * i) / 24;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
const { PI } = Math;

/** By the character that is meant. y points down. */
export const DRAWINGS: Readonly<Record<string, Strokes>> = {
  "→": [line([0, 0.5], [1, 0.5]), line([0.7, 0.25], [1, 0.5], [0.7, 0.75])],
  "↑": [line([0.5, 1], [0.5, 0]), line([0.25, 0.3], [0.5, 0], [0.75, 0.3])],
  "∑": [line([0.9, 0], [0, 0], [0.5, 0.5], [0, 1], [0.9, 1])],
  "∀": [line([0, 0], [0.5, 1], [1, 0]), line([0.2, 0.4], [0.8, 0.4])],
  "∃": [line([0, 0], [0.7, 0], [0.7, 1], [0, 1]), line([0.05, 0.5], [0.7, 0.5])],
  "∞": [[...arc(0.25, 0.5, 0.25, 0.22, 0, -2 * PI), ...arc(0.75, 0.5, 0.25, 0.22, PI, 3 * PI)]],
  "△": [line([0.5, 0], [1, 0.9], [0, 0.9], [0.5, 0])],
  "∫": [[...arc(0.65, 0.12, 0.15, 0.12, 0, -PI), [0.5, 0.5], ...arc(0.35, 0.88, 0.15, 0.12, 0, PI)]],
  "⊕": [arc(0.5, 0.5, 0.5, 0.5, 0, 2 * PI), line([0, 0.5], [1, 0.5]), line([0.5, 0], [0.5, 1])],
  "∈": [arc(0.6, 0.5, 0.5, 0.45, -PI / 2, (-3 * PI) / 2), line([0.1, 0.5], [0.65, 0.5])],
};

/** Other characters that look like it, alone on a page. */
const LOOKALIKES: Readonly<Record<string, string>> = { "→": "⟶", "∑": "Σ", "△": "Δ▵", "⊕": "⨁", "∈": "ϵ" };

/** Is that what was drawn, as far as anybody could tell? */
export function looksLike(meant: string, symbol: string): boolean {
  return meant === symbol || [...(LOOKALIKES[meant] ?? "")].includes(symbol);
}

export interface DrawnSymbols {
  /** count x side x side, 0 to 255 */
  readonly pixels: Uint8Array;
  /** The character that is meant, of each. */
  readonly meant: readonly string[];
}

/** Each drawing in turn, none like another. */
export function drawSymbols(count: number, side: number, random: RandomSource): DrawnSymbols {
  const all = Object.entries(DRAWINGS);
  const pixels = new Uint8Array(count * side * side);
  const meant: string[] = [];
  for (let i = 0; i < count; i++) {
    const [symbol, strokes] = all[i % all.length]!;
    meant.push(symbol);
    paint(pixels.subarray(i * side * side, (i + 1) * side * side), side, fitted(shaken(strokes, random), side));
  }
  return { pixels, meant };
}

/** Points along straight pieces, so that a shaky hand bends them too. */
function line(...corners: Point[]): Point[] {
  return corners.flatMap((corner, i) => {
    const next = corners[i + 1];
    if (next === undefined) return [corner];
    return Array.from({ length: 5 }, (_, n): Point => {
      const share = n / 5;
      return [corner[0] + share * (next[0] - corner[0]), corner[1] + share * (next[1] - corner[1])];
    });
  });
}

function shaken(strokes: Strokes, random: RandomSource): Strokes {
  const turn = TURN * normal(random);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return strokes.map((stroke) =>
    stroke.map(([x, y]): Point => {
      const [dx, dy] = [x + SHAKE * normal(random), y + SHAKE * normal(random)];
      return [cos * dx - sin * dy, sin * dx + cos * dy];
    }),
  );
}

/** As the model's own page draws them: as large as fits, in the middle. */
function fitted(strokes: Strokes, side: number): Strokes {
  const all = strokes.flat();
  const span = (axis: 0 | 1): [number, number] => {
    const values = all.map((point) => point[axis]);
    return [Math.min(...values), Math.max(...values)];
  };
  const [[left, right], [top, bottom]] = [span(0), span(1)];
  const scale = (side - MARGIN) / Math.max(right - left, bottom - top);
  const place = (value: number, low: number, high: number) => (value - (low + high) / 2) * scale + side / 2;
  return strokes.map((stroke) => stroke.map(([x, y]): Point => [place(x, left, right), place(y, top, bottom)]));
}

/** A pixel is as white as it is near to a line: half a pixel of softness at the edge. */
function paint(image: Uint8Array, side: number, strokes: Strokes): void {
  const reach = LINE_WIDTH / 2 + 1;
  for (const stroke of strokes) {
    for (let i = 0; i + 1 < stroke.length; i++) {
      const [a, b] = [stroke[i]!, stroke[i + 1]!];
      const range = (axis: 0 | 1): [number, number] => [
        Math.max(0, Math.floor(Math.min(a[axis], b[axis]) - reach)),
        Math.min(side - 1, Math.ceil(Math.max(a[axis], b[axis]) + reach)),
      ];
      const [[fromX, toX], [fromY, toY]] = [range(0), range(1)];
      for (let y = fromY; y <= toY; y++) {
        for (let x = fromX; x <= toX; x++) {
          const white = Math.min(1, Math.max(0, LINE_WIDTH / 2 + 0.5 - distance([x + 0.5, y + 0.5], a, b)));
          const at = y * side + x;
          image[at] = Math.max(image[at]!, Math.round(255 * white));
        }
      }
    }
  }
}

/** From a point to a piece of line. */
function distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}
