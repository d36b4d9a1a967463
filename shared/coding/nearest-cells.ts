/**
 * The points nearest to a point, where points that follow one another are alike: those in a row are a cell, and the cells with the
 * nearest centres are looked through. A part of a tree would be another cell; here the order itself has been made by one (locality.ts).
 */

/** Points in a row that are a cell. */
export const CELL_POINTS = 32;
/**
 * Cells that are looked through for one point. Of 10,000 images .002 of the labels fewer are hit by neighbours than with all cells, in a
 * quarter of the time (MNIST .942 for .944, Fashion-MNIST .841 for .842).
 */
export const CELLS_SEARCHED = 16;
/** Cells among which those are chosen, for several points that are alike: one ranking of all cells serves them all. */
const CELLS_SHORTLISTED = 48;
/** Components that are compared before a candidate is given up: the first ones carry most of a distance. */
const COMPONENTS_AT_A_TIME = 8;

export interface Cells {
  /** n x width, row-major */
  readonly points: Float32Array;
  readonly width: number;
  /** Each begins at point CELL_POINTS x its number. */
  readonly numbers: Uint32Array;
  /** One a cell, in the order of `numbers`. */
  readonly centres: Float32Array;
}

/**
 * |cells| x width: of each cell the mean of its points, n x width.
 * @example cellCentres(Float32Array.of(1, 3), 1) // -> [2]
 */
export function cellCentres(points: Float32Array, width: number): Float32Array {
  const centres = new Float32Array(Math.ceil(points.length / width / CELL_POINTS) * width);
  for (let from = 0, cell = 0; from < points.length; from += CELL_POINTS * width, cell++) {
    const to = Math.min(points.length, from + CELL_POINTS * width);
    for (let at = from; at < to; at += width) {
      for (let c = 0; c < width; c++) centres[cell * width + c]! += (points[at + c]! * width) / (to - from);
    }
  }
  return centres;
}

/**
 * @param centres of cellCentres
 * @param isWanted n flags: a cell without a wanted point is left out; unwanted points of the other cells stay
 * @example
 * const points = Float32Array.of(1, 3);
 * cellsOf(points, 1, cellCentres(points, 1), Uint8Array.of(1, 0)).numbers // -> [0]
 */
export function cellsOf(points: Float32Array, width: number, centres: Float32Array, isWanted: Uint8Array): Cells {
  const all = { points, width, centres };
  const numbers = Uint32Array.from({ length: Math.ceil(isWanted.length / CELL_POINTS) }, (_, cell) => cell);
  const some = numbers.filter((cell) => isWanted.subarray(cell * CELL_POINTS, (cell + 1) * CELL_POINTS).includes(1));
  return some.length === numbers.length ? { ...all, numbers } : these({ ...all, numbers }, some);
}

/**
 * The cells worth searching for points near `centre`, which has the width of the cells.
 * @example
 * const points = Float32Array.of(1, 3);
 * shortlist(cellsOf(points, 1, cellCentres(points, 1), Uint8Array.of(1, 1)), Float32Array.of(0)).numbers // -> [0]
 */
export function shortlist(cells: Cells, centre: Float32Array): Cells {
  const places = nearestPlaces(cells, centre, 0, CELLS_SHORTLISTED);
  return places === null ? cells : these(cells, places);
}

/**
 * Puts the nearest points into `nearest`, whatever was there; of equal distances the earlier is nearer. Exact where there are no
 * more than CELLS_SEARCHED cells.
 * @param at where in `rows` the point begins that is compared with
 * @param isExcluded is this point, by its number, to be passed over? Asked of near points alone
 * @example
 * const [points, nearest] = [Float32Array.of(1, 3, 8), nearestItems(2)];
 * const cells = cellsOf(points, 1, cellCentres(points, 1), Uint8Array.of(1, 1, 1));
 * findNearest(cells, Float32Array.of(7), 0, nearest, () => false);
 * nearest.items // -> [2, 1]
 */
export function findNearest(
  cells: Cells,
  rows: Float32Array,
  at: number,
  nearest: NearestItems,
  isExcluded: (point: number) => boolean,
): void {
  clear(nearest);
  const { points, width, numbers } = cells;
  const places = nearestPlaces(cells, rows, at, CELLS_SEARCHED);
  const count = points.length / width;
  for (let n = 0; n < (places ?? numbers).length; n++) {
    const from = numbers[places === null ? n : places[n]!]! * CELL_POINTS;
    const to = Math.min(count, from + CELL_POINTS);
    insertNear(nearest, rows, at, points, width, from, to, isExcluded);
  }
}

/** Those of the points from `from` to before `to` that are near enough. */
function insertNear(
  nearest: NearestItems,
  rows: Float32Array,
  at: number,
  points: Float32Array,
  width: number,
  from: number,
  to: number,
  isExcluded: (point: number) => boolean,
): void {
  let point = from;
  for (; point + POINTS_AT_ONCE <= to; point += POINTS_AT_ONCE) {
    if (!squaredDistances(rows, at, points, point * width, width, nearest.farthest)) continue;
    for (let k = 0; k < POINTS_AT_ONCE; k++) {
      const distance = distances[k]!;
      if (distance <= nearest.farthest && !isExcluded(point + k)) insert(nearest, point + k, distance);
    }
  }
  for (; point < to; point++) {
    const distance = squaredDistance(rows, at, points, point * width, width);
    if (distance <= nearest.farthest && !isExcluded(point)) insert(nearest, point, distance);
  }
}

const none = () => false;

/** Places in the list of cells of those whose centres are nearest to the point that begins at `at`; null: there are no more than `count`. */
function nearestPlaces(cells: Cells, rows: Float32Array, at: number, count: number): Uint32Array | null {
  const { width, numbers, centres } = cells;
  if (numbers.length <= count) return null;
  const nearest = nearestItems(count);
  insertNear(nearest, rows, at, centres, width, 0, numbers.length, none);
  return nearest.items;
}

/** @param places of cells in their list */
function these({ points, width, numbers, centres }: Cells, places: Uint32Array): Cells {
  const found = new Float32Array(places.length * width);
  for (let n = 0, to = 0; n < places.length; n++) {
    for (let c = 0, from = places[n]! * width; c < width; c++) found[to++] = centres[from++]!;
  }
  return { points, width, numbers: places.map((place) => numbers[place]!), centres: found };
}

/** Points whose distances are added up at the same time: a processor waits for each sum before it adds to it again. */
const POINTS_AT_ONCE = 4;
/** Of such points, as squaredDistances leaves them. */
const distances = new Float64Array(POINTS_AT_ONCE);

/**
 * Puts into `distances` the squared distances of the point that begins at `atOne` to the four points from `atOther` on. Each is added up in the order of
 * the components, whatever is beside it.
 * @returns is any of them `enough` or less? If not, what they are is not said
 */
function squaredDistances(
  one: Float32Array,
  atOne: number,
  other: Float32Array,
  atOther: number,
  width: number,
  enough: number,
): boolean {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const [to1, to2, to3] = [width, 2 * width, 3 * width];
  for (let from = 0; from < width; from += COMPONENTS_AT_A_TIME) {
    const to = Math.min(width, from + COMPONENTS_AT_A_TIME);
    for (let c = from, b = atOther + from; c < to; c++, b++) {
      const value = one[atOne + c]!;
      const d0 = value - other[b]!;
      const d1 = value - other[b + to1]!;
      const d2 = value - other[b + to2]!;
      const d3 = value - other[b + to3]!;
      s0 += d0 * d0;
      s1 += d1 * d1;
      s2 += d2 * d2;
      s3 += d3 * d3;
    }
    if (s0 > enough && s1 > enough && s2 > enough && s3 > enough) return false;
  }
  distances[0] = s0;
  distances[1] = s1;
  distances[2] = s2;
  distances[3] = s3;
  return true;
}

/** @returns the squared distance */
function squaredDistance(
  one: Float32Array,
  atOne: number,
  other: Float32Array,
  atOther: number,
  width: number,
): number {
  let distance = 0;
  for (let c = 0; c < width; c++) {
    const difference = one[atOne + c]! - other[atOther + c]!;
    distance += difference * difference;
  }
  return distance;
}

/** The nearest so far, nearest first. */
export interface NearestItems {
  readonly items: Uint32Array;
  readonly distances: Float64Array;
  count: number;
  /** The distance of the last item while all room is taken, else infinite: items farther away change nothing. */
  farthest: number;
}

/**
 * Room for `most` items, none of them found yet.
 * @example nearestItems(2).items.length // -> 2
 */
export function nearestItems(most: number): NearestItems {
  const [items, distances] = [new Uint32Array(most), new Float64Array(most)];
  return { items, distances, count: 0, farthest: Number.POSITIVE_INFINITY };
}

function clear(nearest: NearestItems): void {
  nearest.count = 0;
  nearest.farthest = Number.POSITIVE_INFINITY;
}

/** Where all room is taken, the farthest item makes room. */
function insert(nearest: NearestItems, item: number, distance: number): void {
  const { items, distances } = nearest;
  const most = items.length;
  let place = nearest.count;
  while (place > 0 && isNearer(distance, item, distances[place - 1]!, items[place - 1]!)) place--;
  if (place === most) return;
  if (nearest.count < most) nearest.count++;
  for (let n = nearest.count - 1; n > place; n--) {
    items[n] = items[n - 1]!;
    distances[n] = distances[n - 1]!;
  }
  items[place] = item;
  distances[place] = distance;
  if (nearest.count === most) nearest.farthest = distances[most - 1]!;
}

function isNearer(distance: number, item: number, otherDistance: number, otherItem: number): boolean {
  return distance < otherDistance || (distance === otherDistance && item < otherItem);
}
