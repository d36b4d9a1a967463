/** A colour for each label, the same everywhere: near labels differ much, as in the masks of PASCAL VOC, whose rule this is. */

/** @returns red, green and blue, 0 to 255; of the first label black */
export function labelColour(place: number): readonly [red: number, green: number, blue: number] {
  const colour: [number, number, number] = [0, 0, 0];
  for (let bit = 7, rest = place; rest > 0 && bit >= 0; bit--, rest >>= 3) {
    for (const c of [0, 1, 2] as const) colour[c] |= ((rest >> c) & 1) << bit;
  }
  return colour;
}
