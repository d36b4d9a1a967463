/** The coordinator's state as the facts of a crowd have it: what is known of its volunteers, and what a session is known by that is ready. */
import { refreshCrowd } from "../../../coordinator/crowd/keep-crowd.ts";
import { crowdLatelyOf } from "../../../coordinator/crowd-record.ts";
import { newVolunteer, unknownVolunteer } from "../../../coordinator/reputation.ts";
import { type CoordinatorState, initialState } from "../../../coordinator/state.ts";
import { classKeyFor } from "../core/model-classes.ts";
import type { CrowdFacts, TabFacts } from "./crowd-facts.ts";
import { VIRTUAL_MODEL } from "./virtual-job.ts";

/** Whoever chooses has chosen whatever is at work. */
const CHOSE_UNTIL_MS = Number.MAX_SAFE_INTEGER;

/**
 * Without sessions.
 * @param rowsEach rows of the job that one row stands for: what volunteers have behind them counts in these
 */
export function virtualState(
  { standing, ratios, tabs }: CrowdFacts,
  rowsEach: number,
  nowMs: number,
): CoordinatorState {
  const state = initialState(standing.settings);
  state.nowMs = nowMs;
  state.crowdLately = crowdLatelyOf(standing.crowd);
  state.crowd.met = standing.met;
  const { newcomers, established } = standing.verifiedWork;
  Object.assign(state.verifiedWork, { newcomers: { ...newcomers }, established: { ...established } });
  state.crowdResponses.push(...standing.answers);
  state.crowdSeen.ratios.push(...ratios);
  for (const tab of tabs) enterVolunteer(state, tab, rowsEach);
  return state;
}

export function virtualVolunteer({ volunteer }: Pick<TabFacts, "volunteer">): string {
  return `v${volunteer}`;
}

function enterVolunteer(state: CoordinatorState, tab: TabFacts, rowsEach: number): void {
  const volunteerId = virtualVolunteer(tab);
  if (state.volunteers.has(volunteerId)) return;
  const { auditsPassed, rowsTaken, isChooser, unansweredInRow } = tab;
  const volunteer = newVolunteer({
    ...unknownVolunteer(volunteerId),
    ...{ auditsPassed, rowsTaken: Math.round(rowsTaken / rowsEach), choseUntilMs: isChooser ? CHOSE_UNTIL_MS : null },
  });
  volunteer.unansweredInRow = unansweredInRow;
  state.volunteers.set(volunteerId, volunteer);
}

/** What was measured of a tab that is there is known of its session. */
export function knowSession(state: CoordinatorState, sessionId: string, tab: TabFacts): void {
  const session = state.sessions.get(sessionId);
  if (session === undefined) return;
  session.responses.push(...tab.responses);
  session.tripsMs.push(...tab.tripsMs);
  const { precision, rowsMeasured, backend } = tab;
  const [fine, coarse] = precision === "float32" ? [rowsMeasured, 0] : [0, rowsMeasured];
  const classes = state.volunteers.get(virtualVolunteer(tab))?.classes;
  if (rowsMeasured > 0) classes?.set(classKeyFor(VIRTUAL_MODEL, backend), { fine, coarse, wrong: 0 });
  refreshCrowd(state, session);
}
