/**
 * A form as data. A kind of job lists its fields: each with its words, its sort of input, and where the submission has it.
 * From that list the form is drawn (job-form.tsx), read (read-form.ts), and told what is wrong with it
 * (problems-by-field.ts).
 */
import type { ComponentChildren } from "preact";

interface Common<Fields> {
  /** Where the submission has it, as "source.rows"; absent: under the field's own name. null: nowhere, as it is sent before the job. */
  readonly path?: string | null;
  /** What the coordinator calls the data in it: "X". */
  readonly letter?: string;
  /** Absent: always. What is not shown is not read. */
  shownIf?(fields: Fields): boolean;
}

/** What is typed. */
export interface TextSpec<Fields> extends Common<Fields> {
  /** scale: "0.5", or "1/255". lines: a text of several. */
  readonly sort: "whole" | "number" | "scale" | "text" | "lines";
  readonly label: string;
  readonly hint?: string;
  readonly maxLength?: number;
  /** Of a whole number whose range the form says itself; of others the coordinator says it. */
  readonly limits?: Limits;
  /** Said whatever is wrong with it; absent: a sentence for its sort. */
  readonly problem?: string;
  /** What it counts as where nothing is typed; undefined: it is left out. Absent: of a text, left out; of a number, a mistake. */
  readonly whenEmpty?: unknown | ((fields: Fields) => unknown);
  /** What the submission has for it, where that is not what was typed; null: it is wrong. */
  convert?(value: number | string): unknown;
}

export interface Limits {
  readonly least: number;
  readonly most: number;
}

/** What is chosen among a few. */
export interface ChoiceSpec<Fields> extends Common<Fields> {
  readonly sort: "select" | "radio";
  /** Absent: the step that it stands in says what is chosen. */
  readonly label?: string;
  hint?(fields: Fields): string;
  readonly options: readonly (readonly [value: string, words: string])[];
  /** What choosing it changes besides. */
  pick?(value: string, fields: Fields): Partial<Fields>;
}

/** Files: a slot draws their fields, for what becomes of a file differs. */
export interface FileSpec<Fields> extends Common<Fields> {
  readonly sort: "file";
  /** null: nothing is wrong with it */
  problem(fields: Fields): string | null;
  /** Asked where nothing is wrong. */
  value?(fields: Fields): unknown;
}

export type FieldSpec<Fields> = TextSpec<Fields> | ChoiceSpec<Fields> | FileSpec<Fields>;
export type FieldSpecs<Fields> = { readonly [Name in keyof Fields & string]?: FieldSpec<Fields> };

export type FieldProblems<Fields> = { [Name in keyof Fields & string]?: string };

/** What the parts of a form are drawn from. */
export interface FormState<Fields> {
  readonly fields: Fields;
  readonly problems: FieldProblems<Fields>;
  change(changes: Partial<Fields>): void;
}

/** A field, several in a row, or a slot: something of the kind's own. */
type OpenPart<Fields> =
  | (keyof Fields & string)
  | readonly (keyof Fields & string)[]
  | ((state: FormState<Fields>) => ComponentChildren);

/** What most people need not see: it is folded up until somebody wants it, or something in it is wrong. */
export interface FoldedPart<Fields> {
  readonly summary: string;
  readonly parts: readonly OpenPart<Fields>[];
  /** Absent: always. */
  shownIf?(fields: Fields): boolean;
}

export type FormPart<Fields> = OpenPart<Fields> | FoldedPart<Fields>;

export interface FormStep<Fields> {
  readonly legend: string;
  readonly parts: readonly FormPart<Fields>[];
}
