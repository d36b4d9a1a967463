/** All that a ledger keeps, and the few steps that all of its calls are made of: an item is given to a claim, let go of, waits again. */

import { Heap } from "../../shared/control/heap.ts";
import { ItemQueue } from "../../shared/control/item-queue.ts";
import { SecretOrder } from "../../shared/receipts/secret-order.ts";
import { Bands } from "./bands.ts";
import { CheckQueues } from "./check-queues.ts";
import { CLAIM_SIZES, targetMsOf } from "./claim-size.ts";
import type { HeldClaim, HeldItem } from "./claims.ts";
import { LedgerCrowd } from "./crowd.ts";
import { GivenOrder } from "./given-order.ts";
import { type Group, isGroupDone, memberClosed, memberTaken, mixtureAttempt } from "./groups.ts";
import { Had } from "./had.ts";
import { Holders } from "./holders.ts";
import { RowStates, WAITING } from "./row-states.ts";
import {
  type ClaimSizes,
  groupOfMixture,
  isMixture,
  type LedgerEffect,
  type LedgerOptions,
  type Reason,
} from "./words.ts";

const BAND_ROWS = 512;

export class Books {
  readonly rows = new RowStates();
  readonly crowd = new LedgerCrowd();
  readonly claims = new Map<number, HeldClaim>();
  readonly bands: Bands;
  readonly had = new Had();
  readonly checks = new CheckQueues();
  /** What waits for another holder. */
  readonly again = new ItemQueue();
  /** The same, of rows that a naming put back. */
  readonly named = new ItemQueue();
  /** Claims that are in time and have items that somebody could take beside them, the one that ends last first. */
  readonly ends = new Heap<HeldClaim, "endsAt">("endsAt", ({ endMs }) => -endMs);
  /** Claims that have begun, by when they are late; once they are late, by when they are void. */
  readonly dues = new Heap<HeldClaim, "duesAt">("duesAt", (claim) => (claim.isLate ? claim.voidMs : claim.dueMs));
  readonly holders: Holders;
  readonly sizes: ClaimSizes;
  readonly firstAttempt: number;
  isOpen: boolean;
  /** Of an open job: rows before this position go out in a smaller group, if need be. */
  flushedTo = 0;
  /** Rows that nobody was asked for. */
  fresh = 0;
  /** Does any row have an answer before its turn: the coordinator's, or one from before a restart? */
  standsAhead = false;
  visits = 0;
  /** Of these, over members of bands that needed no answer any more when their turn came. */
  passed = 0;
  nextClaimId = 1;
  readonly #order: SecretOrder | GivenOrder | null;

  constructor(options: LedgerOptions) {
    const { rowCount, rule, ruleOf, isOpen = false, firstAttempt = 0, bandRows = BAND_ROWS } = options;
    if (isOpen && options.orderKey !== null)
      throw new RangeError("RowLedger: expected no order of an open job, got a key");
    this.isOpen = isOpen;
    this.sizes = { ...CLAIM_SIZES, ...options.sizes };
    this.firstAttempt = firstAttempt;
    this.#order = orderOf(options);
    const isStanding = (position: number) => this.standsAhead && this.rows.isStanding(this.placeAt(position));
    this.bands = new Bands(ruleOf ?? (() => rule), isStanding, bandRows);
    this.holders = new Holders(this.rows, this.claims, (item) => this.attemptOf(item));
    this.append(rowCount);
  }

  append(count: number): void {
    this.rows.append(count, this.firstAttempt);
    this.fresh += count;
  }

  /** @returns whether there was a band to open, or to make longer */
  openBand(): boolean {
    const { bands, rows, isOpen, flushedTo } = this;
    if (!isOpen) return bands.openNext(rows.count, true);
    return bands.openNext(flushedTo, true) || bands.openNext(rows.count, false);
  }

  placeAt(position: number): number {
    return this.#order === null ? position : this.#order.placeAt(position);
  }

  positionOf(place: number): number {
    return this.#order === null ? place : this.#order.positionOf(place);
  }

  get targetMs(): number {
    return targetMsOf(this.crowd.tabs, this.sizes);
  }

  attemptOf(item: number): number {
    if (!isMixture(item)) return this.rows.attemptOf(item);
    return mixtureAttempt(this.groupOf(item)!, item);
  }

  /** null: the item is of no code */
  groupOf(item: number): Group | null {
    if (!this.bands.hasCodes) return null;
    return isMixture(item) ? this.bands.group(groupOfMixture(item)) : this.bands.groupAt(this.positionOf(item));
  }

  /** Has the item an answer that stands, or no need of one? */
  isMoot(item: number): boolean {
    if (!isMixture(item)) return this.rows.isStanding(item);
    const group = this.groupOf(item);
    return group === null || isGroupDone(group);
  }

  /** @param group of the item, where it has one */
  give(claim: HeldClaim, item: number, reason: Reason, group: Group | null): void {
    const attempt = group !== null && isMixture(item) ? mixtureAttempt(group, item) : this.rows.attemptOf(item);
    claim.add(item, attempt, reason, group);
    this.holders.add(item, claim, attempt);
    if (group !== null) memberTaken(group, claim.volunteer);
  }

  /** The claim has the item open no more. Whoever has it beside is its only holder then, and may be helped. */
  letGo(claim: HeldClaim, held: HeldItem): void {
    claim.close(held);
    this.holders.remove(held.item, claim);
    if (held.group !== null) memberClosed(held.group, claim.volunteer);
  }

  /** An item that a claim lost without an answer waits again, unless somebody in time has it. */
  waitAgain(item: number): void {
    const inTime = this.holders.inTime(item);
    if (inTime.length === 1) this.#isSole(item, inTime[0]!);
    if (inTime.length > 0 || this.isMoot(item)) return;
    if (isMixture(item)) {
      // Other mixtures are copies of what waits anyhow: those rows come again themselves.
      const { rule } = this.groupOf(item)!;
      if (!rule.goesOutPlain || rule.apart === "votes") this.again.push(item, null);
    } else if (this.rows.isNamed(item)) this.named.push(item, null);
    else this.again.push(item, null);
  }

  /** @returns whether it waited */
  waitsNoMore(item: number): boolean {
    return (this.again.size > 0 && this.again.delete(item)) || (this.named.size > 0 && this.named.delete(item));
  }

  isWaitingAgain(item: number): boolean {
    return (this.again.size > 0 && this.again.has(item)) || (this.named.size > 0 && this.named.has(item));
  }

  /** Is the row one that nobody was ever asked for? */
  isFresh(place: number): boolean {
    return this.rows.stateOf(place) === WAITING && !this.isWaitingAgain(place);
  }

  /** Everybody else who has the item open may leave it out. */
  wishOut(item: number, effects: LedgerEffect[]): void {
    if (!this.holders.hasAny(item)) return;
    for (const claim of this.holders.of(item)) {
      const items = claim.wish(item);
      if (items !== null) effects.push({ type: "drop", claim, items });
    }
  }

  /** A check that is not waited for any more: another partner is drawn. */
  freeCheck(partner: number, place: number, effects: LedgerEffect[]): void {
    const word = this.checks.settle(partner, place);
    if (word !== null) effects.push({ type: "checkFree", place, attempt: word.attempt, notBy: this.nameOf(partner) });
  }

  nameOf(volunteer: number): string {
    return this.crowd.volunteers.at(volunteer).name;
  }

  #isSole(item: number, claim: HeldClaim): void {
    claim.isSoleAgain(item);
    this.ends.put(claim);
  }
}

/** null: in the order of their places */
function orderOf({ rowCount, orderKey, order = null }: LedgerOptions): SecretOrder | GivenOrder | null {
  if (order !== null) return new GivenOrder(order, rowCount);
  return orderKey === null || rowCount === 0 ? null : new SecretOrder(rowCount, orderKey);
}
