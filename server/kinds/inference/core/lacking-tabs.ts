/** Why no tab takes a job, in a sentence: for which tabs it waits. SPEC.md JB2. */
import { workerCountOf } from "../../../../shared/coding/make-scheme.ts";
import type { CodingScheme } from "../../../../shared/coding/scheme.ts";
import { smallerCodeWords } from "../../../../shared/coding/smaller-code.ts";
import type { Waits } from "../../../../shared/protocol/job-api.ts";
import { REASON_NOT_COMPUTED_CHARACTERS_MAX } from "../../../../shared/protocol/limits.ts";
import { whyNoTab } from "../../../../shared/protocol/why-no-tab.ts";
import { isChosenBy, takesJob } from "../../../coordinator/choice-rules.ts";
import { isReadyForWork } from "../../../coordinator/idle-sessions.ts";
import { crowdOf } from "../../../coordinator/ranking.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import { presenceOf, restsBetweenBatches, seenTabs } from "../../../coordinator/tabs-seen.ts";
import type { ModelJob } from "./job.ts";
import { isTooSmall, isUnfit } from "./model-classes.ts";

/** Each member of one of its groups is for another volunteer, and these are too few. @param needed of them */
export function waitsForVolunteers(
  state: CoordinatorState,
  job: ModelJob,
  { name, queryCount, needed }: Pick<CodingScheme, "name" | "queryCount"> & { readonly needed: number },
  takers: number,
  takesHalf: boolean,
): Waits {
  if (takers + restingFor(state, job).size >= needed) return { waitingFor: null };
  const whom = `different volunteers${takesHalf ? "" : " that compute in float32"}`;
  const smaller = smallerCodeWords("--queries-per-group", queryCount, takers, (rows) =>
    workerCountOf(job.stored.submission.scheme, { queryCount: rows, stragglerCount: 0, liarCount: 0 }),
  );
  return more(`${name} needs ${needed} ${whom}, ${takers} ${takers === 1 ? "is" : "are"} ready${smaller}`);
}

/** Nobody who is ready may have work of it. */
export function nobodyFor(state: CoordinatorState, job: ModelJob): Waits {
  const { volunteersReady } = crowdOf(state);
  if (job.failing.by.size > 0)
    return more(`those that are ready failed at this model, and are asked again later; ${lastWords(job)}`);
  const { volunteers: elsewhere } = state.crowd.choosers.without((choice) => isChosenBy(choice, job.stored));
  if (elsewhere > 0)
    return more(`${elsewhere} of the ${volunteersReady} ready volunteers work only for other projects or jobs`);
  if (volunteersReady > 0)
    return more(tooSmall(state, job) ?? "the ready tabs compute this model differently from the coordinator");
  const why = whyNoTab(seenTabs(state)) ?? "those that are connected work for other jobs";
  return { waitingFor: `waiting for tabs: ${why}`, lacksTabs: "any" };
}

/** Volunteers that take this job and rest between two batches: nobody waits for long for them. */
export function restingFor(state: CoordinatorState, job: ModelJob): ReadonlySet<string> {
  const resting = new Set<string>();
  for (const session of state.sessions.values()) {
    const { volunteerId } = session;
    if (!restsBetweenBatches(session) || state.crowd.ready.hasVolunteer(volunteerId)) continue;
    if (presenceOf(state, session) !== "here" || !takesJob(state, volunteerId, job)) continue;
    if (!isUnfit(state, job, session)) resting.add(volunteerId);
  }
  return resting;
}

/** [AS12] */
export function pausedWords(job: ModelJob): string {
  return (
    `paused: ${job.failing.by.size} volunteers failed at this model and none has answered; ${lastWords(job)}. What is answered is kept. It goes on when ` +
    "another kind of tab comes: another browser or device, or another back-end (?backend=wasm in the address)"
  );
}

/** A tab chooses these words: no control character passes, and few characters. */
function lastWords({ failing: { message } }: ModelJob): string {
  const said = message.replace(/[^\p{L}\p{N}\p{P}\p{Zs}\p{S}]/gu, " ").slice(0, REASON_NOT_COMPUTED_CHARACTERS_MAX);
  return `the last said "${said}"`;
}

const more = (why: string): Waits => ({ waitingFor: `waiting for tabs: ${why}`, lacksTabs: "more" });

/** [PC8] How many tabs there are, and how much each has. */
function tooSmall(state: CoordinatorState, job: ModelJob): string | null {
  const { tabBytes } = job.stored;
  if (tabBytes === undefined) return null;
  const ready = [...state.sessions.values()].filter((session) => isReadyForWork(state, session));
  if (ready.length === 0 || !ready.every((session) => isTooSmall(job, session))) return null;
  // The sessions of one volunteer are one tab.
  const most = new Map<string, number>();
  for (const { volunteerId, memoryBytes } of ready)
    most.set(volunteerId, Math.max(memoryBytes, most.get(volunteerId) ?? 0));
  const counts = new Map<number, number>();
  for (const bytes of most.values()) counts.set(bytes, (counts.get(bytes) ?? 0) + 1);
  const each = [...counts].sort(([a], [b]) => b - a).map(([bytes, count]) => `${count} with ${gib(bytes)} GiB`);
  return (
    `a batch of this model takes ${gib(tabBytes)} GiB of a tab, and no tab that is ready gives one model so much: ` +
    `${each.join(", ")}; any browser gives one 4 GiB with ?memory=4 in the address; Chrome and Edge on a computer with 8 GB of memory give 2.5 to 4 GiB without`
  );
}

/** Rounded up: what is told as needed is enough. */
const gib = (bytes: number): string => (Math.ceil((10 * bytes) / 2 ** 30) / 10).toFixed(1);
