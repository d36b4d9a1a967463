/** What metrics show of the coordinator's state, each figure read when somebody asks for it. Pure. */
import type { Assignment, CoordinatorState } from "../coordinator/state.ts";
import { CORE_KINDS } from "../kinds/core-kinds.ts";
import { statusView } from "../shell/crowd-views.ts";
import type { KindTeller } from "../shell/kind-teller.ts";

export interface Figure {
  readonly name: string;
  readonly help: string;
  /** Name of the one label; null: a single number. */
  readonly labels: string | null;
  /** Label and number; the label is empty where there is none. */
  values(): Values | Promise<Values>;
}

type Values = readonly (readonly [string, number])[];

export function singleFigure(name: string, help: string, value: () => number | Promise<number>): Figure {
  return { name, help, labels: null, values: async () => [["", await value()]] };
}

export function stateFigures(state: CoordinatorState, tellers: ReadonlyMap<string, KindTeller>): readonly Figure[] {
  const byLabel = (name: string, help: string, labels: string, items: () => Iterable<string>): Figure => ({
    name,
    help,
    labels,
    values: () => [...countEach(items())],
  });
  const jobs = () => [...state.jobs.values()];
  return [
    {
      name: "paritab_sessions",
      help: "Connected tabs by state",
      labels: "state",
      values: () => state.crowd.standings.counts(),
    },
    singleFigure("paritab_volunteers_quarantined", "Volunteers that were found lying", () => state.quarantinedCount),
    byLabel("paritab_jobs", "Jobs in memory by state", "state", () => jobs().map(({ stored }) => stored.state)),
    singleFigure(
      "paritab_jobs_without_tabs",
      "Jobs at work that wait for tabs, or for more than there are",
      () => [...state.jobsAtWork.values()].filter((job) => tellers.get(job.kind)?.lacksTabs(state, job)).length,
    ),
    byLabel("paritab_assignments", "Assignments that are out or being checked, by state", "state", () =>
      assignmentsOf(state, "alone").flatMap(({ state }) => (state === "dropped" ? [] : [state])),
    ),
    singleFigure(
      "paritab_shares_out",
      "Shards and products that tabs have not answered",
      () => assignmentsOf(state, "beside").length,
    ),
    singleFigure(
      "paritab_numerics_pending",
      "Tasks that wait or run on the numerics pool",
      () => state.numericsPending.size,
    ),
    singleFigure("paritab_persist_pending", "Writes that wait or run", () => state.persistQueue.length),
    singleFigure("paritab_bytes_in_flight", "Bytes of open rounds", () => statusView(state, CORE_KINDS).bytesInFlight),
    singleFigure("paritab_store_ok", "0 while the store refuses writes", () => (state.storeProblem === null ? 1 : 0)),
    ...[...tellers.values()].flatMap(({ figures = [] }) =>
      figures.map(({ name, help, labels, valuesIn }) => ({ name, help, labels, values: () => valuesIn(state) })),
    ),
  ];
}

function assignmentsOf({ assignments }: CoordinatorState, queueing: Assignment["queueing"]): Assignment[] {
  return [...assignments.values()].filter((assignment) => assignment.queueing === queueing);
}

function countEach(items: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
