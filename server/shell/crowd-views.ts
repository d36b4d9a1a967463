/** What people are shown of the crowd: plain projections of the coordinator's state. */
import { quantile } from "../../shared/numbers/quantile.ts";
import type { CrowdRange, SessionView, StatusView, VolunteerView } from "../../shared/protocol/crowd-api.ts";
import { whyNoTab } from "../../shared/protocol/why-no-tab.ts";
import type { CoreKinds } from "../coordinator/core-kind.ts";
import { isSlowAlready } from "../coordinator/crowd-seen.ts";
import { pausedBecause } from "../coordinator/dispatch.ts";
import { isAtWorkAlone, workSoFar } from "../coordinator/idle-sessions.ts";
import { activeJobCount } from "../coordinator/jobs.ts";
import { sessionsOf } from "../coordinator/sessions-of.ts";
import type { CoordinatorState, Volunteer } from "../coordinator/state.ts";
import { presenceOf, restsBetweenBatches, seenTabs } from "../coordinator/tabs-seen.ts";
import type { Whereabouts } from "../web/coordinator-port.ts";

/** @param page absent: all of them */
export function sessionViews(state: CoordinatorState, page?: CrowdRange): SessionView[] {
  return paged(state.sessions.values(), page).map((session): SessionView => {
    const free = session.available ? "idle" : restsBetweenBatches(session) ? "resting" : "paused";
    const working = isAtWorkAlone(state, session) ? "working" : free;
    return {
      sessionId: session.sessionId,
      volunteerId: session.volunteerId,
      nickname: session.nickname,
      backend: session.backend,
      state: session.state === "ready" ? working : session.state,
      presence: presenceOf(state, session),
      precision: session.state === "ready" ? session.precision : null,
      responseMsMedian: quantile(
        session.responses.map((sample) => sample.ms),
        0.5,
      ),
      verifiedAssignments: session.verifiedAssignments,
      lateAssignments: session.lateAssignments,
      recent: [...session.recent],
    };
  });
}

/** @param page absent: all of them. @param isNamed only those that are quarantined */
export function volunteerViews(state: CoordinatorState, page?: CrowdRange, isNamed = false): VolunteerView[] {
  return paged(isNamed ? namedOf(state) : state.volunteers.values(), page).map(volunteerView);
}

function* namedOf({ crowd, volunteers }: CoordinatorState): Generator<Volunteer, undefined> {
  for (const volunteerId of crowd.named) {
    const volunteer = volunteers.get(volunteerId);
    if (volunteer !== undefined) yield volunteer;
  }
}

/** Others are passed over, and not looked at. */
function paged<T>(all: Iterable<T>, page: CrowdRange | undefined): T[] {
  if (page === undefined) return [...all];
  const { offset, limit } = page;
  const found: T[] = [];
  let at = 0;
  for (const one of all) {
    if (at++ < offset) continue;
    if (found.length === limit) break;
    found.push(one);
  }
  return found;
}

export function volunteerView(volunteer: Volunteer): VolunteerView {
  const { volunteerId, nickname, team, durableCredit, auditsPassed, auditsFailed, quarantine, released, ownerId } =
    volunteer;
  const creditMacs = durableCredit.macs;
  return { volunteerId, nickname, team, creditMacs, auditsPassed, auditsFailed, quarantine, released, ownerId };
}

/** [VS1] Of several tabs the busiest counts. */
export function whereaboutsOf(state: CoordinatorState, volunteerId: string): Whereabouts | null {
  const volunteer = state.volunteers.get(volunteerId);
  if (volunteer === undefined) return null;
  const { nickname, rowsTaken: rows, quarantine } = volunteer;
  if (quarantine !== null) return { nickname, rows, state: "named" };
  const sessions = sessionsOf(state, volunteerId);
  const atWork = sessions.filter((session) => isAtWorkAlone(state, session));
  const isLate = atWork.some((session) => isSlowAlready(session, workSoFar(state, session, state.nowMs)));
  if (sessions.length === 0) return { nickname, rows, state: "away" };
  return { nickname, rows, state: isLate ? "late" : atWork.length > 0 ? "working" : "here" };
}

/** Bytes are those of kinds whose work the core sends out in turn. */
export function statusView(
  state: CoordinatorState,
  kinds: CoreKinds,
): Pick<
  StatusView,
  "sessions" | "sessionsReady" | "jobsActive" | "numericsPending" | "bytesInFlight" | "pausedBecause" | "whyNoTab"
> {
  let bytes = 0;
  for (const job of state.jobsAtWork.values()) {
    bytes += kinds.get(job.kind)?.queue?.bytesInFlight(job) ?? 0;
  }
  const { standings } = state.crowd;
  return {
    sessions: state.sessions.size,
    sessionsReady: state.sessions.size - standings.count("probing") - standings.count("quarantined"),
    jobsActive: activeJobCount(state),
    numericsPending: state.numericsPending.size,
    bytesInFlight: bytes,
    pausedBecause: pausedBecause(state),
    whyNoTab: whyNoTab(seenTabs(state)),
  };
}
