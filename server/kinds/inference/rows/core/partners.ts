/** Who gives second words: volunteers that are ready, compute finely, have a known address and did not choose the job. SPEC.md CC5. */
import type { RandomSource } from "../../../../../shared/random/random.ts";
import { PartnerDraw } from "../../../../../shared/verify/cross-checks/partner-draw.ts";
import { addressGroupsNeeded, establishedRows } from "../../../../../shared/verify/cross-checks/partners.ts";
import { isFineClass } from "../../../../../shared/verify/model-class.ts";
import type { PartnerSource } from "../../../../checks/checked-rows-words.ts";
import { isMostlyImpartial, mayJudge } from "../../../../coordinator/choice-rules.ts";
import { isReadyForWork } from "../../../../coordinator/idle-sessions.ts";
import { areOne } from "../../../../coordinator/persons.ts";
import { countReadyVolunteers } from "../../../../coordinator/ranking.ts";
import { sessionsOf } from "../../../../coordinator/sessions-of.ts";
import type { CoordinatorState, Session } from "../../../../coordinator/state.ts";
import { classOf, measuredIn } from "../../core/model-classes.ts";
import type { RowsJob } from "./rows-job.ts";
import { mayWorkFor } from "./takers.ts";

/** A partner is found by a few tries; among so few ready sessions all are looked at before there is none. */
const ALL_LOOKED_AT_MAX = 32;

/** Partners as the crowd of the coordinator is when one is drawn. */
export class CrowdPartners implements PartnerSource {
  readonly #state: CoordinatorState;
  readonly #job: RowsJob;
  readonly #random: RandomSource;

  constructor(state: CoordinatorState, job: RowsJob, random: RandomSource) {
    this.#state = state;
    this.#job = job;
    this.#random = random;
  }

  /** [CC3] [WC4] [CC7] As many addresses as eps asks for are there to give them, and most of the tabs are there by chance. */
  isCrowdReady(): boolean {
    const [state, { stored }] = [this.#state, this.#job];
    if (state.nowMs < state.tabsBackMs) return false;
    const { addressGroups } = state.crowd.impartial;
    return addressGroups >= addressGroupsNeeded(stored.submission.answerBound) && isMostlyImpartial(state, stored);
  }

  groupOf(volunteerId: string): string | null {
    for (const { checkGroup } of sessionsOf(this.#state, volunteerId)) if (checkGroup !== null) return checkGroup;
    return null;
  }

  /** [CC5] The established first, where most are so: else the few may be one party. */
  draw(author: string, notAmong: ReadonlySet<string>): string | null {
    const state = this.#state;
    const { partners, ready } = state.crowd;
    const rowsNeeded = establishedRows(this.#job.stored.queryCount, countReadyVolunteers(state));
    const isEstablishedFirst = partners.haveMost(rowsNeeded + 1);
    const isEstablished = (volunteerId: string) => (state.volunteers.get(volunteerId)?.rowsTaken ?? 0) >= rowsNeeded;
    const group = this.groupOf(author);
    // Whoever let checks lie is drawn less, and rests after three in a row.
    const shareOf = (volunteerId: string) => state.checkLapses.shareOf(volunteerId, state.nowMs);
    const isOnePart = (volunteerId: string) => {
      const share = shareOf(volunteerId);
      return share === 1 || this.#random.uniform() < share;
    };
    const mayCheck = (volunteerId: string) =>
      !notAmong.has(volunteerId) &&
      shareOf(volunteerId) > 0 &&
      !areOne(state, volunteerId, author) &&
      sessionsOf(state, volunteerId).some((session) => this.#mayCheck(session, group));
    const established = isEstablishedFirst
      ? partners.tryDraw(this.#random, (id) => isEstablished(id) && isOnePart(id) && mayCheck(id))
      : null;
    const met = established ?? partners.tryDraw(this.#random, (id) => isOnePart(id) && mayCheck(id));
    if (met !== null || ready.size > ALL_LOOKED_AT_MAX) return met;
    const [first, all] = [new PartnerDraw(), new PartnerDraw()];
    for (const volunteerId of new Set([...state.sessions.values()].map((session) => session.volunteerId))) {
      const part = partners.partOf(volunteerId) * shareOf(volunteerId);
      if (part === 0 || !mayCheck(volunteerId)) continue;
      all.add(volunteerId, part);
      if (isEstablishedFirst && isEstablished(volunteerId)) first.add(volunteerId, part);
    }
    return first.draw(this.#random) ?? all.draw(this.#random);
  }

  /** [WC3] [CE8] [VS2] At another address or seat than the author, which has to be known. */
  #mayCheck(session: Session, authorGroup: string | null): boolean {
    const [state, job] = [this.#state, this.#job];
    const { checkGroup, home, volunteerId } = session;
    if (checkGroup === null || authorGroup === null || checkGroup === authorGroup || home !== null) return false;
    if (!isReadyForWork(state, session) || session.precision !== "float32") return false;
    if (!mayWorkFor(state, job, session) || !mayJudge(state, volunteerId, job)) return false;
    return isFineClass(classOf(state, measuredIn(job, session)));
  }
}
