/** First answers of a round were put together: suspects are judged, then the answers are published or made anew. */
import type { Step } from "../../../../coordinator/core-kind.ts";
import { touch } from "../../../../coordinator/step-context.ts";
import type { Verdicts } from "../confirmations.ts";
import type { Disagreement, InferenceJob, Round } from "../job.ts";
import { publishDecoded } from "../rounds.ts";
import type { OutcomeOf, RoundPlace } from "../work.ts";
import { judged, recordAudit } from "./record-audit.ts";

/** The round whose decode this is the outcome of, or null where it is stale. */
export function decodingRound(job: InferenceJob, effectId: number, of: RoundPlace): Round | null {
  const round = job.openRounds.get(of.roundIndex);
  if (round === undefined || round.generation !== of.generation) return null;
  return round.decode.state === "running" && round.decode.effectId === effectId ? round : null;
}

/** @param verdicts null: nobody is named, and nothing is made of what differs */
export function judgeDecode(
  step: Step,
  job: InferenceJob,
  { effectId, volunteers, event }: Extract<Disagreement, { in: "decode" }>,
  verdicts: Verdicts | null,
): void {
  const round = decodingRound(job, effectId, event);
  const lied = verdicts === null || suspectsLied(step, job, event, volunteers, verdicts);
  if (round === null) return;
  job.openRounds.changed(round);
  touch(step, job, round);
  // Not published: what a liar was part of is decoded again without it.
  if (lied) round.decode = { state: "none", minimumResults: 0 };
  else publishDecoded(step, job, round, effectId, event.outcome);
}

function suspectsLied(
  step: Step,
  job: InferenceJob,
  { roundIndex, outcome }: OutcomeOf<"decoded">,
  volunteers: ReadonlyMap<number, string>,
  verdicts: Verdicts,
): boolean {
  let lied = false;
  for (const { workerIndex, checked, failed } of outcome.suspectAudits) {
    const volunteerId = volunteers.get(workerIndex);
    if (volunteerId === undefined) continue;
    const found = judged({ checked, randomlyChecked: 0, failed }, volunteerId, verdicts);
    if (!recordAudit(step, job, roundIndex, volunteerId, found)) lied = true;
  }
  return lied;
}
