/**
 * Bands of groups, and the lanes along which their members go out. The code of a band is fixed when the band is opened. Lane l of a band holds the
 * l-th member of each of its groups; a claim takes what comes next in each lane, so that the members of a group go to different claims.
 */
import { Group, type Votes } from "./groups.ts";
import { type GroupRule, MIXTURES_MAX, mixtureItem, UNCODED } from "./words.ts";

/** Bands of which somebody may take at once. */
const OPEN_BANDS_MAX = 12;

export interface Band {
  readonly rule: GroupRule;
  readonly firstGroup: number;
  readonly firstPosition: number;
  rows: number;
  groups: number;
  /** By lane, rows first: the group, counted from the band's first, whose member goes out next. */
  readonly lanes: Int32Array;
  /** Members that have not gone out. */
  left: number;
  /** Of a code, as they are asked for. */
  readonly members: Group[];
}

export class Bands {
  readonly votes: Votes = { undecided: 0 };
  readonly #ruleOf: (band: number) => GroupRule;
  readonly #isStanding: (position: number) => boolean;
  readonly #bandRows: number;
  /** Bands with a code: groups of no others are asked for. */
  readonly #coded: Band[] = [];
  #open: Band[] = [];
  #latest: Band | null = null;
  /** Of a band that was asked for and has too few rows yet to be opened. */
  #waitingRule: { readonly band: number; readonly rule: GroupRule } | null = null;
  #opened = 0;
  #nextGroup = 0;
  #nextPosition = 0;

  /** @param isStanding has the row at a position an answer? */
  constructor(ruleOf: (band: number) => GroupRule, isStanding: (position: number) => boolean, bandRows: number) {
    this.#bandRows = bandRows;
    this.#ruleOf = ruleOf;
    this.#isStanding = isStanding;
  }

  /** Bands that have members left to go out. */
  get open(): readonly Band[] {
    return this.#open;
  }

  /** Rows before it are in bands. */
  get nextPosition(): number {
    return this.#nextPosition;
  }

  /** Was any band opened with a code? */
  get hasCodes(): boolean {
    return this.#coded.length > 0;
  }

  get hasRoom(): boolean {
    return this.#open.length < OPEN_BANDS_MAX;
  }

  /**
   * Opens a band, or makes the latest one longer if it has room and all of its groups are full.
   * @param endPosition rows from there on are not there @param isWhole does a smaller group close what is there?
   * @returns whether there was something to open
   */
  openNext(endPosition: number, isWhole: boolean): boolean {
    const waiting = endPosition - this.#nextPosition;
    if (waiting <= 0) return false;
    const band = this.#growing() ?? this.#made();
    const { rows: k } = band.rule;
    const groups = Math.min(
      this.#groupsPerBand(band.rule) - band.groups,
      isWhole ? Math.ceil(waiting / k) : Math.floor(waiting / k),
    );
    if (groups <= 0) return false;
    const rows = Math.min(waiting, groups * k);
    if (band.groups === 0) this.#keep(band);
    if (!this.#open.includes(band)) this.#open.push(band);
    band.rows += rows;
    band.groups += groups;
    band.left += groups * lanesOf(band.rule);
    if (band.rule.apart === "votes") this.votes.undecided += groups;
    this.#nextPosition += rows;
    this.#nextGroup += groups;
    return true;
  }

  /** The latest band, if it may grow. */
  #growing(): Band | null {
    const band = this.#latest;
    const hasRoom =
      band !== null && band.groups < this.#groupsPerBand(band.rule) && band.rows === band.groups * band.rule.rows;
    return hasRoom ? band : null;
  }

  #groupsPerBand({ rows }: GroupRule): number {
    return Math.max(1, Math.floor(this.#bandRows / rows));
  }

  #made(): Band {
    if (this.#waitingRule?.band !== this.#opened) {
      this.#waitingRule = { band: this.#opened, rule: checkedRule(this.#ruleOf(this.#opened)) };
    }
    const { rule } = this.#waitingRule;
    const lanes = new Int32Array(rule.rows + rule.mixtures);
    return {
      rule,
      firstGroup: this.#nextGroup,
      firstPosition: this.#nextPosition,
      rows: 0,
      groups: 0,
      lanes,
      left: 0,
      members: [],
    };
  }

  #keep(band: Band): void {
    this.#opened++;
    this.#latest = band;
    if (isCoded(band.rule)) this.#coded.push(band);
  }

  /** Nothing of these bands goes out any more. */
  dropEmpty(): void {
    if (this.#open.some(({ left }) => left === 0)) this.#open = this.#open.filter(({ left }) => left > 0);
  }

  /**
   * Rows before this position have gone out. Of a band with a code everything has, for its lanes go out side by side.
   * @returns the rule of the latest band, and up to where it has gone out
   */
  passLatest(endPosition: number): { readonly rule: GroupRule; readonly end: number } {
    const band = this.#latest!;
    const end = isCoded(band.rule) ? this.#nextPosition : Math.min(endPosition, this.#nextPosition);
    const gone = isCoded(band.rule) ? band.groups : end - band.firstPosition;
    band.lanes.fill(gone);
    band.left = isCoded(band.rule) ? 0 : band.groups - gone;
    this.dropEmpty();
    return { rule: band.rule, end };
  }

  /** The group of a row that is in a band; null: it is in none, or its band has no code. */
  groupAt(position: number): Group | null {
    if (position >= this.#nextPosition) return null;
    const band = this.#last((one) => one.firstPosition <= position);
    if (band === null || position >= band.firstPosition + band.rows) return null;
    return this.groupIn(band, Math.floor((position - band.firstPosition) / band.rule.rows));
  }

  /** @returns null: no such group was opened with a code */
  group(number: number): Group | null {
    const band = this.#last((one) => one.firstGroup <= number);
    return band === null || number >= band.firstGroup + band.groups
      ? null
      : this.groupIn(band, number - band.firstGroup);
  }

  /** A group of a coded band, counted from the band's first. */
  groupIn(band: Band, at: number): Group {
    const { members, rule, firstGroup } = band;
    while (members.length <= at) {
      const first = members.length * rule.rows;
      const firstPosition = band.firstPosition + first;
      const endPosition = band.firstPosition + Math.min(band.rows, first + rule.rows);
      let rowsIn = 0;
      for (let position = firstPosition; position < endPosition; position++) if (this.#isStanding(position)) rowsIn++;
      members.push(new Group(firstGroup + members.length, rule, firstPosition, endPosition, rowsIn, this.votes));
    }
    return members[at]!;
  }

  /** Has this member of the group had its turn? */
  hasGone({ number }: Group, lane: number): boolean {
    const band = this.#last((one) => one.firstGroup <= number)!;
    return band.lanes[lane]! > number - band.firstGroup;
  }

  /** Mixtures that stand and are this author's. A walk over all groups: for namings alone. */
  *mixturesOf(author: number): Generator<number, undefined> {
    for (const { members } of this.#coded) {
      for (const { number, authors } of members) {
        for (const [index, by] of authors?.entries() ?? []) if (by === author) yield mixtureItem(number, index);
      }
    }
  }

  /** The last coded band of which that is so; what is so of one is so of all before it. */
  #last(isSo: (band: Band) => boolean): Band | null {
    let [low, high] = [0, this.#coded.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isSo(this.#coded[middle]!)) low = middle + 1;
      else high = middle;
    }
    return this.#coded[low - 1] ?? null;
  }
}

/** Does it matter which rows are of one group? */
export function isCoded(rule: GroupRule): boolean {
  return rule.mixtures > 0 || rule.apart !== "no";
}

/** Members of a group that go out. */
export function lanesOf({ rows, mixtures, goesOutPlain }: GroupRule): number {
  return (goesOutPlain ? rows : 0) + mixtures;
}

/** Without mixtures there are no groups: K means nothing then. */
function checkedRule(rule: GroupRule): GroupRule {
  const { rows, mixtures, goesOutPlain } = rule;
  if (!Number.isInteger(rows) || rows < 1) throw new RangeError(`ruleOf: expected rows of a group, got ${rows}`);
  if (!Number.isInteger(mixtures) || mixtures < (goesOutPlain ? 0 : 1) || mixtures > MIXTURES_MAX) {
    throw new RangeError(`ruleOf: expected mixtures up to ${MIXTURES_MAX}, got ${mixtures}`);
  }
  return isCoded(rule) ? rule : UNCODED;
}
