/** Groups of a code: what of them is in, and who has or had a member of them. */
import type { Group } from "./bands.ts";
import { NOBODY } from "./row-states.ts";
import { groupOfMixture, indexOfMixture, mixtureItem } from "./words.ts";

interface Members {
  readonly group: Group;
  rowsIn: number;
  mixturesIn: number;
  /** By index: whose mixture stands. Empty until one comes. */
  authors: number[];
  /** By index, where a mixture was taken out. */
  attempts: number[];
  isDecodable: boolean;
  /** Every row is known beyond all votes. */
  isSettled: boolean;
  /** Volunteers that had a member. */
  had: number[];
  /** Those that have one open. */
  open: number[];
}

export class Groups {
  readonly #of = new Map<number, Members>();
  #undecided = 0;

  /** Groups with votes that were asked for and have no majority. */
  get undecided(): number {
    return this.#undecided;
  }

  isDecodable(group: Group): boolean {
    return this.#of.get(group.number)?.isDecodable === true;
  }

  /** Does nothing more of it have to be computed beside its rows? */
  isDone(group: Group): boolean {
    const members = this.#of.get(group.number);
    if (members === undefined) return false;
    if (!group.rule.goesOutPlain || group.rule.apart === "votes") return members.isDecodable;
    return members.rowsIn >= sizeOf(group);
  }

  /**
   * May the volunteer have a member?
   * @param isIdle it finds nothing else: then a group that it had a member of will do, if it has none open
   */
  mayHave(group: Group, volunteer: number, isIdle: boolean): boolean {
    if (group.rule.apart === "no") return true;
    const members = this.#of.get(group.number);
    if (members === undefined) return true;
    if (isIdle && group.rule.apart === "open") return !members.open.includes(volunteer);
    return !members.had.includes(volunteer) && !members.open.includes(volunteer);
  }

  taken(group: Group, volunteer: number): void {
    const { had, open } = this.#membersOf(group);
    if (!had.includes(volunteer)) had.push(volunteer);
    open.push(volunteer);
  }

  closed(group: Group, volunteer: number): void {
    const open = this.#of.get(group.number)?.open;
    const at = open?.indexOf(volunteer) ?? -1;
    if (at >= 0) open!.splice(at, 1);
  }

  /** @returns whether the group can be decoded from now on, and could not before */
  rowIn(group: Group): boolean {
    const members = this.#membersOf(group);
    members.rowsIn++;
    // What a lost tab would have had open is not missing any more.
    if (group.rule.apart === "open" && members.rowsIn >= sizeOf(group)) members.had = [];
    return this.#look(members);
  }

  rowOut(group: Group): void {
    const members = this.#membersOf(group);
    members.rowsIn--;
    this.#look(members);
  }

  attemptOf(item: number): number {
    return this.#of.get(groupOfMixture(item))?.attempts[indexOfMixture(item)] ?? 0;
  }

  /** NOBODY: no mixture stands there */
  authorOf(item: number): number {
    return this.#of.get(groupOfMixture(item))?.authors[indexOfMixture(item)] ?? NOBODY;
  }

  /** @returns whether the group can be decoded from now on, and could not before */
  mixtureIn(group: Group, index: number, author: number): boolean {
    const members = this.#membersOf(group);
    if (members.authors.length === 0) members.authors = new Array<number>(group.rule.mixtures).fill(NOBODY);
    members.authors[index] = author;
    members.mixturesIn++;
    return this.#look(members);
  }

  /** @returns whether the group could be decoded until now, and cannot any more */
  mixtureOut(group: Group, index: number): boolean {
    const members = this.#membersOf(group);
    members.authors[index] = NOBODY;
    members.mixturesIn--;
    if (members.attempts.length === 0) members.attempts = new Array<number>(group.rule.mixtures).fill(0);
    members.attempts[index]!++;
    const wasDecodable = members.isDecodable;
    this.#look(members);
    return wasDecodable && !members.isDecodable;
  }

  /** Its rows are known beyond all votes: the coordinator computed them, or they were durable before a restart. */
  settle(group: Group): void {
    const members = this.#membersOf(group);
    members.isSettled = true;
    this.#look(members);
  }

  /** Mixtures that stand and are this author's. A walk over all groups: for namings alone. */
  *mixturesOf(author: number): Generator<number, undefined> {
    for (const { group, authors } of this.#of.values()) {
      for (let index = 0; index < authors.length; index++) {
        if (authors[index] === author) yield mixtureItem(group.number, index);
      }
    }
  }

  #look(members: Members): boolean {
    const { group, rowsIn, mixturesIn } = members;
    const { rule } = group;
    const lacking = rule.rows - sizeOf(group);
    const isDecodable = members.isSettled || rule.isDecodable(rowsIn + lacking, mixturesIn);
    const wasDecodable = members.isDecodable;
    members.isDecodable = isDecodable;
    if (rule.apart === "votes") this.#undecided += Number(wasDecodable) - Number(isDecodable);
    return isDecodable && !wasDecodable;
  }

  #membersOf(group: Group): Members {
    const known = this.#of.get(group.number);
    if (known !== undefined) return known;
    const made: Members = {
      ...{ group, rowsIn: 0, mixturesIn: 0, authors: [], attempts: [] },
      ...{ isDecodable: false, isSettled: false, had: [], open: [] },
    };
    this.#of.set(group.number, made);
    if (group.rule.apart === "votes") this.#undecided++;
    return made;
  }
}

function sizeOf({ firstPosition, endPosition }: Group): number {
  return endPosition - firstPosition;
}
