/** Mixtures: one of each part is recomputed before a decoder sees any of it. */
import type { RandomSource } from "../../shared/random/random.ts";
import type { RowLedger } from "../rows/ledger.ts";
import { type LedgerEffect, mixtureItem } from "../rows/words.ts";
import type { Outbox } from "./checked-rows-outbox.ts";
import type { TrustedWord } from "./checked-rows-words.ts";

type Effect<Type extends LedgerEffect["type"]> = Extract<LedgerEffect, { type: Type }>;

/** Mixtures that came in one part. */
interface Part {
  readonly items: readonly number[];
  readonly groups: readonly number[];
}

/**
 * Mixtures whose part was not looked at, and groups that wait for them.
 * @example
 * mixtures.came(effects); // wants one of them recomputed
 * mixtures.decodable({ type: "decodable", group: 0, missing: [3] }); // is told once that one was right
 */
export class Mixtures {
  /** By the item that is recomputed. */
  readonly #parts = new Map<number, Part>();
  /** Parts of a group that were not looked at. */
  readonly #unseen = new Map<number, number>();
  readonly #held = new Map<number, Effect<"decodable">>();
  /** Groups whose rows the code answers, and that are being decoded. */
  readonly #decoding = new Set<number>();

  constructor(
    private readonly ledger: RowLedger,
    private readonly outbox: Outbox,
    private readonly random: RandomSource,
  ) {}

  /** Parts that were not looked at. */
  get waiting(): number {
    return this.#parts.size;
  }

  /** Groups whose answers nobody has told yet. */
  get decoding(): number {
    return this.#decoding.size;
  }

  /** A part: which of its mixtures is computed nobody knows before. */
  came(effects: readonly LedgerEffect[]): void {
    const came = effects.filter((effect) => effect.type === "mixture");
    if (came.length === 0) return;
    const { group, index, attempt } = came[this.random.integer(came.length)]!;
    const drawn = mixtureItem(group, index);
    const groups = came.map((mixture) => mixture.group);
    this.#parts.set(drawn, { groups, items: came.map((mixture) => mixtureItem(mixture.group, mixture.index)) });
    for (const one of groups) this.#unseen.set(one, (this.#unseen.get(one) ?? 0) + 1);
    this.outbox.wantRow({ place: drawn, attempt, why: "mixture" });
  }

  /** The group waits while mixtures of it were not looked at. */
  decodable(effect: Effect<"decodable">): void {
    if (effect.missing.some((place) => this.ledger.stateOf(place) === "answered")) this.#decoding.add(effect.group);
    if (this.#unseen.has(effect.group)) this.#held.set(effect.group, effect);
    else this.outbox.tell(effect);
  }

  /** @param doubted mixtures of the group that are asked for again, of others */
  decoded(group: number, doubted: readonly number[]): void {
    this.#decoding.delete(group);
    this.ledger.takeOut(doubted);
  }

  /** The coordinator computed one. If it was wrong, all of its part are asked again, of others. */
  recomputed(drawn: number, attempt: number, words: readonly TrustedWord[]): void {
    const part = this.#parts.get(drawn);
    if (part === undefined) return;
    this.#parts.delete(drawn);
    const isRight = words.every((word) => word.attempt !== attempt || word.isRight);
    if (!isRight) this.ledger.takeOut(part.items);
    for (const group of part.groups) {
      const left = this.#unseen.get(group)! - 1;
      const held = this.#held.get(group);
      if (left > 0) this.#unseen.set(group, left);
      else this.#unseen.delete(group);
      const goesOn = isRight || this.#isAnswered(held);
      if (!goesOn) this.#decoding.delete(group);
      if (left > 0 && goesOn) continue;
      this.#held.delete(group);
      if (goesOn && held !== undefined) this.outbox.tell(held);
    }
    if (!isRight) this.outbox.tell({ type: "takenOut", places: [], mixtures: part.items });
  }

  /** Has the group enough without what was wrong? The ledger tells that once. */
  #isAnswered(held: Effect<"decodable"> | undefined): boolean {
    return held?.missing.some((place) => this.ledger.stateOf(place) === "answered") === true;
  }
}
