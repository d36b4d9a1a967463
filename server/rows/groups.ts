/** Groups of a code: what of them is in, and who has or had a member of them. */
import { NO_VOLUNTEER } from "./row-states.ts";
import { type GroupRule, indexOfMixture } from "./words.ts";

/** How many groups have no majority, all bands together. */
export interface Votes {
  undecided: number;
}

export class Group {
  readonly number: number;
  readonly rule: GroupRule;
  /** Positions of its rows, the last one not among them. */
  readonly firstPosition: number;
  readonly endPosition: number;
  /** null: there are no votes. */
  readonly votes: Votes | null;
  rowsIn: number;
  mixturesIn = 0;
  /** By index: whose mixture stands. null: none does, or none is needed any more. */
  authors: number[] | null = null;
  /** By index, where a mixture was taken out. */
  attempts: number[] | null = null;
  isDecodable = false;
  /** Its rows are known beyond all votes: the coordinator computed them, or they were durable before a restart. */
  isSettled: boolean;
  /** Volunteers that had a member, and those that have one open. Only where members are to be apart. */
  had: number[] | null = null;
  open: number[] | null = null;
  /** Volunteers whose answer to a member counted. Only where there are votes. */
  voted: number[] | null = null;

  /** @param rowsIn answers that stand already: durable before a restart, or the coordinator's */
  constructor(
    number: number,
    rule: GroupRule,
    firstPosition: number,
    endPosition: number,
    rowsIn: number,
    votes: Votes,
  ) {
    this.number = number;
    this.rule = rule;
    this.firstPosition = firstPosition;
    this.endPosition = endPosition;
    this.votes = rule.apart === "votes" ? votes : null;
    this.rowsIn = rowsIn;
    this.isSettled = rowsIn === endPosition - firstPosition;
    look(this);
  }
}

/** Is nothing more of it needed beside its rows? */
export function isGroupDone({ rule, isDecodable, rowsIn, firstPosition, endPosition }: Group): boolean {
  if (!rule.goesOutPlain || rule.apart === "votes") return isDecodable;
  return rowsIn >= endPosition - firstPosition;
}

/**
 * May the volunteer have a member?
 * @param isIdle it finds nothing else: then a group that it had a member of will do, if it has none open, and has no vote there
 */
export function mayHaveMember({ rule, had, open, voted }: Group, volunteer: number, isIdle: boolean): boolean {
  if (rule.apart === "no") return true;
  if (open?.includes(volunteer) === true || voted?.includes(volunteer) === true) return false;
  return isIdle || had?.includes(volunteer) !== true;
}

/** Of a vote: those who may have no member now, whatever else is said of it. Of any other group: nobody is told. */
export function shutOut({ rule, open, voted }: Group): readonly number[] {
  return rule.apart === "votes" ? [...(open ?? []), ...(voted ?? [])] : [];
}

export function memberTaken(group: Group, volunteer: number): void {
  if (group.rule.apart === "no") return;
  group.had ??= [];
  if (!group.had.includes(volunteer)) group.had.push(volunteer);
  group.open ??= [];
  group.open.push(volunteer);
}

export function memberClosed(group: Group, volunteer: number): void {
  const at = group.open?.indexOf(volunteer) ?? -1;
  if (at < 0) return;
  if (group.open!.length === 1) group.open = null;
  else group.open!.splice(at, 1);
}

/** Its answer counts: of a vote it has no other one, though that be taken out. */
export function memberCounts(group: Group, volunteer: number): void {
  if (group.rule.apart !== "votes") return;
  group.voted ??= [];
  if (!group.voted.includes(volunteer)) group.voted.push(volunteer);
}

/** More rows of the group have an answer. @returns whether the group can be decoded from now on, and could not before */
export function countAnswered(group: Group, more: number): boolean {
  group.rowsIn += more;
  const isNow = look(group);
  if (group.rule.apart !== "votes" && isGroupDone(group)) {
    // Nobody asks any more who had members: no loss is left to spread.
    group.had = null;
    if (group.rule.goesOutPlain) {
      group.authors = null;
      group.mixturesIn = 0;
    }
  }
  return isNow;
}

/** How often the mixture was taken out. */
export function mixtureAttempt({ attempts }: Group, item: number): number {
  return attempts === null ? 0 : attempts[indexOfMixture(item)]!;
}

/** @returns NO_VOLUNTEER: no mixture stands there, or its group is done */
export function mixtureAuthor(group: Group, index: number): number {
  return group.authors?.[index] ?? NO_VOLUNTEER;
}

/** @param author NO_VOLUNTEER: the mixture is taken out @returns whether the group can be decoded from now on, and could not before */
export function setMixture(group: Group, index: number, author: number): boolean {
  const { mixtures } = group.rule;
  group.authors ??= new Array<number>(mixtures).fill(NO_VOLUNTEER);
  group.authors[index] = author;
  if (author === NO_VOLUNTEER) {
    group.attempts ??= new Array<number>(mixtures).fill(0);
    group.attempts[index]!++;
  }
  group.mixturesIn += author === NO_VOLUNTEER ? -1 : 1;
  return look(group);
}

export function settleGroup(group: Group): void {
  group.isSettled = true;
  look(group);
}

function look(group: Group): boolean {
  const { rule, isSettled, isDecodable: wasDecodable } = group;
  const lacking = rule.rows - (group.endPosition - group.firstPosition);
  group.isDecodable = isSettled || rule.isDecodable(group.rowsIn + lacking, group.mixturesIn);
  if (group.votes !== null) group.votes.undecided += Number(wasDecodable) - Number(group.isDecodable);
  return group.isDecodable && !wasDecodable;
}
