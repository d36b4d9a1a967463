/**
 * From a table as it was uploaded to the matrix that is learned from. A column of numbers is one *term*, a column of categories one for each of
 * its levels (1 where the cell is it, else 0). Everything is computed from the rows that are trained on, in Float64 and in their order, so
 * that whoever has the file gets the same bits.
 *
 *     v = (cell - centre) / divisor     what is learned from; the matrix that is coded has cell - centre
 *
 * With an intercept that is free the centre changes no model, only how finely numbers are rounded. So whole numbers are centred by a
 * whole number, and stay exact.
 */
import { DataError } from "../../../../coded/engine/data-error.ts";
import type { NumberTable, TableValues } from "../../../../coded/engine/number-table.ts";
import { scoresOf } from "../predict.ts";
import type { FeatureSource } from "../survey.ts";

export interface TableSettings {
  readonly standardise: boolean;
  readonly intercept: boolean;
  /** How many levels the columns of categories have; a cell holds the place of its level. */
  readonly categories: readonly { readonly column: number; readonly levels: number }[];
  /** This number is an empty cell; null: there are none. */
  readonly gap: number | null;
}

/** One column of the matrix that is learned from. */
export interface Term {
  /** The column's place in the table. */
  readonly column: number;
  /** null: the number itself. */
  readonly level: number | null;
  /** x = cell * unit */
  readonly unit: number;
  /** The mean of the known cells, not yet times the unit; an empty cell of numbers counts as the mean. */
  readonly mean: number;
  readonly centre: number;
  /** v = (cell - centre) / divisor */
  readonly divisor: number;
  /** The same in every row that is trained on. */
  readonly isConstant: boolean;
}

/** Whole numbers of this size are still centred exactly. */
const WHOLE_MAX = 2 ** 52;
/** What a matrix of whole numbers is kept in. */
const SHORT_MAX = 2 ** 15 - 1;

/**
 * @param rows that are trained on
 * @throws DataError where a cell is no level of its column, or numbers are too large for their variance
 */
export function fitTable(
  table: NumberTable,
  inputScale: number,
  rows: ArrayLike<number>,
  settings: TableSettings,
): Term[] {
  const levelsOf = new Map(settings.categories.map(({ column, levels }) => [column, levels]));
  requireLevels(table, levelsOf, settings.gap);
  const terms: Term[] = [];
  for (let column = 0; column < table.columns; column++) {
    const levels = levelsOf.get(column);
    const cells = cellsOf(table, column, rows, settings.gap);
    if (levels === undefined) terms.push(numberTerm(column, cells, inputScale, settings));
    else for (let level = 0; level < levels; level++) terms.push(levelTerm(column, level, cells, settings));
  }
  return terms;
}

/** Cells of the rows that are trained on; NaN: empty. */
function cellsOf({ values, columns }: NumberTable, column: number, rows: ArrayLike<number>, gap: number | null) {
  const cells = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const cell = values[rows[i]! * columns + column]!;
    cells[i] = cell === gap ? Number.NaN : cell;
  }
  return cells;
}

function numberTerm(column: number, cells: Float64Array, inputScale: number, settings: TableSettings): Term {
  let [known, sum, isWhole, isConstant, first] = [0, 0, true, true, Number.NaN];
  for (const cell of cells) {
    if (Number.isNaN(cell)) continue;
    if (known === 0) first = cell;
    known++;
    sum += cell;
    if (cell !== first) isConstant = false;
    if (!Number.isInteger(cell) || Math.abs(cell) > WHOLE_MAX) isWhole = false;
  }
  if (known === 0) return { column, level: null, unit: inputScale, mean: 0, centre: 0, divisor: 1, isConstant: true };
  const rough = isConstant ? first : sum / known;
  let [rest, squares] = [0, 0];
  for (const cell of cells) if (!Number.isNaN(cell)) rest += cell - rough;
  const mean = isConstant ? first : rough + rest / known;
  // Empty cells count as the mean.
  for (const cell of cells) if (!Number.isNaN(cell)) squares += (cell - mean) ** 2;
  const deviation = Math.sqrt(squares / cells.length);
  if (!Number.isFinite(deviation)) {
    throw new DataError(`X: expected numbers whose squares are below 1e308, got larger ones in column ${column}`);
  }
  return {
    column,
    level: null,
    unit: inputScale,
    mean,
    centre: settings.intercept ? (isWhole ? Math.round(mean) : mean) : 0,
    divisor: divisorOf(deviation, inputScale, settings),
    isConstant,
  };
}

function levelTerm(column: number, level: number, cells: Float64Array, settings: TableSettings): Term {
  const count = cells.reduce((sum, cell) => sum + (cell === level ? 1 : 0), 0);
  const mean = count / cells.length;
  const centre = settings.intercept ? Math.round(mean) : 0;
  const divisor = divisorOf(Math.sqrt(mean * (1 - mean)), 1, settings);
  return { column, level, unit: 1, mean, centre, divisor, isConstant: count === 0 || count === cells.length };
}

/** A constant column is left as it is. */
function divisorOf(deviation: number, unit: number, { standardise }: TableSettings): number {
  return standardise && deviation > 0 ? deviation : 1 / unit;
}

function requireLevels(
  { values, rows, columns }: NumberTable,
  levelsOf: ReadonlyMap<number, number>,
  gap: number | null,
) {
  for (const [column, levels] of levelsOf) {
    for (let row = 0; row < rows; row++) {
      const cell = values[row * columns + column]!;
      if (cell === gap || (Number.isInteger(cell) && cell >= 0 && cell < levels)) continue;
      throw new DataError(
        `X: expected the place of a level, 0 to ${levels - 1}, in column ${column}, got ${cell} in row ${row}`,
      );
    }
  }
}

/** cell - centre of some rows: rows x terms. Of whole numbers in the room that they need. */
export function matrixOf(
  { values, columns }: NumberTable,
  rows: ArrayLike<number>,
  terms: readonly Term[],
  gap: number | null,
): FeatureSource {
  const all = new Float64Array(rows.length * terms.length);
  let isShort = true;
  for (let i = 0, at = 0; i < rows.length; i++) {
    const start = rows[i]! * columns;
    for (const { column, level, mean, centre } of terms) {
      const cell = values[start + column]!;
      const value = (level === null ? (cell === gap ? mean : cell) : cell === level ? 1 : 0) - centre;
      if (isShort && !(Number.isInteger(value) && Math.abs(value) <= SHORT_MAX)) isShort = false;
      all[at++] = value;
    }
  }
  const kept: TableValues = isShort ? Int16Array.from(all) : all;
  return { values: kept, rows: rows.length, columns: terms.length, inputScale: 1 };
}

/**
 * Weights of v as weights of x = cell * unit, and the intercept that goes with them.
 * @param standard terms x outputs
 * @param intercept one an output, of v
 * @returns (terms + 1) x outputs, the intercept last; without an intercept terms x outputs
 */
export function weightsOfCells(
  standard: Float64Array,
  intercept: Float64Array | null,
  terms: readonly Term[],
): Float64Array {
  const outputs = standard.length / terms.length;
  const weights = new Float64Array(standard.length + (intercept === null ? 0 : outputs));
  terms.forEach(({ unit, centre, divisor }, t) => {
    for (let c = 0; c < outputs; c++) {
      const ofCell = standard[t * outputs + c]! / divisor;
      weights[t * outputs + c] = ofCell / unit;
      if (intercept !== null) weights[standard.length + c]! -= ofCell * centre;
    }
  });
  intercept?.forEach((value, c) => {
    weights[standard.length + c]! += value;
  });
  return weights;
}

/**
 * Scores of rows by weights as they are kept.
 * @param matrix cell - centre: rows x terms
 * @param kept see weightsOfCells
 * @returns rows x outputs
 */
export function scoresOfCells(
  matrix: FeatureSource,
  kept: Float64Array,
  terms: readonly Term[],
  outputs: number,
): Float64Array {
  const perCell = kept.slice(0, terms.length * outputs);
  const shift = new Float64Array(outputs);
  if (kept.length > perCell.length) shift.set(kept.subarray(perCell.length));
  terms.forEach(({ unit, centre }, t) => {
    for (let c = 0; c < outputs; c++) {
      perCell[t * outputs + c]! *= unit;
      shift[c]! += centre * perCell[t * outputs + c]!;
    }
  });
  return scoresOf(matrix, perCell, outputs).map((score, i) => score + shift[i % outputs]!);
}
