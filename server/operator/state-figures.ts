/** What can be counted in the core's state, as figures with names. */
import type { Assignment, CoordinatorState } from "../coordinator/state.ts";
import { inferenceJobs } from "../kinds/inference/core/job.ts";
import { bytesInFlight } from "../kinds/inference/core/queue.ts";

export interface Figure {
  readonly name: string;
  readonly help: string;
  /** Name of the one label; null: a single number. */
  readonly labels: string | null;
  /** Label and number; the label is empty where there is none. */
  values(): readonly (readonly [string, number])[];
}

export function stateFigures(state: CoordinatorState): readonly Figure[] {
  const single = (name: string, help: string, value: () => number): Figure => ({
    name,
    help,
    labels: null,
    values: () => [["", value()]],
  });
  const byLabel = (name: string, help: string, labels: string, items: () => Iterable<string>): Figure => ({
    name,
    help,
    labels,
    values: () => [...countEach(items())],
  });
  return [
    byLabel("paritab_sessions", "Connected tabs by state", "state", () => sessionStates(state)),
    single("paritab_volunteers_quarantined", "Volunteers that were found lying", () => state.quarantinedCount),
    byLabel("paritab_jobs", "Jobs in memory by state", "state", () => jobStates(state)),
    byLabel("paritab_rounds_open", "Inference rounds that are open, by phase", "phase", () => roundPhases(state)),
    byLabel("paritab_assignments", "Assignments that are out or being checked, by state", "state", () =>
      assignmentsOf(state, "alone").flatMap(({ state }) => (state === "dropped" ? [] : [state])),
    ),
    single(
      "paritab_shares_out",
      "Shards and products that tabs have not answered",
      () => assignmentsOf(state, "beside").length,
    ),
    single("paritab_numerics_pending", "Tasks that wait or run on the numerics pool", () => state.numericsPending.size),
    single("paritab_persist_pending", "Writes that wait or run", () => state.persistQueue.length),
    single("paritab_bytes_in_flight", "Bytes of open rounds", () =>
      inferenceJobs(state).reduce((sum, job) => sum + bytesInFlight(job), 0),
    ),
    single("paritab_store_ok", "0 while the store refuses writes", () => (state.storeProblem === null ? 1 : 0)),
  ];
}

function assignmentsOf({ assignments }: CoordinatorState, queueing: Assignment["queueing"]): Assignment[] {
  return [...assignments.values()].filter((assignment) => assignment.queueing === queueing);
}

/** What was done alone and is dropped is waited for by nobody; a share is, until it is let go of. */
function isWaitedFor(assignment: Assignment | undefined): boolean {
  return assignment !== undefined && !(assignment.queueing === "alone" && assignment.state === "dropped");
}

function sessionStates(state: CoordinatorState): string[] {
  return [...state.sessions.values()].map((session) => {
    if (session.state !== "ready") return session.state;
    const isWorking = [...session.holds].some((id) => isWaitedFor(state.assignments.get(id)));
    if (isWorking) return "working";
    return session.available ? "idle" : "paused";
  });
}

function jobStates(state: CoordinatorState): string[] {
  return [...state.jobs.values()].map(({ stored }) => stored.state);
}

function roundPhases(state: CoordinatorState): string[] {
  return inferenceJobs(state).flatMap((job) => [...job.openRounds.values()].map(({ phase }) => phase));
}

function countEach(items: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
