/** The sessions of one tab, shown as one. */
import { TAB_HELPED_JOBS_MAX, TAB_HISTORY_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import { type Activity, hasEnded, type JobTally, type SessionStatus } from "./session-status.ts";

/** Of sessions that are all connected, the one that tells most speaks for the tab. */
const MOST_TELLING: readonly Activity["kind"][] = ["computing", "held", "resting", "waiting"];

/**
 * @param statuses one or more; the first one's is the tab's in all that they share
 */
export function mergeStatuses(statuses: readonly SessionStatus[]): SessionStatus {
  const first = statuses[0]!;
  if (statuses.length === 1) return first;
  const sum = (count: (status: SessionStatus) => number) =>
    statuses.reduce((total, status) => total + count(status), 0);
  return {
    ...first,
    activity: activityOf(statuses),
    counts: {
      answered: sum(({ counts }) => counts.answered),
      late: sum(({ counts }) => counts.late),
      cancelled: sum(({ counts }) => counts.cancelled),
      failed: sum(({ counts }) => counts.failed),
    },
    byJob: mergeTallies(statuses.flatMap(({ byJob }) => byJob)),
    underWay: statuses.flatMap(({ underWay }) => underWay).sort((one, other) => one.sinceMs - other.sinceMs),
    history: statuses
      .flatMap(({ history }) => history)
      .sort((one, other) => other.finishedAtMs - one.finishedAtMs)
      .slice(0, TAB_HISTORY_LENGTH_MAX),
    computedMs: sum(({ computedMs }) => computedMs),
    trafficBytes: sum(({ trafficBytes }) => trafficBytes),
    upBytes: sum(({ upBytes }) => upBytes),
    unfit: [...new Map(statuses.flatMap(({ unfit }) => unfit.map((one) => [one.jobName, one]))).values()],
    lastError: statuses.find(({ lastError }) => lastError !== null)?.lastError ?? null,
  };
}

function mergeTallies(tallies: readonly JobTally[]): JobTally[] {
  const byJob = new Map<string, JobTally>();
  for (const tally of tallies) {
    const { rows, batches, atMs } = byJob.get(tally.jobId) ?? { rows: 0, batches: 0, atMs: 0 };
    const sum = { rows: rows + tally.rows, batches: batches + tally.batches, atMs: Math.max(atMs, tally.atMs) };
    byJob.set(tally.jobId, { ...tally, ...sum });
  }
  return [...byJob.values()].sort((one, other) => other.atMs - one.atMs).slice(0, TAB_HELPED_JOBS_MAX);
}

function activityOf(statuses: readonly SessionStatus[]): Activity {
  const first = statuses[0]!.activity;
  // Finished is the tab only when its last session is.
  const isFinished = first.kind === "off" && first.why === "finished";
  const others = statuses.map(({ activity }) => activity).filter((activity) => !hasEnded(activity));
  if (isFinished) return others[0] ?? first;
  if (!MOST_TELLING.includes(first.kind)) return first;
  for (const kind of MOST_TELLING) {
    // A held session that still finishes something says more than one that is merely held.
    const found =
      others.find((activity) => activity.kind === kind && !(activity.kind === "held" && activity.finishing === null)) ??
      others.find((activity) => activity.kind === kind);
    if (found !== undefined) return found;
  }
  return first;
}
