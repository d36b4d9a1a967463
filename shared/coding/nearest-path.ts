/**
 * Orders the items as a greedy nearest-neighbour path, in place. It starts at the item farthest from their mean, so that the walk does
 * not begin in the middle and have to come back.
 *
 * O(m^2) distances for m items: m is at most K.
 * @param items rows of `points`
 * @param points rows x width, row-major
 * @example
 * const items = Uint32Array.of(0, 1, 2);
 * nearestNeighbourPath(items, Float32Array.of(0, 9, 1), 1);
 * items // -> [1, 2, 0]
 */
export function nearestNeighbourPath(items: Uint32Array, points: Float32Array, width: number): void {
  swap(items, 0, farthestFromMean(items, points, width));
  for (let place = 1; place < items.length; place++) {
    let nearest = place;
    let least = Number.POSITIVE_INFINITY;
    for (let other = place; other < items.length; other++) {
      const distance = squaredDistance(points, width, items[place - 1]!, items[other]!);
      if (distance >= least) continue;
      least = distance;
      nearest = other;
    }
    swap(items, place, nearest);
  }
}

function farthestFromMean(items: Uint32Array, points: Float32Array, width: number): number {
  const mean = new Float64Array(width);
  for (const item of items) for (let c = 0; c < width; c++) mean[c]! += points[item * width + c]! / items.length;
  let [farthest, most] = [0, -1];
  for (let place = 0; place < items.length; place++) {
    let distance = 0;
    for (let c = 0, at = items[place]! * width; c < width; c++, at++) distance += (points[at]! - mean[c]!) ** 2;
    if (distance > most) [farthest, most] = [place, distance];
  }
  return farthest;
}

function swap(items: Uint32Array, one: number, other: number): void {
  const held = items[one]!;
  items[one] = items[other]!;
  items[other] = held;
}

function squaredDistance(points: Float32Array, width: number, a: number, b: number): number {
  let sum = 0;
  for (let c = 0; c < width; c++) {
    const difference = points[a * width + c]! - points[b * width + c]!;
    sum += difference * difference;
  }
  return sum;
}
