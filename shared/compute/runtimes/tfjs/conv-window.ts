/** A window that slides over rows or columns: convolution and pooling, in layers and in graphs. */
import { fail } from "../../model-json.ts";

export interface Window {
  /** rows, columns */
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: "same" | "valid";
}

/** Rows and columns of the output. `same`: ceil(n / stride); `valid`: the windows that lie fully inside. */
export function windowOutput(rows: number, columns: number, window: Window, what: string): [number, number] {
  const along = (length: number, axis: 0 | 1): number => {
    const reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
    const starts = window.padding === "same" ? length : length - reach + 1;
    const output = Math.ceil(starts / window.strides[axis]);
    return output >= 1 ? output : fail(what, `at least ${reach} rows or columns under the window`, length);
  };
  return [along(rows, 0), along(columns, 1)];
}
