/** To whom rows go whose answer was taken out: rather to those whose word counts. SPEC.md CC10. */
import { addressGroupsNeeded } from "../../../../../shared/verify/cross-checks/partners.ts";
import { mayJudge, takesJob } from "../../../../coordinator/choice-rules.ts";
import type { CoordinatorState, Session } from "../../../../coordinator/state.ts";
import { isLookedAt } from "../confirmations.ts";
import type { InferenceJob, Round, Slot } from "../job.ts";
import { isUnfit } from "../model-classes.ts";
import { checkedJob } from "./checked-job.ts";
import { rowsToBeEstablished } from "./who-checks.ts";

/** Fewer cannot do the others' rows again and be strangers to each other. */
export const REDOERS_MIN = 3;

type MayRedo = (session: Session) => boolean;

/** Were rows of this batch answered before, by somebody whose answer stands no more? */
export function isRedone(round: Round, slot: Slot): boolean {
  return round.generation > 0 || slot.takenBefore > 0;
}

/**
 * [CC10] At a job's end those within its bound, where there are enough of them; else volunteers with a record, where these are of enough
 * addresses; else anybody: no row waits for somebody who is not there.
 */
export function redoersOf(state: CoordinatorState, job: InferenceJob): MayRedo {
  const checked = checkedJob(job);
  if (checked === null) return anybody;
  const { within } = checked.checks;
  if (within !== null) {
    const isWithin = ({ volunteerId }: Session) => within.has(volunteerId);
    if (hasGroups(state, job, state.crowd.ready, isWithin, REDOERS_MIN)) return isWithin;
  }
  const rowsNeeded = rowsToBeEstablished(state, job);
  const isEstablished = ({ volunteerId }: Session) =>
    (state.volunteers.get(volunteerId)?.rowsTaken ?? 0) >= rowsNeeded && mayJudge(state, volunteerId, job);
  const { answerBound } = job.stored.submission;
  const groupsNeeded = addressGroupsNeeded(answerBound);
  return hasGroups(state, job, state.crowd.impartial, isEstablished, groupsNeeded) ? isEstablished : anybody;
}

const anybody: MayRedo = () => true;

/** Are there ready ones of so many addresses, who may have any batch of the job? Where many are, few are looked at. */
function hasGroups(
  state: CoordinatorState,
  job: InferenceJob,
  among: CoordinatorState["crowd"]["ready"],
  isOne: MayRedo,
  needed: number,
): boolean {
  const groups = new Set<string>();
  for (const sessionId of among.elsewhere(null)) {
    const session = state.sessions.get(sessionId);
    if (session?.addressGroup == null || groups.has(session.addressGroup) || !isOne(session)) continue;
    if (session.state !== "ready" || session.precision !== "float32") continue;
    if (
      !takesJob(state, session.volunteerId, job) ||
      isUnfit(state, job, session) ||
      isLookedAt(job, session.volunteerId)
    )
      continue;
    if (groups.add(session.addressGroup).size >= needed) return true;
  }
  return false;
}
