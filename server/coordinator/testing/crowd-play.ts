/** One play in crowds of any size: the same jobs, the same sixteen tabs that work for them, and what each event looked at. */

import { backendOf, classKeyFor } from "../../kinds/inference/core/model-classes.ts";
import type { SizedRounds, StoredJob } from "../../kinds/inference/records.ts";
import { must } from "../assert.ts";
import { refreshCrowd } from "../crowd/keep-crowd.ts";
import type { CoordinatorEvent } from "../events.ts";
import { hasItsTurnsAt } from "../failed-models.ts";
import { recordResponse } from "../response-times.ts";
import type { Assignment, CoordinatorState, Session } from "../state.ts";
import { countVisits } from "./counted-visits.ts";
import { Story, SYSTEMATIC, storedJob } from "./story.ts";

/** All but those that come once or never: restored, stopping, what an operator or a submitter asks. */
export const SORTS = [
  "sessionOpened",
  "sessionProbed",
  "availabilityChanged",
  "choiceChanged",
  "sessionClosed",
  "jobSubmitted",
  "jobCancelled",
  "outcome",
  "persisted",
  "resultArrived",
  "assignmentFailed",
  "assignmentReturned",
] as const satisfies readonly CoordinatorEvent["type"][];

const ANSWERS = 200;

export type PlayedCrowd = "idle" | "busy" | "cross-checking" | "choosing" | SizedCrowd;
type SizedCrowd = "sized, all busy" | "sized, some idle";

/**
 * @param crowd idle: the others have nothing to do. busy: they are at batches of another job, in time. cross-checking: they idle, and rows
 *   go out twice. choosing: they idle, and work for other projects alone, a third of them for one that nobody else names. sized:
 *   hundreds are at batches of jobs whose rounds have several sizes, and as fast as each size asks for; the others idle, or are at batches of another
 *   job. All rest after each batch, so that they are sent nothing ahead
 * @returns of each sort of event how many entries each was handed
 */
export function playCrowd(size: number, crowd: PlayedCrowd): ReadonlyMap<string, readonly number[]> {
  const crossChecks = crowd === "cross-checking" ? "all jobs" : "off";
  const story = new Story({ settings: { crossChecks, firstAuditedRows: 0 } });
  // Others are asked for opinions: of all batches, and there are many where rounds have several sizes.
  if (!isSized(crowd)) story.draw = 0.1;
  for (let n = 1; n <= size; n++)
    join(story, n, (crowd === "busy" && n > 16) || (crowd === "sized, all busy" && n > BATCHES_OUT));
  if (isSized(crowd)) for (let n = 1; n <= size; n++) slowDown(story, n);
  // [CC5] Rows of a crowd of newcomers would wait for their partners.
  if (crowd === "cross-checking") for (let n = 1; n <= size; n++) giveRecord(story, n);
  if (crowd === "choosing") letChoose(story, size);
  const costs = new Map<string, number[]>();
  const visits = countVisits();
  let sort: string | null = null;
  const note = () => {
    const count = visits.take();
    if (sort !== null) costs.set(sort, [...(costs.get(sort) ?? []), count]);
  };
  const push = story.events.push.bind(story.events);
  story.events.push = (...events: CoordinatorEvent[]) => {
    note();
    sort = events[0]?.type ?? null;
    return push(...events);
  };
  try {
    play(story, size, crowd);
    note();
  } finally {
    visits.stop();
  }
  return costs;
}

function join(story: Story, n: number, isBusy: boolean): void {
  const sessionId = `s${n}`;
  story.join(n, sessionId, { addressGroup: `g${n}`, precision: n % 4 === 3 ? "float16" : "float32" });
  const session = story.state.sessions.get(sessionId)!;
  for (let i = 0; i < 3; i++) recordResponse(story.state, session, { ms: 20 + ((7 * n) % 11), work: 1_000 });
  if (isBusy) takesOther(story.state, session, 1_000_000 + n);
  refreshCrowd(story.state, session);
}

/** [DP12] So many of jobs whose rounds have several sizes, where there are tabs enough. */
const BATCHES_OUT = 300;

function isSized(crowd: PlayedCrowd): crowd is SizedCrowd {
  return crowd === "sized, all busy" || crowd === "sized, some idle";
}

/** It did rows before, of the model of these jobs too, and is known to compute it finely. */
export function giveRecord({ state }: Story, n: number, rowsTaken = 1_000, sessionId = `s${n}`): void {
  const session = state.sessions.get(sessionId)!;
  const volunteer = state.volunteers.get(session.volunteerId)!;
  volunteer.rowsTaken = rowsTaken;
  const { modelSha256 } = storedJob("any", SYSTEMATIC, 1, 0);
  volunteer.classes.set(classKeyFor(modelSha256, backendOf(session, modelSha256)), { fine: 10, coarse: 0, wrong: 0 });
  refreshCrowd(state, session);
}

/** A third of them is as fast as each size of round asks for. */
function slowDown({ state }: Story, n: number): void {
  const session = state.sessions.get(`s${n}`)!;
  const ms = [500, 2_000, 4_000][n % 3]! + ((7 * n) % 11);
  for (let i = 0; i < 9; i++) recordResponse(state, session, { ms, work: 1_000 });
  session.restsBetween = true;
  refreshCrowd(state, session);
}

function restBetween({ state }: Story, sessionId: string): void {
  const session = state.sessions.get(sessionId);
  if (session === undefined) return;
  session.restsBetween = true;
  refreshCrowd(state, session);
}

/** So many work for a project of their own, in a crowd of any size: more than are kept apart. */
const LONERS = 100;

/** All but sixteen work for other projects alone. */
function letChoose(story: Story, size: number): void {
  const choose = (n: number, project: string) =>
    story.happen({ type: "choiceChanged", sessionId: `s${n}`, choice: { projects: [project], refused: [] } });
  for (let n = 17; n <= size; n++) choose(n, n % 3 === 0 ? `project ${n}` : "others");
  for (let n = 1_000_001; n <= 1_000_000 + LONERS; n++) {
    join(story, n, false);
    choose(n, `project ${n}`);
  }
}

function takesOther(state: CoordinatorState, session: Session, assignmentId: number): void {
  const { sessionId, volunteerId } = session;
  const reference = { assignmentId, sessionId, volunteerId, kind: "inference", jobId: "other", roundIndex: 0 };
  // So large that none of them is overdue before the play is over.
  const times = { sentMs: state.nowMs, startedMs: state.nowMs, work: 16_000 };
  const assignment = { ...reference, ...times, state: "outstanding", queueing: "alone", timerId: null };
  state.assignments.set(assignmentId, assignment as unknown as Assignment);
  session.holds.add(assignmentId);
}

function play(story: Story, size: number, crowd: PlayedCrowd): void {
  const chooses = crowd === "choosing";
  for (const jobId of ["first", "second"]) {
    const isChecked = story.state.settings.crossChecks !== "off";
    // A smaller job has more of its rows answered twice: as many as there may be.
    const rows = isChecked ? 6_000 : 20_000;
    const job = isSized(crowd)
      ? sizedJob(jobId, story.nowMs)
      : storedJob(jobId, { ...SYSTEMATIC, roundsInFlight: 2 }, rows, story.nowMs);
    const crossChecks = { secretHex: "5e".repeat(32), terms: null, anchors: 0, certificate: null };
    story.submitJob({ ...job, crossChecks: isChecked ? crossChecks : null });
  }
  for (let n = 0; n < ANSWERS; n++) {
    const [next] = story.out();
    if (next === undefined) continue;
    const reference = { assignmentId: next.assignmentId, sessionId: next.sessionId };
    if (n % 20 === 7) {
      story.happen({ type: "assignmentFailed", ...reference, message: "no" });
      // [AS4] Whoever is out of turn idles, and this crowd is to be as busy as it is.
      const { volunteerId } = must(story.state.sessions.get(next.sessionId), "SE1: it was sent something");
      hasItsTurnsAt(story.state, volunteerId, story.job("first").stored.modelSha256);
    } else if (n % 20 === 13) story.happen({ type: "assignmentReturned", ...reference });
    else if (n % 20 === 17) story.happen({ type: "sessionClosed", sessionId: next.sessionId });
    else story.answer(next, 1);
    if (isSized(crowd)) restBetween(story, next.sessionId);
    if (n % 20 === 5) join(story, size + n, false);
    if (n % 20 === 9)
      for (const available of [false, true]) story.happen({ type: "availabilityChanged", sessionId: "s1", available });
    // By somebody who works for these jobs all the same.
    const choice = { projects: ["anonymous"], refused: [] };
    if (chooses && n % 10 === 1)
      for (const next of [choice, null]) story.happen({ type: "choiceChanged", sessionId: "s2", choice: next });
    if (n % 40 === 11) story.pass(5);
    if (n % 40 === 21) cancelOneMore(story, `cancelled-${n}`);
  }
}

/** [DP12] So many batches of it are out at once that hundreds of tabs are at them. */
function sizedJob(jobId: string, nowMs: number): StoredJob {
  const queriesPerGroup = 8;
  const code = { scheme: "systematic", queriesPerGroup, stragglers: 0, liars: 0, roundsInFlight: 16 };
  const roundSizes: SizedRounds[] = [];
  let [fromRound, firstPlace] = [0, 0];
  for (const groupsPerRound of [40, 10, 5]) {
    roundSizes.push({ fromRound, firstPlace, groupsPerRound });
    fromRound += ROUNDS_OF_SIZE;
    firstPlace += ROUNDS_OF_SIZE * groupsPerRound * queriesPerGroup;
  }
  return { ...storedJob(jobId, { ...code, groupsPerRound: 40 }, firstPlace, nowMs), roundSizes };
}

/** More than are opened. */
const ROUNDS_OF_SIZE = 200;

/** Of one batch: in a larger crowd no more of it is out. */
function cancelOneMore(story: Story, jobId: string): void {
  story.submit(jobId, { scheme: "uncoded", queriesPerGroup: 1, stragglers: 0, liars: 0 }, 1);
  story.happen({ type: "jobCancelled", jobId });
}
