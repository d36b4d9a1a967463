/** Second words that are wanted, by partner, and rows whose answer is known, by the volunteer that is asked for them. */
import { Heap, NOT_IN_HEAP } from "../../shared/control/heap.ts";
import { ItemQueue } from "../../shared/control/item-queue.ts";

/** A second word that is wanted of a partner. */
export interface WantedWord {
  readonly place: number;
  readonly attempt: number;
  readonly author: number;
  readonly partner: number;
  /** A partner that has not begun the check by then, or not answered it once it has, is not waited for, ms. */
  dueMs: number;
  duesAt: number;
}

export class CheckQueues {
  /** By partner: what lies here. */
  readonly #waiting = new Map<number, ItemQueue<WantedWord>>();
  /** By partner: what is in its claims. */
  readonly #out = new Map<number, Map<number, WantedWord>>();
  readonly #known = new Map<number, ItemQueue>();
  readonly #dues = new Heap<WantedWord, "duesAt">("duesAt", ({ dueMs }) => dueMs);
  #waitingCount = 0;

  get waitingCount(): number {
    return this.#waitingCount;
  }

  /** null: nothing is waited for */
  get nextDueMs(): number | null {
    return this.#dues.first?.dueMs ?? null;
  }

  /** The place that has waited longest for this partner; null: none does. */
  firstOf(partner: number): number | null {
    return this.#waiting.get(partner)?.first ?? null;
  }

  /** Is this partner asked about the row, or will it be? */
  has(partner: number, place: number): boolean {
    return this.#waiting.get(partner)?.has(place) === true || this.#out.get(partner)?.has(place) === true;
  }

  want(word: Omit<WantedWord, "duesAt">): void {
    const wanted = { ...word, duesAt: NOT_IN_HEAP };
    const queue = this.#waiting.get(word.partner) ?? new ItemQueue<WantedWord>();
    this.#waiting.set(word.partner, queue);
    if (!queue.push(word.place, wanted)) return;
    this.#waitingCount++;
    this.#dues.put(wanted);
  }

  /** The oldest that lies here, into a claim. */
  next(partner: number): WantedWord | null {
    const queue = this.#waiting.get(partner);
    const place = queue?.first ?? null;
    if (place === null) return null;
    const word = queue!.valueOf(place)!;
    this.#unqueue(word);
    const out = this.#out.get(partner) ?? new Map<number, WantedWord>();
    this.#out.set(partner, out.set(place, word));
    return word;
  }

  /** Its partner has begun a claim with it. */
  begun(partner: number, place: number, dueMs: number): void {
    const word = this.#out.get(partner)?.get(place);
    if (word === undefined) return;
    word.dueMs = dueMs;
    this.#dues.put(word);
  }

  /** The word is given, or not waited for any more. @returns what was wanted; null: nothing */
  settle(partner: number, place: number): WantedWord | null {
    const out = this.#out.get(partner);
    const word = out?.get(place);
    if (word === undefined) return null;
    out!.delete(place);
    if (out!.size === 0) this.#out.delete(partner);
    this.#dues.delete(word);
    return word;
  }

  /** What lies here for a partner that is gone. */
  drain(partner: number): WantedWord[] {
    this.#known.delete(partner);
    const words = [...(this.#waiting.get(partner)?.values() ?? [])];
    for (const word of words) {
      this.#unqueue(word);
      this.#dues.delete(word);
    }
    return words;
  }

  /** One that nobody has begun in time. It is not waited for any more. */
  overdue(nowMs: number): WantedWord | null {
    const word = this.#dues.first;
    if (word === null || word.dueMs > nowMs) return null;
    this.#dues.delete(word);
    if (this.#waiting.get(word.partner)?.has(word.place) === true) this.#unqueue(word);
    else this.settle(word.partner, word.place);
    return word;
  }

  know(volunteer: number, place: number): void {
    const queue = this.#known.get(volunteer) ?? new ItemQueue();
    this.#known.set(volunteer, queue);
    queue.push(place, null);
  }

  /** The next row whose answer is known that this volunteer is asked for. */
  nextKnown(volunteer: number): number | null {
    const queue = this.#known.get(volunteer);
    const place = queue?.first ?? null;
    if (place === null) return null;
    queue!.delete(place);
    if (queue!.size === 0) this.#known.delete(volunteer);
    return place;
  }

  #unqueue(word: WantedWord): void {
    const queue = this.#waiting.get(word.partner)!;
    queue.delete(word.place);
    if (queue.size === 0) this.#waiting.delete(word.partner);
    this.#waitingCount--;
  }
}
