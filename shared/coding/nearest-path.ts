/**
 * Orders the items as a greedy nearest-neighbour path, in place. It starts at the lowest item, an end of the longest
 * direction, so that the walk does not begin in the middle and have to come back.
 *
 * O(m^2) distances for m items: m is at most K.
 * @param items rows of `points`
 * @param heights by row of `points`
 * @param points rows x width, row-major
 */
export function nearestNeighbourPath(
  items: Uint32Array,
  heights: Float64Array,
  points: Float32Array,
  width: number,
): void {
  for (let place = 0; place < items.length; place++) {
    let nearest = place;
    let least = Number.POSITIVE_INFINITY;
    for (let other = place; other < items.length; other++) {
      const key =
        place === 0 ? heights[items[other]!]! : squaredDistance(points, width, items[place - 1]!, items[other]!);
      if (key < least) {
        least = key;
        nearest = other;
      }
    }
    const held = items[place]!;
    items[place] = items[nearest]!;
    items[nearest] = held;
  }
}

function squaredDistance(points: Float32Array, width: number, a: number, b: number): number {
  let sum = 0;
  for (let c = 0; c < width; c++) {
    const difference = points[a * width + c]! - points[b * width + c]!;
    sum += difference * difference;
  }
  return sum;
}
