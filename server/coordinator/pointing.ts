/** [CE8] Each tab works at the coordinator at which its address group is at home; a tab that comes to another one is pointed there. */
import type { CellBeat, CellLoad } from "../store/store.ts";
import { takeBackAhead } from "./assignments.ts";
import { nextShare } from "./cell-share.ts";
import { closeSessionFor } from "./close-session.ts";
import type { Step } from "./core-kind.ts";
import { refreshCrowd } from "./crowd/keep-crowd.ts";
import { homeOf, type Placing, partAt } from "./homes.ts";
import { cameForWorkHere } from "./idle-sessions.ts";
import { activeJobCount, activeJobs } from "./jobs.ts";
import type { CoordinatorState, Session } from "./state.ts";
import { kindOf } from "./step-context.ts";

const AT_HOME_THERE = "Another coordinator of this service has work for this tab.";

/** Where the part of the service that is at home here has become larger than this, rows wait until those who are new here can have come. */
const GROWTH_WAITED_FOR = 1.25;
/** Of the time in which all are back after a restart: whoever is told to come needs no more. */
const MOVE_SHARE = 0.5;

/** What this coordinator tells the others of itself. */
export function ownLoad(state: CoordinatorState): Required<CellBeat> & { readonly share: number } {
  const { ready } = state.crowd;
  return {
    ...{ connected: state.sessions.size, ready: ready.size, volunteers: ready.volunteers },
    jobs: activeJobCount(state),
    tabs: countTabs(state),
    share: Math.max(countSubmitters(state), state.ownShare.value),
  };
}

/** Connected, not paused, and at home here. */
function countTabs({ crowd: { standings }, strays }: CoordinatorState): number {
  const here = standings.count("probing") + standings.count("working") + standings.count("idle");
  return Math.max(0, here - strays.size);
}

function countSubmitters(state: CoordinatorState): number {
  return new Set(activeJobs(state).map(({ stored }) => stored.submission.submitter)).size;
}

/**
 * Strays go, those too that had asked for this coordinator by name: whoever pointed them here may have looked later than this one, which has looked
 * again by now.
 * @param cells all that tabs can be pointed to, this one too
 */
export function lookAtCells(step: Step, own: string, cells: readonly CellLoad[]): void {
  const { state, nowMs } = step;
  const others = cells.filter(({ name }) => name !== own);
  state.ownShare = nextShare(state.ownShare, {
    submitters: countSubmitters(state),
    tabs: countTabs(state),
    areOthersBusy: others.some(({ jobs }) => jobs > 0),
    haveOthersTabs: others.some(({ tabs }) => tabs > 0),
    ...{ nowMs, keptMs: state.settings.shareKeptMs },
  });
  const placing = placingBy(own, cells);
  if (JSON.stringify(placing) !== JSON.stringify(state.placing)) {
    waitForMovers(step, placing);
    state.placing = placing;
    state.isCrowdChanged = true;
    for (const session of state.sessions.values()) settleAtHome(state, session);
  }
  // A job that seats its volunteers would have to deal its data out anew.
  if (keepsItsTabs(step)) return;
  for (const sessionId of state.strays) sendHome(step, state.sessions.get(sessionId)!);
}

/** null: one that does not place tabs is among them, or this one is not; everybody works where it is. */
function placingBy(own: string, cells: readonly CellLoad[]): Placing | null {
  const isOneOfThem = cells.some(({ name }) => name === own);
  if (!isOneOfThem || cells.some(({ share }) => share === null)) return null;
  return { own, cells: cells.map(({ name, share }) => ({ name, share: share! })) };
}

/** [CC7] Of those who are new here some may have waited for it at the door: no partner is drawn before the others have had the time to come. */
function waitForMovers({ state, nowMs }: Step, placing: Placing | null): void {
  if (placing === null) return;
  const part = partAt(placing.own, placing.cells);
  const hasGrown = part > GROWTH_WAITED_FOR * state.partWaitedFor;
  if (part < state.partWaitedFor || hasGrown) state.partWaitedFor = part;
  if (!hasGrown) return;
  const isGone = (name: string) => !placing.cells.some((cell) => cell.name === name);
  const share = state.placing?.cells.some(({ name }) => isGone(name)) === true ? 1 : MOVE_SHARE;
  state.tabsBackMs = Math.max(state.tabsBackMs, nowMs + share * state.settings.comeBackMs);
}

/** Is it at home here, by what was seen last? */
export function settleAtHome(state: CoordinatorState, session: Session): void {
  const { placing } = state;
  const { sessionId, homePoint } = session;
  const home = placing === null || homePoint === null ? null : homeOf(homePoint, placing.cells);
  session.home = home === placing?.own ? null : home;
  if (session.pointedTo !== null) session.pointedTo = session.home;
  if (session.home === null || session.state === "quarantined") state.strays.delete(sessionId);
  else state.strays.add(sessionId);
  refreshCrowd(state, session);
}

/** Where it is a stray it is sent nothing more, and goes once it holds nothing. Not whoever came for what is here; a paused one holds nothing up. */
export function sendHome(step: Step, session: Session): void {
  const { state } = step;
  if (session.home === null || session.pointedTo !== null || state.isStopping) return;
  if (session.state === "quarantined" || !session.available || cameForWorkHere(state, session)) return;
  session.pointedTo = session.home;
  takeBackAhead(step, session);
  state.isCrowdChanged = true;
  refreshCrowd(state, session);
}

/** As it says something that may have kept it here. */
export function sendHomeUnlessSeated(step: Step, session: Session): void {
  if (session.home !== null && !keepsItsTabs(step)) sendHome(step, session);
}

function keepsItsTabs(step: Step): boolean {
  return [...step.state.jobsAtWork.values()].some((job) => kindOf(step, job).queue === null);
}

export function sendOnTheirWay(step: Step): void {
  const { state } = step;
  for (const sessionId of state.going) {
    state.going.delete(sessionId);
    const session = state.sessions.get(sessionId);
    if (session?.pointedTo != null) closeSessionFor(step, session, "elsewhere", AT_HOME_THERE, session.pointedTo);
  }
}
