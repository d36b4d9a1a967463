/** A ledger of which everything that is told is held against what was told before; throws where a law is broken. */
import { RowLedger } from "../ledger.ts";
import {
  isMixture,
  type LedgerClaim,
  type LedgerEffect,
  type LedgerOptions,
  type MayHave,
  MIN_PART_ROWS,
} from "../words.ts";

type Own = "fresh" | "again" | "beside" | "spare";
const isOwn = (reason: string): reason is Own => reason !== "check" && reason !== "known";

export class WatchedLedger {
  readonly ledger: RowLedger;
  readonly #options: LedgerOptions;
  /** By place: who had the row in a claim. */
  readonly #seenBy = new Map<number, Set<string>>();
  readonly #accepted = new Set<string>();
  readonly #ended = new Set<number>();
  /** By group and member: whose vote stands. */
  readonly #votes = new Map<number, Map<string, string>>();
  /** By place: the checks that are waited for. */
  readonly #wanted = new Map<string, string>();
  /** What was told, and why somebody was asked. */
  readonly heard = new Set<string>();
  /** The most that a call cost, over what it may cost. */
  worstCost = 0;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.ledger = new RowLedger(options);
  }

  take(sessionId: string, nowMs: number, mayHave?: MayHave): LedgerClaim | null {
    const before = this.ledger.visits - this.ledger.passed;
    const claim = this.ledger.take(sessionId, nowMs, mayHave);
    this.#mustCost(this.ledger.visits - this.ledger.passed - before, claim?.items.length ?? 0);
    if (claim === null) return null;
    if (claim.items.length === 0) throw new Error("an empty claim");
    if (new Set(claim.items.map(({ item }) => item)).size < claim.items.length)
      throw new Error("an item twice in a claim");
    for (const { item, reason, attempt } of claim.items) {
      this.heard.add(reason);
      if (isMixture(item)) continue;
      const seen = this.#seenBy.get(item) ?? new Set();
      if (reason === "check") {
        if (seen.has(claim.volunteerId)) throw new Error(`check of ${item} by an earlier holder`);
        if (this.#wanted.get(`${item}:${attempt}:${claim.volunteerId}`) === undefined)
          throw new Error("an unwanted check");
      }
      if (reason !== "known") this.#seenBy.set(item, seen.add(claim.volunteerId));
    }
    return claim;
  }

  answer(claimId: number, items: readonly number[], nowMs: number): LedgerEffect[] {
    const before = this.ledger.visits;
    const effects = this.hear(this.ledger.answer(claimId, items, nowMs));
    this.#mustCost(this.ledger.visits - before, items.length);
    return effects;
  }

  check(place: number, volunteerId: string, nowMs: number): boolean {
    const [author, attempt] = [this.ledger.authorOf(place), this.ledger.attemptOf(place)];
    const isWanted = this.ledger.check(place, volunteerId, nowMs);
    if (!isWanted) return false;
    if (author === volunteerId || author === null) throw new Error("a check by its author");
    this.#wanted.set(`${place}:${attempt}:${volunteerId}`, author);
    return true;
  }

  hear(effects: LedgerEffect[]): LedgerEffect[] {
    for (const effect of effects) {
      this.heard.add(effect.type);
      this.#hear(effect);
    }
    return effects;
  }

  #hear(effect: LedgerEffect): void {
    if (effect.type === "accepted") {
      const key = `${effect.place}:${effect.attempt}`;
      if (this.#accepted.has(key)) throw new Error(`accepted twice: ${key}`);
      this.#accepted.add(key);
      this.#vote(this.ledger.groupOf(effect.place), "row", effect.volunteerId);
    } else if (effect.type === "mixture") this.#vote(effect.group, `mixture ${effect.index}`, effect.volunteerId);
    else if (effect.type === "ended") {
      if (this.#ended.has(effect.claim.claimId)) throw new Error("ended twice");
      if (effect.claim.openCount > 0) throw new Error("ended with open items");
      this.#ended.add(effect.claim.claimId);
    } else if (effect.type === "secondWord") {
      const { place, attempt, volunteerId, author } = effect;
      this.#settle(place, attempt, volunteerId, author);
    } else if (effect.type === "checkFree") this.#settle(effect.place, effect.attempt, effect.notBy, null);
    else if (effect.type === "drop") this.#mustBeWorthIt(effect.claim, effect.items);
    else if (effect.type === "takenOut") {
      for (const members of this.#votes.values()) {
        for (const [member, by] of [...members]) if (by === effect.volunteerId) members.delete(member);
      }
    }
  }

  /** Votes of rows that were taken out are forgotten. */
  forgetVotes(): void {
    this.#votes.clear();
  }

  #settle(place: number, attempt: number, partner: string, author: string | null): void {
    const key = `${place}:${attempt}:${partner}`;
    const known = this.#wanted.get(key);
    if (known === undefined) throw new Error(`nobody waits for the word of ${key}`);
    if (author !== null && author !== known) throw new Error(`a word about another author: ${key}`);
    this.#wanted.delete(key);
  }

  #vote(group: number | null, member: string, by: string): void {
    if (this.#options.rule.apart !== "votes" || group === null) return;
    const members = this.#votes.get(group) ?? new Map<string, string>();
    this.#votes.set(group, members);
    for (const [other, who] of members) if (other !== member && who === by) throw new Error(`two votes of ${by}`);
    members.set(member, by);
  }

  /** Five rows at least, or all that is open behind the first of them, or the last of what was told before. */
  #mustBeWorthIt({ items, claimId }: LedgerClaim, dropped: readonly number[]): void {
    if (dropped.length === 0) throw new Error(`claim ${claimId}: nothing to leave out`);
    const told = this.#told.get(claimId) ?? new Set<number>();
    const open = items.filter(({ item, isOpen }) => isOpen && !told.has(item));
    const end = open.slice(-dropped.length).map(({ item }) => item);
    this.#told.set(claimId, new Set([...told, ...dropped]));
    if (dropped.length >= MIN_PART_ROWS || open.length === 0 || dropped.every((item) => end.includes(item))) return;
    throw new Error(`claim ${claimId}: a small part to leave out`);
  }
  readonly #told = new Map<number, Set<number>>();

  /** Rule 8. */
  #mustCost(visits: number, items: number): void {
    const { rows, mixtures } = this.#options.rule;
    const most = 40 * (rows + mixtures + 1) + 6 * items;
    this.worstCost = Math.max(this.worstCost, visits / most);
    if (visits > most) throw new Error(`a call of ${visits} visits, at most ${most} expected`);
  }

  /** What holds between any two calls. */
  mustHold(): void {
    const { ledger } = this;
    const { rule } = this.#options;
    const inTime = new Map<number, number>();
    const holders = new Map<number, Set<string>>();
    const openOf = new Map<string, Set<number>>();
    for (const claim of ledger.claims) {
      if (claim.openCount !== claim.items.filter(({ isOpen }) => isOpen).length)
        throw new Error("open items are miscounted");
      for (const { item, attempt, reason, isOpen } of claim.items) {
        if (!isOpen || reason === "known") continue;
        const who = holders.get(item) ?? new Set();
        if (who.has(claim.volunteerId)) throw new Error(`item ${item} twice at ${claim.volunteerId}`);
        holders.set(item, who.add(claim.volunteerId));
        if (!isOwn(reason)) continue;
        const isPresent = isMixture(item) || attempt === ledger.attemptOf(item);
        if (isPresent && !claim.isLate) inTime.set(item, (inTime.get(item) ?? 0) + 1);
        const group = isMixture(item) ? Math.floor((item - 2 ** 40) / 1_024) : ledger.groupOf(item);
        if (rule.apart === "no" || group === null) continue;
        const groups = openOf.get(claim.volunteerId) ?? new Set();
        if (groups.has(group)) throw new Error(`two open members of group ${group} at ${claim.volunteerId}`);
        openOf.set(claim.volunteerId, groups.add(group));
      }
    }
    for (const [item, count] of inTime) if (count > 2) throw new Error(`${count} claims in time have ${item}`);
    this.#mustCount(inTime);
  }

  #mustCount(inTime: ReadonlyMap<number, number>): void {
    const { ledger } = this;
    const { counts } = ledger;
    const { goesOutPlain, apart } = this.#options.rule;
    let [answered, final, atNobody] = [0, 0, 0];
    const standing = new Map<string, number>();
    for (let place = 0; place < counts.rows; place++) {
      const state = ledger.stateOf(place);
      const author = ledger.authorOf(place);
      if (state === "answered" || state === "final") answered++;
      else if (!inTime.has(place)) atNobody++;
      if (state === "final") final++;
      if (state === "waiting" && inTime.has(place)) throw new Error(`row ${place} waits, and somebody has it`);
      if (author !== null) standing.set(author, (standing.get(author) ?? 0) + 1);
    }
    if (answered !== counts.answered || final !== counts.final) throw new Error("answers are miscounted");
    const waiting = counts.fresh + counts.again;
    // Where mixtures wait too, rows are fewer than what waits.
    const isAll = goesOutPlain && apart !== "votes";
    if (isAll ? atNobody !== waiting : atNobody > waiting) {
      throw new Error(`${atNobody} rows are at nobody in time, ${waiting} wait`);
    }
    for (const [author, count] of standing) {
      if ([...ledger.standingOf(author)].length !== count) throw new Error(`rows of ${author} are miscounted`);
    }
  }
}
