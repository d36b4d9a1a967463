/** A drawn crowd under one checked block, step by step, and a shell that writes down what it may rely on. For tests. */

import type { RandomSource } from "../../../shared/random/random.ts";
import { randomAt, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { RowLedger } from "../../rows/ledger.ts";
import { type LedgerClaim, type RestoredRow, UNCODED } from "../../rows/words.ts";
import { CheckedBlock } from "../checked-rows.ts";
import type { CheckEffect, RowToRecompute } from "../checked-rows-words.ts";
import { type DrivenBlock, type Person, saidBy } from "./driven-block.ts";

interface Word {
  readonly volunteerId: string;
  readonly attempt: number;
  readonly value: string;
}

const nameOf = (place: number, attempt: number): string => `${place}:${attempt}`;

/** What went wrong, in words; a block that kept all laws has none. */
export class BlockDriver {
  readonly broken: string[] = [];
  readonly told: CheckEffect[] = [];
  readonly random: RandomSource;
  block: CheckedBlock;
  ledger: RowLedger;
  nowMs = 0;
  charges = 0;
  wrongFinal = 0;
  isOver = false;
  private run = 0;
  private timesAsked = 0;
  private isCharged = false;
  private hasFinding = false;
  private readonly words = new Map<number, Word[]>();
  /** Volunteers that had a row in a claim that began, beside the check that asks. */
  private readonly holders = new Map<number, Set<string>>();
  /** Answers of the block, and of those whose coin asks for a word those that have none. */
  private readonly accepted = new Map<
    string,
    { readonly place: number; readonly attempt: number; readonly author: string }
  >();
  private readonly answeredCoins = new Set<string>();
  private readonly foundWrong = new Set<string>();
  private readonly work: (() => void)[] = [];
  private readonly askedRows = new Map<string, RowToRecompute>();
  private readonly openSample = new Set<number>();
  private readonly claims = new Map<string, LedgerClaim[]>();
  private readonly present = new Set<string>();
  private readonly named = new Set<string>();
  private readonly vouches = new Map<number, { attempt: number; partner: string }>();
  private readonly final = new Set<number>();
  private readonly exact = new Set<number>();
  private readonly standing = new Map<number, { attempt: number; author: string }>();
  private readonly since = new Map<number, number>();
  private readonly said = new Set<string>();
  private readonly rights = new Map<string, number>();
  private readonly partnersOf = new Map<number, Set<string>>();
  private readonly proven = new Set<string>();

  constructor(private readonly asked: DrivenBlock) {
    this.random = simulationRandom(asked.seed);
    this.ledger = this.newLedger([]);
    this.block = this.newBlock();
  }

  private newLedger(answered: RestoredRow[]): RowLedger {
    const orderKey = Uint8Array.from({ length: 32 }, (_, i) => (this.asked.seed * 31 + i * 7) & 255);
    return new RowLedger({
      ...{ rowCount: this.asked.rows, rule: this.asked.rule ?? UNCODED, orderKey, answered },
      ...{ firstAttempt: 100 * this.run, sizes: { targetMs: 1_000, firstRows: 5, rowsMax: 12 } },
    });
  }

  private newBlock(): CheckedBlock {
    const { seed, terms } = this.asked;
    const openCoins = [...this.askedRows.values()].flatMap(({ place, attempt }) => {
      const answer = this.accepted.get(nameOf(place, attempt));
      return answer === undefined || this.standing.get(place)?.attempt === attempt ? [] : [answer];
    });
    return new CheckedBlock({
      ...{ ledger: this.ledger, terms, coinOf: this.coinOf, random: randomAt(seed, 77, this.run) },
      ...{ sampleBy: this.asked.sampleBy ?? "coordinator", windowRows: this.asked.windowRows ?? null },
      partners: {
        draw: (author, notAmong) => {
          const others = [...this.present].filter((id) => id !== author && !notAmong.has(id));
          return others.length === 0 ? null : others[this.random.integer(others.length)]!;
        },
        isCrowdReady: () => this.present.size >= 3,
        groupOf: (id) => id,
      },
      stored: {
        vouched: [...this.vouches].map(([place, word]) => ({ place, ...word })),
        openCoins,
        isCharged: this.isCharged,
        timesAsked: this.timesAsked,
      },
    });
  }

  private readonly coinOf = (place: number, attempt: number): number =>
    randomAt(this.asked.seed, 5, place, attempt).uniform();

  private isCoinOpen({ place, attempt }: { place: number; attempt: number }): boolean {
    const { anchorShare, duplicateShare } = this.asked.terms;
    return (
      this.coinOf(place, attempt) < anchorShare + duplicateShare && !this.answeredCoins.has(nameOf(place, attempt))
    );
  }

  private fail(text: string): void {
    this.broken.push(`${text} (seed ${this.asked.seed})`);
  }

  /** Runs the block to its end. */
  toTheEnd(stepsMax = 5_000): this {
    this.carryOut(this.block.begin(this.nowMs));
    for (const { id } of this.asked.people) this.join(id);
    for (let step = 0; step < this.asked.steps && !this.isOver; step++) this.step();
    // A person that is present and asks for nothing would keep rows from those that had them.
    for (const { id } of this.asked.people.slice(1)) this.leave(id);
    for (let step = 0; step < stepsMax && !this.isOver; step++) this.honestStep();
    if (!this.isOver) this.fail(`the block has not ended: ${JSON.stringify([this.block.waits, this.ledger.counts])}`);
    return this;
  }

  private join(id: string): void {
    if (this.present.has(id) || this.named.has(id)) return;
    this.present.add(id);
    this.claims.set(id, []);
    const knownNeeded = this.proven.has(id) ? 0 : (this.asked.knownNeeded ?? 0);
    this.carryOut(this.block.join({ sessionId: id, volunteerId: id, rowsPerMs: null, knownNeeded }, this.nowMs));
  }

  private leave(id: string): void {
    if (!this.present.delete(id)) return;
    this.claims.set(id, []);
    this.carryOut(this.block.leave(id, this.nowMs));
  }

  private step(): void {
    const { random, asked } = this;
    this.nowMs += random.integer(300);
    const { id } = asked.people[random.integer(asked.people.length)]!;
    const isFirst = id === asked.people[0]!.id;
    const draw = random.uniform();
    let from = 0;
    const isIt = (chance = 0) => {
      from += chance;
      return draw < from;
    };
    if (isIt(asked.crash)) return this.crash();
    if (isIt(asked.leave)) return isFirst ? undefined : this.present.has(id) ? this.leave(id) : this.join(id);
    if (isIt(asked.namedElsewhere)) return isFirst ? undefined : this.name(id);
    if (isIt(asked.takeOut)) return this.takeOut();
    if (isIt(0.05)) return this.carryOut(this.block.tick(this.nowMs));
    if (isIt(0.25)) return this.serve();
    if (this.present.has(id)) this.act(id);
  }

  private honestStep(): void {
    const [{ id }] = this.asked.people as [Person];
    this.nowMs += 100;
    this.join(id);
    this.serve();
    this.act(id);
    this.act(id);
    const due = this.block.nextDueMs;
    if ((this.claims.get(id) ?? []).length === 0 && this.work.length === 0 && due !== null)
      this.nowMs = Math.max(this.nowMs, due);
    this.carryOut(this.block.tick(this.nowMs));
  }

  /** The coordinator computes or compares something that it was asked for, in no order. */
  private serve(): void {
    for (let count = 0; count < 3 && this.work.length > 0; count++) {
      this.work.splice(this.random.integer(this.work.length), 1)[0]!();
    }
  }

  private act(id: string): void {
    const claims = this.claims.get(id)!;
    const openOf = ({ claimId, items }: LedgerClaim) =>
      items.filter(({ item, isOpen }) => isOpen && !this.said.has(`${claimId}:${item}`));
    // What it has answered it goes on from, whether or not that has entered the block.
    const claim = claims.find((one) => openOf(one).length > 0);
    if (claim === undefined || (claims.length < 2 && this.random.uniform() < 0.3)) {
      const { claim: taken, effects } = this.block.take(id, this.nowMs);
      if (taken !== null) this.took(id, taken);
      this.carryOut(effects);
      return;
    }
    const person = this.asked.people.find((one) => one.id === id)!;
    const open = openOf(claim);
    if (person.manner === "mute" || open.length === 0) return;
    if (person.manner === "half" && open.length < claim.items.length) return;
    const isWhole = person.manner !== "half" && this.random.uniform() < 0.5;
    const count = isWhole ? open.length : 1 + this.random.integer(open.length);
    const items = open.slice(0, count);
    const before = this.ledger.claimOf(claim.claimId);
    if (before === null) return;
    if (this.random.uniform() < 0.03 && person.manner !== "honest") {
      this.had(id, claim.begunMs === null ? [] : open.map(({ item }) => item));
      return this.carryOut(this.block.release(claim.claimId, this.nowMs));
    }
    this.had(
      id,
      items.map(({ item }) => item),
    );
    for (const { item } of items) {
      this.said.add(`${claim.claimId}:${item}`);
      const said = saidBy(person, item, this.asked.seed, this.random);
      // The present attempt is what an answer that stands has; its word is kept under the attempt that it went out with.
      const { attempt } = claim.items.find((one) => one.item === item)!;
      const words = this.words.get(item) ?? [];
      if (!words.some((word) => word.volunteerId === id && word.attempt === attempt))
        words.push({ volunteerId: id, attempt, value: said });
      this.words.set(item, words);
    }
    this.carryOut(
      this.block.answer(
        claim.claimId,
        items.map(({ item }) => item),
        this.nowMs,
      ),
    );
  }

  private took(id: string, claim: LedgerClaim): void {
    this.claims.get(id)!.push(claim);
    for (const { item, reason } of claim.items) {
      if (reason !== "check") continue;
      this.asksOf(item).add(id);
      if (this.standing.get(item)?.author === id) this.fail(`${id} checks its own row ${item}`);
      if (this.holders.get(item)?.has(id)) this.fail(`${id} checks row ${item}, which it had before`);
    }
  }

  /** The person had begun these rows, or answered them. */
  private had(id: string, items: readonly number[]): void {
    for (const item of items) this.holders.set(item, (this.holders.get(item) ?? new Set()).add(id));
  }

  /** Volunteers that were asked for a second word about a row. */
  private asksOf(place: number): Set<string> {
    const asks = this.partnersOf.get(place) ?? new Set();
    this.partnersOf.set(place, asks);
    return asks;
  }

  /** Is it of a block that ended before? */
  private isOld(place: number, attempt: number): boolean {
    return attempt < (this.since.get(place) ?? 0);
  }

  private vouched(place: number, author: string, partner: string): void {
    if (!this.asksOf(place).has(partner))
      this.fail(`${partner} answered a coin of row ${place} that it was not asked for`);
    const said = (id: string) => this.words.get(place)!.findLast(({ volunteerId }) => volunteerId === id)!.value;
    if (said(author) !== said(partner))
      this.fail(`${author} and ${partner} differ in row ${place}, and that counts as agreement`);
  }

  private name(id: string): void {
    if (this.named.has(id)) return;
    this.named.add(id);
    this.present.delete(id);
    this.claims.set(id, []);
    this.carryOut(this.block.name(id, this.nowMs));
  }

  private takeOut(): void {
    const places = [...this.standing.keys()].filter((place) => !this.final.has(place));
    if (places.length === 0) return;
    this.carryOut(this.block.takeOut([places[this.random.integer(places.length)]!], this.nowMs));
  }

  /** All that is not durable is forgotten: claims, partners, work that is under way. */
  private crash(): void {
    for (const [name, { place, attempt }] of this.accepted) {
      const isGone = this.standing.get(place)?.attempt !== attempt;
      if (isGone && !this.askedRows.has(name) && this.isCoinOpen({ place, attempt })) this.answeredCoins.add(name);
    }
    this.run++;
    const rows: RestoredRow[] = [];
    for (const place of this.exact) rows.push({ place, attempt: 0, author: null, isFinal: true });
    for (const [place, { attempt, author }] of this.standing) {
      if (!this.exact.has(place)) rows.push({ place, attempt, author, isFinal: this.final.has(place) });
    }
    // Which person had which row is forgotten with the claims.
    this.said.clear();
    // Which answers are of a block that ended before is not stored: a wrong one of these charges again, which is sound.
    this.since.clear();
    this.holders.clear();
    this.work.length = 0;
    this.openSample.clear();
    this.ledger = this.newLedger(rows);
    this.block = this.newBlock();
    this.askedRows.clear();
    const present = [...this.present];
    this.present.clear();
    this.carryOut(this.block.begin(this.nowMs));
    for (const id of present) this.join(id);
  }

  private carryOut(effects: readonly CheckEffect[]): void {
    for (const effect of effects) {
      this.told.push(effect);
      this.follow(effect);
    }
  }

  private follow(effect: CheckEffect): void {
    switch (effect.type) {
      case "accepted": {
        const { place, attempt, volunteerId: author } = effect;
        if ((this.asked.knownNeeded ?? 0) > 0 && !this.proven.has(author))
          this.fail(`an answer of ${author} entered before a known row`);
        this.accepted.set(nameOf(place, attempt), { place, attempt, author });
        this.standing.set(place, { attempt, author });
        return;
      }
      case "ended": {
        const claims = this.claims.get(effect.sessionId);
        const at = claims?.findIndex(({ claimId }) => claimId === effect.claimId) ?? -1;
        if (at >= 0) claims!.splice(at, 1);
        return;
      }
      case "late": {
        const late = this.claims.get(effect.sessionId)?.find(({ claimId }) => claimId === effect.claimId);
        const open = late?.items.filter(({ isOpen, reason }) => isOpen && reason !== "check") ?? [];
        return this.had(
          effect.sessionId,
          open.map(({ item }) => item),
        );
      }
      case "void":
        return this.leave(effect.sessionId);
      case "drop": {
        const { claimId, items, sessionId } = effect;
        this.work.push(() => {
          const open = items.filter((item) => !this.holders.get(item)?.has(sessionId));
          this.carryOut(this.block.leftOut(claimId, open, this.nowMs));
        });
        return;
      }
      case "vouched":
        if (effect.partner !== null) this.vouched(effect.place, effect.author, effect.partner);
        if (effect.partner === null && !this.answeredCoins.has(nameOf(effect.place, effect.attempt))) {
          this.fail(`the coin of ${nameOf(effect.place, effect.attempt)} counts as answered, and nobody compared it`);
        }
        this.answeredCoins.add(nameOf(effect.place, effect.attempt));
        if (effect.partner !== null)
          this.vouches.set(effect.place, { attempt: effect.attempt, partner: effect.partner });
        return;
      case "exact":
        this.exact.add(effect.place);
        this.final.delete(effect.place);
        this.standing.delete(effect.place);
        return;
      case "takenOut":
        for (const place of effect.places) {
          this.standing.delete(place);
          this.final.delete(place);
        }
        return;
      case "recompute":
        for (const row of effect.rows) this.wantRow(row);
        return;
      case "compare": {
        const { place, attempt, author, second } = effect;
        this.work.push(() => this.compareWords(place, attempt, author, second));
        return;
      }
      case "compareKnown": {
        const { sessionId, place, volunteerId } = effect;
        const isRight = this.words.get(place)!.findLast((word) => word.volunteerId === volunteerId)!.value === "right";
        this.work.push(() => {
          const rights = (this.rights.get(volunteerId) ?? 0) + (isRight ? 1 : 0);
          this.rights.set(volunteerId, rights);
          if (isRight && rights >= (this.asked.knownNeeded ?? 0)) this.proven.add(volunteerId);
          this.carryOut(this.block.comparedKnown(sessionId, place, isRight, this.nowMs));
        });
        return;
      }
      case "charge":
        this.charges++;
        if (this.isCharged) this.fail("a block was charged twice");
        this.isCharged = true;
        return;
      case "found": {
        if (!this.isCharged && !this.isOld(effect.place, effect.attempt))
          this.fail("a finding was told before its charge");
        this.foundWrong.add(`${effect.place}:${effect.attempt}:${effect.volunteerId}`);
        const { volunteerId } = effect;
        if (this.random.uniform() < this.asked.namedShare) this.work.push(() => this.name(volunteerId));
        return;
      }
      case "certified":
        return this.certified(effect);
      case "notCertified":
        return this.ended(effect);
      default:
    }
  }

  private wantRow(row: RowToRecompute): void {
    const name = nameOf(row.place, row.attempt);
    this.askedRows.set(name, row);
    if (row.why === "sample") {
      this.openSample.add(row.place);
      for (const answer of this.accepted.values()) {
        if (this.isCoinOpen(answer))
          this.fail(`a sample was drawn before the coin of ${nameOf(answer.place, answer.attempt)} was answered`);
      }
    }
    // What was said until it was asked for; what is said until it is computed is told or not.
    const before = [...(this.words.get(row.place) ?? [])];
    this.work.push(() => {
      this.askedRows.delete(name);
      const { place, attempt } = row;
      this.openSample.delete(place);
      const heard = this.random.uniform() < 0.5 ? before : (this.words.get(place) ?? []);
      const words = heard.map(({ value, ...word }) => ({
        ...word,
        ...{ isRight: value === "right", isBeyondDoubt: this.random.uniform() < 0.5 },
      }));
      if (words.some((word) => !word.isRight && !this.isOld(place, word.attempt))) this.hasFinding = true;
      for (const word of words) this.answeredCoins.add(nameOf(place, word.attempt));
      this.carryOut(this.block.recomputed(place, attempt, words, this.nowMs));
      if (this.hasFinding !== this.isCharged)
        this.fail(`row ${place}: found ${this.hasFinding}, charged ${this.isCharged}`);
    });
  }

  private compareWords(place: number, attempt: number, author: string | null, second: string): void {
    const words = this.words.get(place)!;
    const said = words.findLast((word) => word.volunteerId === second)!.value;
    const stands = author === null ? "right" : words.findLast((word) => word.volunteerId === author)!.value;
    const what = said === stands ? "agree" : this.random.uniform() < 0.5 ? "differ" : "undecided";
    this.carryOut(this.block.compared(place, attempt, author, second, what, this.nowMs));
  }

  private certified({ places, sampled, isLast }: Extract<CheckEffect, { type: "certified" }>): void {
    const { terms } = this.asked;
    if (this.hasFinding) this.fail("answers were certified after a finding");
    if (this.openSample.size > 0) this.fail("answers were certified before the sample was answered");
    if (sampled < Math.ceil(terms.sampleShare * places.length))
      this.fail(`a sample of ${sampled} for ${places.length} answers`);
    for (const place of places) {
      const answer = this.standing.get(place);
      if (answer === undefined) this.fail(`row ${place} was certified without an answer`);
      else if (this.isCoinOpen({ place, ...answer }))
        this.fail(`row ${place} was certified before its coin was answered`);
      else {
        if (this.foundWrong.has(`${place}:${answer.attempt}:${answer.author}`))
          this.fail(`row ${place} was found wrong and is final`);
        const word = this.words.get(place)!.findLast(({ volunteerId }) => volunteerId === answer.author)!;
        if (word.value !== "right") this.wrongFinal++;
      }
      this.final.add(place);
    }
    if (!isLast) return;
    for (const answer of this.accepted.values()) {
      if (this.isCoinOpen(answer))
        this.fail(`the block ended before the coin of ${nameOf(answer.place, answer.attempt)} was answered`);
    }
    if (this.final.size + this.exact.size !== this.asked.rows)
      this.fail(`${this.final.size} and ${this.exact.size} of ${this.asked.rows} rows are final`);
    this.isOver = true;
  }

  private ended({ unsettled, isCharged, mayAskAgain }: Extract<CheckEffect, { type: "notCertified" }>): void {
    if (!isCharged || !this.hasFinding) this.fail("a block without a finding was not certified");
    for (const answer of this.accepted.values()) {
      if (this.isCoinOpen(answer))
        this.fail(`the block was given up before the coin of ${nameOf(answer.place, answer.attempt)} was answered`);
    }
    if (mayAskAgain && this.timesAsked >= 2) this.fail("a block may be asked again a third time");
    if (!mayAskAgain) {
      this.isOver = true;
      return;
    }
    this.work.push(() => {
      this.timesAsked++;
      this.isCharged = false;
      this.hasFinding = false;
      this.accepted.clear();
      this.answeredCoins.clear();
      const effects = this.block.askAgain(this.asked.terms, unsettled, this.nowMs);
      for (let place = 0; place < this.asked.rows; place++) this.since.set(place, this.ledger.attemptOf(place));
      this.carryOut(effects);
    });
  }
}
