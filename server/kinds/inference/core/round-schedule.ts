/** Which queries each round of a job of an earlier version answered, and with which code: its receipt tells that. Pure. */
import { QUERIES_PER_GROUP_MAX } from "../../../../shared/coding/code-limits.ts";
import { SCHEMES } from "../../../../shared/coding/schemes/schemes.ts";
import { GROUPS_PER_ROUND_MAX } from "../../../../shared/protocol/limits.ts";
import { must } from "../../../coordinator/assert.ts";
import type { RoundCut } from "../records.ts";
import {
  endRoundOf,
  firstPlaceOf,
  type InferencePlan,
  ownRowsIn,
  type PlannedJob,
  planFrom,
  planOf,
  plansOf,
  type RoundSettings,
  type SplitSlot,
} from "./inference-plan.ts";

export interface RoundSchedule {
  /** The plan that a round was opened with. */
  planOf(roundIndex: number): InferencePlan;
  /** [CC2] The name of its first row, from which those of the others are counted: no two rounds share any. */
  firstNameOf(roundIndex: number): number;
}

/** All queries are there: rounds are cut from them by the codes, one after the other. @throws CodingError as plansOf does */
export function fixedSchedule(job: PlannedJob & { readonly cuts?: readonly RoundCut[] }): FixedSchedule {
  const schedule = new FixedSchedule(job);
  for (const cut of job.cuts ?? []) schedule.cut(cut);
  return schedule;
}

export class FixedSchedule implements RoundSchedule {
  /** Rounds that the codes make of the queries. Behind them come rests of such as were cut. */
  readonly wholeRounds: number;
  readonly #plans: readonly InferencePlan[];
  /** Of rounds that were cut, and of rests. */
  readonly #cutPlans = new Map<number, InferencePlan>();
  /** Of rounds whose worker indices were split. */
  readonly #splitPlans = new Map<number, InferencePlan>();
  #rests = 0;

  /** @throws CodingError as plansOf does */
  constructor(job: PlannedJob) {
    const plans = plansOf(job);
    this.#plans = plans;
    this.wholeRounds = endRoundOf(must(plans.at(-1), "DL1: a job has a code from its first round on"));
  }

  get roundCount(): number {
    return this.wholeRounds + this.#rests;
  }

  planOf(roundIndex: number): InferencePlan {
    const changed = this.#cutPlans.get(roundIndex) ?? this.#splitPlans.get(roundIndex);
    if (changed !== undefined) return changed;
    for (let place = this.#plans.length - 1; place >= 0; place--) {
      const plan = this.#plans[place]!;
      if (plan.firstRound <= roundIndex) return plan;
    }
    return must<InferencePlan>(null, "DL1: a round has a code");
  }

  firstNameOf(roundIndex: number): number {
    return firstPlaceOf(this.planOf(roundIndex), roundIndex);
  }

  /** [SL3] Of a round of one batch. @returns the index of its rest */
  cut({ roundIndex, rows }: RoundCut): number {
    const plan = this.planOf(roundIndex);
    const [firstPlace, all] = [firstPlaceOf(plan, roundIndex), ownRowsIn(plan, roundIndex)];
    if (plan.scheme.workerCount !== 1 || rows < 1 || rows >= all) {
      const { workerCount } = plan.scheme;
      throw new RangeError(
        `FixedSchedule: expected fewer than ${all} rows of one batch, got ${rows} of ${workerCount}`,
      );
    }
    const rest = this.wholeRounds + this.#rests++;
    const endPlace = firstPlace + rows;
    const { groupsPerRound } = plan;
    this.#cutPlans.set(roundIndex, planFrom(plan, groupsPerRound, { firstRound: roundIndex, firstPlace, endPlace }));
    const behind = { firstRound: rest, firstPlace: endPlace, endPlace: firstPlace + all };
    this.#cutPlans.set(rest, planFrom(plan, groupsPerRound, behind));
    return rest;
  }

  /** [SL6] The round has these slots from now on, in place of those that its worker indices were split into before. */
  split(roundIndex: number, splits: readonly SplitSlot[]): void {
    const plan = this.planOf(roundIndex);
    this.#splitPlans.set(roundIndex, planFrom(plan, plan.groupsPerRound, plan, splits));
  }
}

/** Queries of a stream that are answered together: one round. Places are those in which they came. */
export interface StreamWindow {
  readonly firstPlace: number;
  readonly endPlace: number;
}

/** Names that a round of a stream has room for: groups that are not full are filled up, so that places would be those of the next window too. */
const NAMES_PER_ROUND = GROUPS_PER_ROUND_MAX * QUERIES_PER_GROUP_MAX;

/** [SM3] The queries come while it runs: each window that is closed is one round. */
export class StreamSchedule implements RoundSchedule {
  readonly #job: PlannedJob;
  readonly #windows: StreamWindow[];
  readonly #plans = new Map<number, InferencePlan>();

  /** @throws CodingError where (K, S, E) make no code */
  constructor(job: PlannedJob, windows: readonly StreamWindow[] = []) {
    this.#job = job;
    this.#windows = [...windows];
  }

  firstNameOf(roundIndex: number): number {
    return roundIndex * NAMES_PER_ROUND;
  }

  planOf(roundIndex: number): InferencePlan {
    const window = this.#windows[roundIndex];
    if (window === undefined) throw new RangeError(`StreamSchedule: round ${roundIndex} has no window`);
    const code = codeOfWindow(this.#job, window);
    // Windows of one size have one code: making it again would make its matrices again.
    const likeIt = this.#plans.get(code.queriesPerGroup) ?? planOf(this.#job, code, { firstRound: 0, ...window });
    this.#plans.set(code.queriesPerGroup, likeIt);
    return planFrom(likeIt, code.groupsPerRound, { firstRound: roundIndex, ...window });
  }
}

/**
 * [SM4] The code of a window: a group that is not full is a smaller group where the scheme says that it may be, down to one query
 * and its copies. Other codes know one K: there the last group is filled up.
 */
function codeOfWindow({ submission }: PlannedJob, { firstPlace, endPlace }: StreamWindow): RoundSettings {
  const queries = endPlace - firstPlace;
  const groupsPerRound = Math.ceil(queries / submission.queriesPerGroup);
  const { groupsMayShrink } = SCHEMES[submission.scheme];
  return {
    ...submission,
    groupsPerRound,
    queriesPerGroup: groupsMayShrink ? Math.ceil(queries / groupsPerRound) : submission.queriesPerGroup,
  };
}

/**
 * [SM6] The windows of a stream after a restart. Those of durable rounds are known; what lies between two of them is cut into
 * as many windows as there were rounds, none larger than the largest there was. What lies behind the last waits again.
 * @param durable by round index, ascending
 */
export function restoredWindows(durable: readonly ({ readonly roundIndex: number } & StreamWindow)[]): StreamWindow[] {
  const windows: StreamWindow[] = [];
  for (const { roundIndex, firstPlace, endPlace } of durable) {
    const missing = roundIndex - windows.length;
    const start = windows.at(-1)?.endPlace ?? 0;
    for (let i = 0; i < missing; i++) {
      const cut = (n: number) => start + Math.floor(((firstPlace - start) * n) / missing);
      windows.push({ firstPlace: cut(i), endPlace: cut(i + 1) });
    }
    windows.push({ firstPlace, endPlace });
  }
  return windows;
}
