/** What the core keeps of its sessions as they change, so that nobody walks all of them for one event. */
import { Alarms } from "./alarms.ts";
import { Choosers } from "./choosers.ts";
import { PartnerWeights } from "./partner-weights.ts";
import { ReadySessions } from "./ready-sessions.ts";
import { Takers } from "./takers.ts";
import { Tally } from "./tally.ts";

/** What a session is at. A ready one is working, while it holds anything that is waited for; resting, between two batches. */
export type TabStanding = "probing" | "quarantined" | "working" | "idle" | "resting" | "paused";

export interface CrowdKept {
  readonly ready: ReadySessions;
  /** [WC3] Of them those of volunteers that chose nothing of what was at work when they were looked at last. */
  readonly impartial: ReadySessions;
  /** [WC5] Ready volunteers that work for some jobs alone. */
  readonly choosers: Choosers;
  /** [CC5] Who may be drawn as a partner, by rows that were taken in. */
  readonly partners: PartnerWeights;
  /** Volunteers of whom rows of checked jobs were taken in. */
  met: number;
  /** What each session is at, for those who look. */
  readonly standings: Tally<TabStanding>;
  /** Of the idle sessions those whose volunteer does not rest. */
  readonly idle: Takers;
  /** [DP10] Of the soon idle ones those that are not overdue, and whose volunteer does not rest. */
  readonly soonIdle: Takers;
  /** When volunteers that rest have rested, by volunteer. */
  readonly resting: Alarms;
  /** [AS4] When volunteers have the next of their turns back. */
  readonly outOfTurn: Alarms;
  /** When what soon idle sessions are at is overdue, by session. */
  readonly overdue: Alarms;
  /**
   * Who may be sent work, and since which turn. idle: ready, available, with nothing to answer. soonIdle: at one assignment in time, and quick;
   * it may be sent the next one ahead.
   */
  readonly turns: { readonly idle: Map<string, number>; readonly soonIdle: Map<string, number> };
  nextTurn: number;
  /** Sessions that a run may seat, strays too. */
  readonly seatable: Set<string>;
  /** Volunteers of whom a session has become seatable, or is so no more, since jobs heard of it last. */
  readonly changed: Set<string>;
  /** Volunteers that are quarantined. */
  readonly named: Set<string>;
  /** [PC5] Volunteers with a back-end that computed a model wrong altogether, by model. */
  readonly unfit: Map<string, Set<string>>;
  /** [PC11] Jobs in which a volunteer's card gave rows that the order of sums decides, by volunteer. */
  readonly excused: Map<string, Set<string>>;
  /** [PC11] Volunteers that were excused in so many that their cards are asked no more. */
  readonly cardless: Set<string>;
}

export function nobodyKept(): CrowdKept {
  return {
    ready: new ReadySessions(),
    impartial: new ReadySessions(),
    choosers: new Choosers(),
    partners: new PartnerWeights(),
    met: 0,
    standings: new Tally(),
    idle: new Takers(),
    soonIdle: new Takers(),
    resting: new Alarms(),
    outOfTurn: new Alarms(),
    overdue: new Alarms(),
    turns: { idle: new Map(), soonIdle: new Map() },
    nextTurn: 0,
    seatable: new Set(),
    changed: new Set(),
    named: new Set(),
    unfit: new Map(),
    excused: new Map(),
    cardless: new Set(),
  };
}
