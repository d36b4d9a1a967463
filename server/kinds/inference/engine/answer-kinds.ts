/**
 * Answers that nothing tells apart, counted: a job has far fewer kinds of answers than answers, so that a look at it goes through kinds and
 * not through queries. Kept with each answer that changes.
 */
import type { BatchSource } from "../core/batch-source.ts";
import type { Taking } from "../core/taken-back.ts";

/** Whose result a row is from, and how that was checked: it was one of `batchRows`. */
export interface AnswerSource extends BatchSource {
  readonly batchRows: number;
}

export interface AnswerKind {
  /** By the places of MARK. */
  readonly mark: number;
  /** The mark under which it is durable as it stands. */
  readonly durableMark: number;
  /** null: nobody's in particular. */
  readonly source: AnswerSource | null;
  readonly isCrossChecked: boolean;
  /** [CC12] Which ledger of its job certifies it; null: none does. */
  readonly ledger: number | null;
  /** [PC1] The tolerance within which it stands for the model's own allows another label. */
  readonly hasOpenLabel: boolean;
  readonly isHalf: boolean;
  /** It has the label that the submitter knows; null: none is known. */
  readonly isRight: boolean | null;
  /** [TB1] What once took back its `final`; null: nothing did. */
  readonly taking: Taking | null;
}

interface Counted {
  readonly key: string;
  readonly kind: AnswerKind;
  count: number;
}

/** More than a job has ledgers. */
const MOVES_MAX = 2 ** 16;

export class AnswerKinds {
  readonly #byKey = new Map<string, number>();
  /** By place; null: free. */
  readonly #counted: (Counted | null)[] = [];
  readonly #free: number[] = [];
  /** Of each query the place of its kind; with room for more. */
  #placeOf = new Uint32Array();
  #queryCount = 0;

  get queryCount(): number {
    return this.#queryCount;
  }

  /** What is new is of that kind. */
  resize(queryCount: number, key: string, make: () => AnswerKind): void {
    const before = this.#queryCount;
    for (let query = queryCount; query < before; query++) this.#uncount(this.#placeOf[query]!);
    if (queryCount > this.#placeOf.length) {
      const larger = new Uint32Array(before === 0 ? queryCount : 2 * queryCount);
      larger.set(this.#placeOf);
      this.#placeOf = larger;
    }
    this.#queryCount = queryCount;
    if (queryCount > before) this.#placeOf.fill(this.#count(key, make, queryCount - before), before, queryCount);
  }

  /** @param key the same for answers of one kind. @param make its kind, where it is the first */
  note(query: number, key: string, make: () => AnswerKind): void {
    const before = this.#placeOf[query]!;
    if (this.#counted[before]?.key === key) return;
    this.#uncount(before);
    this.#placeOf[query] = this.#count(key, make, 1);
  }

  /**
   * For a change of many answers that depends on their kind and on `to` alone: what comes of a kind is found out once, and not for each of a
   * million answers. No query is moved twice by one mover.
   * @returns moves a query. @param to below MOVES_MAX. @param note notes the query as it is now
   */
  mover(): (query: number, to: number, note: (query: number) => void) => void {
    const found = new Map<number, number>();
    return (query, to, note) => {
      const before = this.#placeOf[query]!;
      const move = before * MOVES_MAX + to;
      const place = found.get(move);
      const counted = place === undefined ? null : this.#counted[place];
      if (place === undefined || counted == null) {
        note(query);
        found.set(move, this.#placeOf[query]!);
        return;
      }
      if (place === before) return;
      counted.count++;
      this.#placeOf[query] = place;
      this.#uncount(before);
    };
  }

  kindOf(query: number): AnswerKind {
    const counted = query < this.#queryCount ? this.#counted[this.#placeOf[query]!] : null;
    if (counted == null) throw new RangeError(`AnswerKinds: expected a query below ${this.queryCount}, got ${query}`);
    return counted.kind;
  }

  /** Each kind that there is, and how many answers are of it. */
  *counts(): Generator<readonly [AnswerKind, number]> {
    for (const counted of this.#counted) if (counted !== null) yield [counted.kind, counted.count];
  }

  #count(key: string, make: () => AnswerKind, added: number): number {
    const known = this.#byKey.get(key);
    const counted = known === undefined ? undefined : this.#counted[known];
    if (known !== undefined && counted != null) {
      counted.count += added;
      return known;
    }
    const place = this.#free.pop() ?? this.#counted.length;
    this.#counted[place] = { key, kind: make(), count: added };
    this.#byKey.set(key, place);
    return place;
  }

  #uncount(place: number): void {
    const counted = this.#counted[place];
    if (counted == null || --counted.count > 0) return;
    this.#byKey.delete(counted.key);
    this.#counted[place] = null;
    this.#free.push(place);
  }
}
