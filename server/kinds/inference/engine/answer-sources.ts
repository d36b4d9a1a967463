/** Of each answer of a job whose result it is from, and how that result was checked. */
import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";
import type { AnswerSource } from "./answer-kinds.ts";
import { lengthened } from "./columns.ts";

/** No single volunteer answers for the row. */
const NO_SOURCE = 0xffff;
/** As stored, one byte a row. */
export const NO_SOURCE_STORED = 255;
/** None, or one that no ledger reaches. */
const NO_WINDOW = 0xffff;
/** By their codes in the column of classes. */
const CLASSES: readonly BackendClass[] = ["float32", "float16", "fixed32"];

export class AnswerSources {
  readonly volunteers: string[] = [];
  /** By the place of the volunteer. */
  places = new Uint16Array();
  classes = new Uint8Array();
  /** Of the row's batch: how many rows it had, how many were recomputed at random, and who agreed with it (NO_SOURCE: nobody). */
  batchRows = new Uint16Array();
  auditedRows = new Uint16Array();
  opinions = new Uint16Array();
  /** 1: the row's batch is cross-checked [CC3]. */
  crossChecked = new Uint8Array();
  /** [CC12] The window of its job in which the row's batch was taken in, where it has such. */
  windows = new Uint16Array();
  readonly #indexOf = new Map<string, number>();

  resize(queryCount: number): void {
    this.places = lengthened(this.places, queryCount, NO_SOURCE);
    this.classes = lengthened(this.classes, queryCount, 0);
    this.batchRows = lengthened(this.batchRows, queryCount, 0);
    this.auditedRows = lengthened(this.auditedRows, queryCount, 0);
    this.opinions = lengthened(this.opinions, queryCount, NO_SOURCE);
    this.crossChecked = lengthened(this.crossChecked, queryCount, 0);
    this.windows = lengthened(this.windows, queryCount, NO_WINDOW);
  }

  /** @returns whether anything of it is new */
  enter(query: number, source: AnswerSource | null): boolean {
    const by = source === null ? NO_SOURCE : this.#placeOf(source.volunteerId);
    const opinion = source?.opinionBy == null ? NO_SOURCE : this.#placeOf(source.opinionBy);
    const code = CLASSES.indexOf(source?.precision ?? "float32");
    const { batchRows = 0, auditedRows = 0, coins } = source ?? {};
    const crossChecked = coins === undefined ? 0 : 1;
    const window = Math.min(NO_WINDOW, coins?.window ?? NO_WINDOW);
    const isKnown =
      this.places[query] === by &&
      this.opinions[query] === opinion &&
      this.classes[query] === code &&
      this.batchRows[query] === batchRows &&
      this.auditedRows[query] === auditedRows &&
      this.crossChecked[query] === crossChecked &&
      this.windows[query] === window;
    if (isKnown) return false;
    this.places[query] = by;
    this.opinions[query] = opinion;
    this.classes[query] = code;
    this.batchRows[query] = batchRows;
    this.auditedRows[query] = auditedRows;
    this.crossChecked[query] = crossChecked;
    this.windows[query] = window;
    return true;
  }

  forget(query: number): void {
    this.places[query] = NO_SOURCE;
  }

  volunteerOf(query: number): string | null {
    const place = this.places[query]!;
    return place === NO_SOURCE ? null : this.volunteers[place]!;
  }

  /** Whose result the row is from, and how its batch was checked; null: nobody's in particular. */
  of(query: number): AnswerSource | null {
    const volunteerId = this.volunteerOf(query);
    if (volunteerId === null) return null;
    return {
      volunteerId,
      precision: this.classOf(query),
      auditedRows: this.auditedRows[query]!,
      opinionBy: this.opinions[query] === NO_SOURCE ? null : this.volunteers[this.opinions[query]!]!,
      batchRows: this.batchRows[query]!,
    };
  }

  /** How exactly the row was computed. */
  classOf(query: number): BackendClass {
    return CLASSES[this.classes[query]!]!;
  }

  /** [CC12] null: its batch was taken in in none, or in one that no ledger reaches. */
  windowOf(query: number): number | null {
    const window = this.windows[query]!;
    return window === NO_WINDOW ? null : window;
  }

  #placeOf(volunteerId: string): number {
    const known = this.#indexOf.get(volunteerId);
    if (known !== undefined) return known;
    const place = this.volunteers.push(volunteerId) - 1;
    if (place >= NO_SOURCE) throw new RangeError(`AnswerSources: expected fewer than ${NO_SOURCE} volunteers in a job`);
    this.#indexOf.set(volunteerId, place);
    return place;
  }
}
