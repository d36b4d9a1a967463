/**
 * A table as people have it, for a regression: columns of numbers, columns of words as categories, empty cells as gaps. Numbers go out as float64;
 * a word as its place among the levels of its column, in the order of the alphabet; an empty cell as GAP.
 */

import { GAP } from "../protocol/gap.ts";
import { TABLE_LEVEL_LENGTH_MAX, TABLE_LEVELS_MAX, TENSOR_BYTES_MAX } from "../protocol/limits.ts";
import { type CsvRow, columnPlace } from "./csv.ts";
import { Gaps } from "./gaps.ts";
import { InputError } from "./input-error.ts";
import { classesOf, likelyLabels } from "./label-texts.ts";
import type { Category, LabelArray, Table, TableSource } from "./table-shape.ts";

export interface FrameOptions {
  /** Columns of numbers that are categories, by their names or places from 0. */
  readonly categories?: readonly string[];
  /** How somebody says so: "--categories zip". */
  readonly categoriesAdvice: string;
  /** Where no label column is named, the one whose name says so is it. */
  readonly guessesLabels?: boolean;
}

const ROOM_AT_FIRST = 1_024;
/** More columns than these are counted in a note. */
const NAMED_MAX = 5;
/** Behind the last level. */
const NO_LEVEL = TABLE_LEVELS_MAX;

/** All cells of one column, until it is known what it is. */
class Column {
  numbers = new Float64Array(ROOM_AT_FIRST);
  /** Places in `words`. */
  codes = new Uint8Array(ROOM_AT_FIRST);
  /** Different cells and their places, in the order they came; null: there are too many, or one is too long. */
  words: Map<string, number> | null = new Map();
  rows = 0;
  gaps = 0;
  wordCount = 0;
  firstWord: InputError | null = null;

  add(number: number, cell: string, problem: () => InputError): void {
    if (this.rows === this.numbers.length) this.#grow();
    const isGap = !Number.isFinite(number) && Gaps.isOne(cell);
    if (isGap) this.gaps++;
    else if (!Number.isFinite(number)) {
      this.wordCount++;
      this.firstWord ??= problem();
    }
    this.numbers[this.rows] = isGap ? GAP : number;
    this.codes[this.rows] = isGap ? NO_LEVEL : this.#place(cell);
    this.rows++;
  }

  #place(cell: string): number {
    const known = this.words?.get(cell);
    if (known !== undefined) return known;
    if (this.words === null) return NO_LEVEL;
    if (this.words.size === TABLE_LEVELS_MAX || cell.length > TABLE_LEVEL_LENGTH_MAX || /\p{Cc}/u.test(cell)) {
      this.words = null;
      return NO_LEVEL;
    }
    this.words.set(cell, this.words.size);
    return this.words.size - 1;
  }

  #grow(): void {
    const [numbers, codes] = [new Float64Array(2 * this.rows), new Uint8Array(2 * this.rows)];
    numbers.set(this.numbers);
    codes.set(this.codes);
    [this.numbers, this.codes] = [numbers, codes];
  }

  /** Most cells are numbers, and some are words: probably a slip, and surely not for us to guess. */
  get isMixed(): boolean {
    return this.wordCount > 0 && 2 * this.wordCount < this.rows - this.gaps;
  }

  /** Levels in the order of the alphabet, and the place of each cell among them. */
  asCategory(words: ReadonlyMap<string, number>): { levels: string[]; places: Float64Array } {
    const levels = [...words.keys()].sort((a, b) => (a < b ? -1 : 1));
    const placeOf = new Float64Array(NO_LEVEL + 1).fill(GAP);
    levels.forEach((level, place) => {
      placeOf[words.get(level)!] = place;
    });
    return { levels, places: Float64Array.from(this.codes.subarray(0, this.rows), (code) => placeOf[code]!) };
  }
}

export class FrameBuilder {
  readonly #source: TableSource;
  #labelColumn: string | null;
  readonly #options: FrameOptions;
  #columns: Column[] | null = null;
  /** The label cell of each row, while labels are words or not known to be numbers. */
  readonly #labelCells: string[] = [];
  readonly #labels: number[] = [];
  #labelPlace = -1;
  #firstLabelWord: InputError | null = null;

  constructor(source: TableSource, labelColumn: string | null, options: FrameOptions) {
    this.#source = source;
    this.#labelColumn = labelColumn;
    this.#options = options;
  }

  /** @throws InputError where a label is empty, or everything together is too large */
  add(row: CsvRow): void {
    const { numbers, cells } = row;
    if (this.#columns === null) {
      this.#columns = cells.map(() => new Column());
      if (this.#options.guessesLabels === true) this.#labelColumn ??= likelyLabels(this.#source.columns!);
      if (this.#labelColumn !== null)
        this.#labelPlace = columnPlace(this.#source.name, this.#source.columns!, this.#labelColumn);
    }
    const bytes = 8 * cells.length * (this.#columns[0]!.rows + 1);
    if (bytes > TENSOR_BYTES_MAX) {
      const expected = `expected at most ${TENSOR_BYTES_MAX} bytes of float64`;
      throw new InputError(`${this.#source.name}: ${expected}, got more; split it`);
    }
    this.#columns.forEach((column, place) => {
      const problem = () => this.#source.problemOf(row, place);
      if (place !== this.#labelPlace) column.add(numbers[place]!, cells[place]!, problem);
      else this.#addLabel(numbers[place]!, cells[place]!, problem);
    });
    // The label's own column keeps nothing, but rows are counted there.
    if (this.#labelPlace === 0) this.#columns[0]!.rows = this.#labels.length;
  }

  #addLabel(label: number, cell: string, problem: () => InputError): void {
    if (!Number.isFinite(label)) {
      if (Gaps.isOne(cell)) throw problem();
      this.#firstLabelWord ??= problem();
    }
    this.#labels.push(label);
    this.#labelCells.push(cell);
  }

  /** @throws InputError that names each column which is neither numbers nor categories */
  table(): Table {
    const { name } = this.#source;
    const all = this.#columns;
    if (all === null) throw new InputError(`${name}: expected rows of numbers, got none`);
    const names = this.#source.columns?.names ?? null;
    const nameOf = (place: number) => names?.[place] ?? String(place);
    const forced = new Set(
      (this.#options.categories ?? []).map((column) => columnPlace(name, this.#source.columns!, column)),
    );
    const taken = all.map((column, place) => ({ column, place })).filter(({ place }) => place !== this.#labelPlace);
    this.#requireKinds(taken, forced, nameOf);
    const isText = ({ column }: (typeof taken)[number]) => column.wordCount > 0 && column.words === null;
    const left = taken.filter(isText);
    const kept = taken.filter((one) => !isText(one));
    if (kept.length === 0) throw new InputError(`${name}: expected columns to learn from, got texts alone`);
    if (kept.some(({ column }) => column.wordCount > 0) || left.length > 0) this.#requireHeader(names);
    const notes: string[] = left.map(
      ({ place }) => `column ${nameOf(place)} is left out: more than ${TABLE_LEVELS_MAX} different words, or a text`,
    );
    const categories: Category[] = [];
    const parts = kept.map(({ column, place }, at) => {
      if (column.wordCount === 0 && !forced.has(place)) return column.numbers;
      const { levels, places } = column.asCategory(column.words!);
      categories.push({ column: at, levels });
      return places;
    });
    const gaps = kept.reduce((sum, { column }) => sum + column.gaps, 0);
    if (categories.length > 0) notes.push(categoriesNote(categories.map(({ column }) => nameOf(kept[column]!.place))));
    if (gaps > 0) notes.push(gapsNote(gaps, kept.filter(({ column }) => column.gaps > 0).length));
    const labels = this.#labelColumn === null ? null : this.#takenLabels(names, notes);
    return {
      features: { dtype: "F64", shape: [kept[0]!.column.rows, kept.length], data: inRows(parts, kept[0]!.column.rows) },
      columnNames: names === null ? null : kept.map(({ place }) => names[place]!),
      labels: labels?.array ?? null,
      notes,
      frame: { categories, gap: gaps > 0 ? GAP : null, labelNames: labels?.names ?? null },
    };
  }

  #requireKinds(
    columns: readonly { column: Column; place: number }[],
    forced: ReadonlySet<number>,
    nameOf: (place: number) => string,
  ): void {
    const problems = columns.flatMap(({ column, place }) => {
      if (forced.has(place)) {
        const problem = `expected at most ${TABLE_LEVELS_MAX} categories in column ${nameOf(place)}, got more`;
        return column.words === null ? [`${this.#source.name}: ${problem}`] : [];
      }
      if (!column.isMixed) return [];
      const counted = `${column.wordCount} of ${column.rows} cells of column ${nameOf(place)} are no numbers`;
      const advice = `mend them, or say that it holds categories (${this.#options.categoriesAdvice})`;
      return [`${column.firstWord!.message}; ${counted}: ${advice}`];
    });
    if (problems.length > 0) throw new InputError(problems.join("\n"));
  }

  /** A first line of words and numbers is taken for a header: nobody's row is lost without a word. */
  #requireHeader(names: readonly string[] | null): void {
    const number = names?.find((cell) => Number.isFinite(Number(cell)));
    if (number === undefined) return;
    throw new InputError(`${this.#source.name}, line 1: expected names of columns, got "${number}" among them`);
  }

  #takenLabels(names: readonly string[] | null, notes: string[]): { array: LabelArray; names: string[] | null } {
    if (this.#firstLabelWord === null) return { array: numbersArray(this.#labels), names: null };
    if (this.#labels.some(Number.isFinite)) throw this.#firstLabelWord;
    this.#requireHeader(names);
    const { classes, names: words } = classesOf(this.#labelCells);
    notes.push(`labels: ${words.slice(0, NAMED_MAX).join(", ")}${words.length > NAMED_MAX ? " and others" : ""}`);
    return { array: numbersArray(classes), names: words };
  }
}

function inRows(columns: readonly Float64Array[], rows: number): Float64Array<ArrayBuffer> {
  const data = new Float64Array(rows * columns.length);
  columns.forEach((column, place) => {
    for (let row = 0; row < rows; row++) data[row * columns.length + place] = column[row]!;
  });
  return data;
}

function numbersArray(labels: readonly number[]): LabelArray {
  const shape = [labels.length];
  return labels.every((label) => label === (label | 0))
    ? { dtype: "I32", shape, data: Int32Array.from(labels) }
    : { dtype: "F64", shape, data: Float64Array.from(labels) };
}

function categoriesNote(names: readonly string[]): string {
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : "";
  return `categories: ${names.slice(0, NAMED_MAX).join(", ")}${more}; each level becomes a column`;
}

function gapsNote(gaps: number, columns: number): string {
  const where = `${gaps} empty ${gaps === 1 ? "cell" : "cells"} in ${columns} ${columns === 1 ? "column" : "columns"}`;
  return `${where}: numbers get their column's mean, categories none of their levels`;
}
