/** What the columns of X are like: how large their entries are, which are whole numbers, and what an outlier leaves of the rest. */
import { median } from "../../../../shared/numbers/quantile.ts";
import { DataError } from "../../../coded/engine/data-error.ts";
import type { NumberTable } from "../../../coded/engine/number-table.ts";

export interface FeatureSource extends NumberTable {
  /** x = value * inputScale */
  readonly inputScale: number;
}

/** A column of whole numbers up to this size is taken as it is, so that counts and pixels are exact. */
export const WHOLE_FEATURE_MAX = 4_095;
/** A column of smaller numbers counts as zero: its scale would leave the range of Float64. */
const PEAK_LEAST = 2 ** -900;
/** A column's usual largest entry is so many times its root mean square; for most data its largest one is below that. */
const USUAL_PEAK = 4;
/** Its largest entry may be so many times the usual one: then that one, and no more, is given up in precision for the rest. */
const OUTLIER_ROOM = 16;
/** Entries of a column of which the typical one is taken. */
const TYPICAL_OF_MAX = 1_001;
/** Columns that are told of. */
const OUTLIERS_MAX = 5;

export interface Columns {
  /** Largest sizes, as uploaded. */
  readonly peaks: Float64Array;
  /** What is divided into steps: the usual largest entry, which others exceed up to OUTLIER_ROOM times; the peak of exact columns. */
  readonly ranges: Float64Array;
  /** 1: whole numbers that are taken as they are, or times a power of two; columns of next to nothing too. */
  readonly isExact: Uint8Array;
  /** Columns that are the same number in every row: an intercept, or of no use. */
  readonly constantColumns: readonly number[];
}

/** A column whose largest entry is far above the typical one. */
export interface Outlier {
  readonly column: number;
  readonly row: number;
  readonly value: number;
  /** The median size of entries that are not 0. */
  readonly typical: number;
  /** Bits of a step's range that the typical entry has not: log2(range / typical). */
  readonly bitsLost: number;
}

/** What rounding is planned from (rounding.ts). Norms are the largest of any column, and of any row, each column in units of its range. */
export interface FeatureFacts {
  readonly rows: number;
  readonly columns: number;
  readonly exactColumns: number;
  /** The largest entry of exact columns. */
  readonly wholePeak: number;
  readonly columnNorm: number;
  readonly rowNorm: number;
  /** The worst first. */
  readonly outliers: readonly Outlier[];
}

/** @throws DataError where a value is not finite (row and column are named) or the shape is not the values' */
export function surveyColumns(source: FeatureSource): Columns {
  requireTable(source);
  const { values, rows, columns, inputScale } = source;
  const peaks = new Float64Array(columns);
  const isWhole = new Uint8Array(columns).fill(1);
  const isConstant = new Uint8Array(columns).fill(1);
  for (let i = 0, r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++, i++) {
      const value = values[i]!;
      const size = Math.abs(value);
      // Written so that NaN fails too.
      if (!(size < Number.POSITIVE_INFINITY)) {
        throw new DataError(`X: expected finite numbers, got ${value} in row ${r}, column ${j}`);
      }
      if (size > peaks[j]!) peaks[j] = size;
      if (!Number.isInteger(value)) isWhole[j] = 0;
      if (value !== values[j]) isConstant[j] = 0;
    }
  }
  const isExact = Uint8Array.from(peaks, (peak, j) => {
    const isNothing = Math.min(peak, peak * inputScale) < PEAK_LEAST;
    return isNothing || (isWhole[j] === 1 && peak <= WHOLE_FEATURE_MAX) ? 1 : 0;
  });
  const roots = relativeRoots(source, peaks);
  const ranges = peaks.map((peak, j) =>
    isExact[j] === 1 ? peak : peak * Math.min(1, Math.max(USUAL_PEAK * roots[j]!, 1 / OUTLIER_ROOM)),
  );
  const constantColumns = Array.from(isConstant.keys()).filter((j) => isConstant[j] === 1);
  return { peaks, ranges, isExact, constantColumns };
}

/** @throws as surveyColumns */
export function surveyFeatures(source: FeatureSource): FeatureFacts {
  const { peaks, ranges, isExact } = surveyColumns(source);
  const { values, rows, columns } = source;
  const columnSquares = new Float64Array(columns);
  let largestRow = 0;
  for (let i = 0, r = 0; r < rows; r++) {
    let square = 0;
    for (let j = 0; j < columns; j++, i++) {
      if (peaks[j]! < PEAK_LEAST) continue;
      const term = (values[i]! / ranges[j]!) ** 2;
      columnSquares[j]! += term;
      square += term;
    }
    largestRow = Math.max(largestRow, square);
  }
  return {
    rows,
    columns,
    exactColumns: isExact.reduce((count, one) => count + one, 0),
    wholePeak: peaks.reduce((most, peak, j) => (isExact[j] === 1 ? Math.max(most, peak) : most), 0),
    columnNorm: Math.sqrt(columnSquares.reduce((a, b) => Math.max(a, b), 0)),
    rowNorm: Math.sqrt(largestRow),
    outliers: outliersOf(source, ranges, isExact),
  };
}

/** The worst that whole numbers up to `peak` can come to: what is said of data that is not looked at. */
export function factsOfWholeNumbers(rows: number, columns: number, wholePeak: number): FeatureFacts {
  const [columnNorm, rowNorm] = [Math.sqrt(rows), Math.sqrt(columns)];
  return { rows, columns, exactColumns: columns, wholePeak, columnNorm, rowNorm, outliers: [] };
}

function requireTable({ values, rows, columns, inputScale }: FeatureSource): void {
  if (values.length !== rows * columns || rows < 1 || columns < 1) {
    throw new DataError(`X: expected rows x columns numbers, got ${values.length} for ${rows} x ${columns}`);
  }
  if (!(inputScale > 0 && Number.isFinite(inputScale))) {
    throw new DataError(`X: expected an input scale above 0, got ${inputScale}`);
  }
}

/** Root mean squares over the peaks, so that no square overflows. */
function relativeRoots({ values, rows, columns }: FeatureSource, peaks: Float64Array): Float64Array {
  const squares = new Float64Array(columns);
  for (let i = 0, r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++, i++) if (peaks[j]! > 0) squares[j]! += (values[i]! / peaks[j]!) ** 2;
  }
  return squares.map((square) => Math.sqrt(square / rows));
}

function outliersOf({ values, rows, columns }: FeatureSource, ranges: Float64Array, isExact: Uint8Array): Outlier[] {
  const stride = Math.ceil(rows / TYPICAL_OF_MAX);
  const found: Outlier[] = [];
  for (let j = 0; j < columns; j++) {
    if (isExact[j] === 1) continue;
    const sizes: number[] = [];
    let row = 0;
    for (let r = 0; r < rows; r++) {
      const size = Math.abs(values[r * columns + j]!);
      if (size > Math.abs(values[row * columns + j]!)) row = r;
      if (r % stride === 0 && size > 0) sizes.push(size);
    }
    const typical = median(sizes);
    if (typical === null) continue;
    found.push({
      column: j,
      row,
      value: values[row * columns + j]!,
      typical,
      bitsLost: Math.log2(ranges[j]! / typical),
    });
  }
  return found.sort((a, b) => b.bitsLost - a.bitsLost).slice(0, OUTLIERS_MAX);
}
