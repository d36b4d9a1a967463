/**
 * What the crowd was lately, by verified work and not by heads: docs/verification.md, "What is assumed, and measured". Fresh keys cost
 * nothing, so that counting them would let anybody make honest records worthless; rows cost work, and the window forgets.
 */
import { betaQuantile } from "../beta-distribution.ts";
import { COLLUDERS, LIAR_SHARE_MIN, WINDOW_ROWS } from "./parameters.ts";

const PARTS = 20;
/** Rows that a named volunteer would have done count up to so many times those that it did. */
const STOPPED_FACTOR_MAX = 4;
/** Namings whose weight a new job takes over from the service: with four and no covered lie its share is at the floor. */
const INHERITED_NAMINGS = 4;

export type Seniority = "newcomer" | "established";

/** What is known of a volunteer when it is named. */
export interface Naming {
  /** That it had answered within the window, the right ones too. */
  readonly rows: number;
  /** That a volunteer has answered within the window, on average over all that answered any, named or not. */
  readonly typicalRows: number;
  /** Its answer differed from that of a partner. */
  readonly byPartner: boolean;
  /** It had agreed with a lie of somebody else's; absent: it had not. */
  readonly hasCovered?: boolean;
}

export interface Namings {
  /** Lied rows whose partner had told the same lie. */
  readonly covered: number;
  /** Volunteers that were named because their partner's answer differed. */
  readonly caught: number;
}

/** A part of a window, as it is stored. Rows of the named were counted when they came; their weight is what they stand for. */
export interface WindowPart extends Record<Seniority, { rows: number; rowsOfNamed: number; weightOfNamed: number }> {
  covered: number;
  caught: number;
}

/** What a naming has added to a window, to be taken back by it. */
export interface NamingCounted {
  readonly part: WindowPart;
  readonly seniority: Seniority;
  readonly rows: number;
  readonly weight: number;
  readonly byPartner: boolean;
  readonly hasCovered: boolean;
}

/**
 * The share of colluders among those who check to reckon with: the upper 95 % limit of a share of which `covered` of
 * `covered + caught` cases were seen, with one of five seen before, and never below a third. Colluders may sacrifice identities that
 * lie alone to look few: hence the floor.
 * @example colluderShare(0, 0) // -> 0.527129
 */
export function colluderShare(covered: number, caught: number, shareMin: number = COLLUDERS.shareMin): number {
  if (lately.covered !== covered || lately.caught !== caught)
    lately = { covered, caught, limit: limitOf(covered, caught) };
  return Math.max(shareMin, lately.limit);
}

function limitOf(covered: number, caught: number): number {
  const { prior, confidence } = COLLUDERS;
  return betaQuantile({ alpha: prior.alpha + covered, beta: prior.beta + caught }, confidence);
}

/** What was asked for last: it is asked for with each comparison, and namings are rare. */
let lately = { covered: 0, caught: 0, limit: limitOf(0, 0) };

/**
 * The same for one job: its own cases, and of what the service saw lately as much as four namings weigh, for a coalition that
 * gathers in one job shows there and nowhere else.
 * @example colluderShareOfJob({ covered: 0, caught: 0 }, { covered: 0, caught: 40 }) // -> 1 / 3
 */
export function colluderShareOfJob(job: Namings, service: Namings): number {
  const scale = Math.min(1, INHERITED_NAMINGS / Math.max(1, service.covered + service.caught));
  return colluderShare(job.covered + scale * service.covered, job.caught + scale * service.caught);
}

/**
 * The last rows of the service, in parts, with what was found in them. Mutable; one for a service.
 *
 * A volunteer that was named counts as the rows that it had done; or, since it was stopped, as those of a typical volunteer, but as no
 * more than four times its own: who wants honest records to be worth less has to work for it.
 *
 * @example
 * const window = new CrowdWindow();
 * window.addRows("established", 10_000);
 * window.addNaming("newcomer", { rows: 40, typicalRows: 1_000, byPartner: true });
 * window.liarShare("established") // -> 0.2
 */
export class CrowdWindow {
  private readonly parts: WindowPart[];

  /** @param parts of an earlier run, the oldest first */
  constructor(
    private readonly rowsMost: number = WINDOW_ROWS,
    parts: readonly WindowPart[] = [],
  ) {
    if (!(rowsMost >= PARTS)) throw new RangeError(`CrowdWindow: expected at least ${PARTS} rows, got ${rowsMost}`);
    this.parts = parts.slice(-PARTS).map(copyOf);
  }

  /** To be stored: the oldest first. */
  stored(): WindowPart[] {
    return this.parts.map(copyOf);
  }

  /**
   * Rows that were taken in of a volunteer that was this when it answered them.
   * @returns whether the part before them is full
   */
  addRows(seniority: Seniority, rows: number): boolean {
    const before = this.parts.at(-1);
    const part = this.current();
    part[seniority].rows += rows;
    return before !== undefined && part !== before;
  }

  /** A volunteer was named. @param seniority what it had been */
  addNaming(seniority: Seniority, { rows, typicalRows, byPartner, hasCovered = false }: Naming): NamingCounted {
    const part = this.current();
    const weight = Math.max(rows, Math.min(typicalRows, STOPPED_FACTOR_MAX * rows));
    const counted: NamingCounted = { part, seniority, rows, weight, byPartner, hasCovered };
    count(counted, 1);
    return counted;
  }

  /** It was named for nothing. What has left the window is no part of it any more. */
  takeBack(counted: NamingCounted): void {
    count(counted, -1);
  }

  /** A partner had agreed with a lie. */
  addCovered(): void {
    this.current().covered++;
  }

  get namings(): Namings {
    return {
      covered: this.parts.reduce((sum, { covered }) => sum + covered, 0),
      caught: this.parts.reduce((sum, { caught }) => sum + caught, 0),
    };
  }

  /** Was anybody named within the window? */
  get hasNamings(): boolean {
    return this.parts.some(({ newcomer, established }) => newcomer.weightOfNamed + established.weightOfNamed > 0);
  }

  /** Rows in the window, of whomever. */
  get rows(): number {
    return this.parts.reduce((sum, part) => sum + rowsOf(part), 0);
  }

  /** f, by work, never below LIAR_SHARE_MIN. Named newcomers count for newcomers alone. */
  liarShare(seniority: Seniority): number {
    const sum = (key: keyof WindowPart[Seniority]) =>
      this.parts.reduce((total, part) => total + part[seniority][key], 0);
    // Rows of the named were counted when they came.
    const others = Math.max(0, sum("rows") - sum("rowsOfNamed"));
    const named = sum("weightOfNamed");
    return named === 0 ? LIAR_SHARE_MIN : Math.max(LIAR_SHARE_MIN, named / (named + others));
  }

  private current(): WindowPart {
    const last = this.parts.at(-1);
    if (last !== undefined && rowsOf(last) < this.rowsMost / PARTS) return last;
    if (this.parts.length === PARTS) this.parts.shift();
    const none = () => ({ rows: 0, rowsOfNamed: 0, weightOfNamed: 0 });
    const fresh: WindowPart = { covered: 0, caught: 0, newcomer: none(), established: none() };
    this.parts.push(fresh);
    return fresh;
  }
}

function copyOf({ newcomer, established, covered, caught }: WindowPart): WindowPart {
  return { newcomer: { ...newcomer }, established: { ...established }, covered, caught };
}

function count({ part, seniority, rows, weight, byPartner, hasCovered }: NamingCounted, sign: 1 | -1): void {
  part[seniority].rowsOfNamed += sign * rows;
  part[seniority].weightOfNamed += sign * weight;
  if (byPartner) part.caught += sign;
  if (hasCovered) part.covered += sign;
}

const rowsOf = ({ newcomer, established }: WindowPart): number => newcomer.rows + established.rows;
