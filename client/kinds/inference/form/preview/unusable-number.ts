/** Numbers that tabs cannot compute with, found before anything is sent. Pure. */
import type { NpyArray } from "../../../../../shared/protocol/npy.ts";
import { problemTexts as texts } from "../submit-texts.ts";
import { rowSize } from "./query-rows.ts";

/** What of the numbers themselves no tab can compute with; null: nothing. */
export function unusableNumber({ dtype, data, shape }: NpyArray): string | null {
  const size = Math.max(1, rowSize(shape));
  const at = (place: number): [number, number] => [Math.floor(place / size), place % size];
  if (data instanceof Float32Array || data instanceof Float64Array) {
    const place = data.findIndex((value) => !Number.isFinite(Math.fround(value)));
    return place < 0 ? null : texts.notFinite(String(data[place]), ...at(place));
  }
  for (let place = 0; place < data.length; place++) {
    const value = data[place]!;
    if (Number(value) !== Math.fround(Number(value)) || !Number.isSafeInteger(Number(value))) {
      return texts.tooLarge(String(value), dtype.toLowerCase(), ...at(place));
    }
  }
  return null;
}
