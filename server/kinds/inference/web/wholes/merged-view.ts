/** [CE12] What the parts of a job say of it together: pure functions of what each says, in the order of their ranges. */
import type { TakenBack } from "../../../../../shared/kinds/inference/answers.ts";
import {
  answersTogether,
  largestOf,
  marksTogether,
  sumOf,
} from "../../../../../shared/kinds/inference/answers-together.ts";
import type { InferenceJobView } from "../../../../../shared/kinds/inference/job-view.ts";
import { notComputedTogether } from "../../../../../shared/kinds/inference/not-computed.ts";
import { wholeState } from "../../../../../shared/kinds/inference/parts.ts";
import type { InferenceReceipt, VolunteerReceipt } from "../../../../../shared/kinds/inference/receipt.ts";
import type { Waits } from "../../../../../shared/protocol/job-api.ts";
import type { JobTimeline } from "../../../../../shared/protocol/timeline-api.ts";
import type { StoredWhole } from "../../../../store/store.ts";
import { mergedRows, mergedRowsReceipt } from "./merged-rows.ts";
import type { PartStanding } from "./part-questions.ts";

type CountedTaking = TakenBack["takings"][number];
type Whole = Pick<StoredWhole, "wholeId" | "submittedMs" | "parts">;

export function mergedView(
  { wholeId, submittedMs, parts }: Whole,
  standing: readonly Pick<PartStanding, "view" | "isWaiting">[],
): InferenceJobView {
  const views = standing.map(({ view }) => view);
  const [first] = views as [InferenceJobView];
  const {
    partOf: _partOf,
    takenBackCount: _taken,
    notComputed: _notComputed,
    redoneBy: _redone,
    suspended: _suspended,
    lacksTabs: _lacks,
    ...alike
  } = first;
  const begun = standing.flatMap(({ view, isWaiting }) => (view.finishedMs !== null || isWaiting ? [] : [view]));
  const waiting = standing.flatMap(({ view, isWaiting }) => (isWaiting ? [view] : []));
  const takenBackCount = sumOf(views, (view) => view.takenBackCount ?? 0);
  const notComputed = notComputedTogether(views.map((view, i) => [view.notComputed ?? [], parts[i]!.firstQuery]));
  const redoneBy = views.flatMap((view) => view.redoneBy ?? []);
  const suspended = views.find((view) => view.suspended !== undefined)?.suspended;
  const rows = views.flatMap((view) => view.rows ?? []);
  return {
    ...alike,
    jobId: wholeId,
    submittedMs,
    ...wholeState(views),
    // What one part waits for holds the others up no more than other jobs do.
    ...waitsOf(begun, waiting.length),
    error: views.find(({ error }) => error !== null)?.error ?? null,
    queryCount: sumOf(views, (view) => view.queryCount),
    roundCount: sumOf(views, (view) => view.roundCount),
    roundsDone: sumOf(views, (view) => view.roundsDone),
    answersByMark: marksTogether(views.map((view) => view.answersByMark)),
    finalCount: sumOf(views, (view) => view.finalCount),
    labelAmbiguousCount: sumOf(views, (view) => view.labelAmbiguousCount),
    ...(takenBackCount === 0 ? {} : { takenBackCount }),
    ...(notComputed.length === 0 ? {} : { notComputed }),
    ...(redoneBy.length === 0 ? {} : { redoneBy }),
    ...(suspended === undefined ? {} : { suspended }),
    remainingMs: remainingOf(begun, waiting),
    accuracy: accuracyOf(views),
    auditedRows: sumOf(views, (view) => view.auditedRows),
    failedAudits: sumOf(views, (view) => view.failedAudits),
    ...(rows.length === 0 ? {} : { rows: mergedRows(rows) }),
    parts: parts.map((part, i) => ({ ...part, state: views[i]!.state })),
  };
}

/** @param waiting so many parts wait for a coordinator */
function waitsOf(begun: readonly InferenceJobView[], waiting: number): Waits {
  if (begun.some((view) => view.waitingFor === null)) return { waitingFor: null };
  const [first] = begun;
  if (first !== undefined) {
    const { waitingFor, lacksTabs } = first;
    return lacksTabs === undefined ? { waitingFor } : { waitingFor, lacksTabs };
  }
  if (waiting === 0) return { waitingFor: null };
  const left = `${waiting} ${waiting === 1 ? "part is" : "parts are"} left`;
  const waitingFor = `waiting for tabs: ${left}, and no coordinator that has tabs has taken the next one yet`;
  return { waitingFor, lacksTabs: "more" };
}

/**
 * As long as that part which takes longest; where parts wait for a coordinator, what is missing in all of them at the pace of those that have begun.
 * @returns null: it is not known of one of those, or none has begun
 */
function remainingOf(begun: readonly InferenceJobView[], waiting: readonly InferenceJobView[]): number | null {
  const remaining = begun.flatMap(({ remainingMs }) => remainingMs ?? []);
  if (remaining.length < begun.length || remaining.length === 0) return null;
  const longest = Math.max(...remaining);
  if (waiting.length === 0) return longest;
  const missingOf = ({ answersByMark }: InferenceJobView) => answersByMark.missing;
  const perMs = sumOf(begun, (view) => missingOf(view) / Math.max(1, view.remainingMs!));
  return perMs === 0 ? null : Math.max(longest, Math.round(sumOf([...begun, ...waiting], missingOf) / perMs));
}

/** Each counts by its answered queries. */
function accuracyOf(views: readonly InferenceJobView[]): number | null {
  const answeredOf = ({ queryCount, answersByMark }: InferenceJobView) => queryCount - answersByMark.missing;
  const known = views.filter(({ accuracy }) => accuracy !== null);
  const answered = sumOf(known, answeredOf);
  return answered === 0 ? null : sumOf(known, (view) => view.accuracy! * answeredOf(view)) / answered;
}

/** @param files hashes of the answers and marks of all parts, as one file each */
export function mergedReceipt(
  { wholeId, submittedMs }: Whole,
  submission: InferenceReceipt["submission"],
  receipts: readonly InferenceReceipt[],
  files: Pick<InferenceReceipt["hashes"], "answers" | "marks">,
): InferenceReceipt {
  const [first] = receipts as [InferenceReceipt];
  const { partOf: _partOf, suspended: _suspended, ...alike } = first;
  const answers = receipts.map((receipt) => receipt.answers);
  const takenBack = sumOf(answers, (one) => one.takenBack ?? 0);
  const { takenBack: _taken, ...answersAlike } = first.answers;
  const compared = receipts.flatMap(({ estimates }) => estimates ?? []);
  const onRows = receipts.every(({ rows }) => rows !== undefined);
  const { state } = wholeState(receipts);
  return {
    ...alike,
    jobId: wholeId,
    submission,
    submittedMs,
    finishedMs: Math.max(...receipts.map(({ finishedMs }) => finishedMs)),
    state: state as InferenceReceipt["state"],
    error: receipts.find(({ error }) => error !== null)?.error ?? null,
    code: {
      ...first.code,
      groups: sumOf(receipts, ({ code }) => code.groups),
      ...(onRows ? {} : roundsTogether(receipts)),
    },
    verification: receipts.some(({ verification }) => verification === "none") ? "none" : first.verification,
    hashes: { ...first.hashes, ...files },
    answers: {
      ...answersAlike,
      ...answersTogether(answers),
      ...(takenBack === 0 ? {} : { takenBack }),
    },
    estimates:
      compared.length === 0
        ? null
        : {
            agreed: sumOf(compared, ({ agreed }) => agreed),
            compared: sumOf(compared, (one) => one.compared),
            // The most cautious.
            confidence: Math.min(...compared.map(({ confidence }) => confidence)),
          },
    audits: {
      rows: sumOf(receipts, ({ audits }) => audits.rows),
      failedRows: sumOf(receipts, ({ audits }) => audits.failedRows),
    },
    volunteers: mergedVolunteers(receipts.flatMap(({ volunteers }) => volunteers)),
    ...(onRows ? { rows: mergedRowsReceipt(receipts.flatMap(({ rows }) => rows ?? [])) } : {}),
    redone: {
      ...(onRows
        ? {}
        : {
            rounds: sumOf(receipts, ({ redone }) => redone.rounds ?? 0),
            assignments: sumOf(receipts, ({ redone }) => redone.assignments ?? 0),
          }),
      rows: sumOf(receipts, ({ redone }) => redone.rows),
    },
  };
}

function roundsTogether(receipts: readonly InferenceReceipt[]) {
  return {
    rounds: sumOf(receipts, ({ code }) => code.rounds ?? 0),
    roundsDone: sumOf(receipts, ({ code }) => code.roundsDone ?? 0),
  };
}

const COUNTS = [
  "assignments",
  "rows",
  "answers",
  "auditedRows",
  "failedRows",
  "rejectedRows",
  "withdrawnAssignments",
  "withdrawnRows",
] as const;

/** One line for each, in the order of their ids. */
function mergedVolunteers(lines: readonly VolunteerReceipt[]): VolunteerReceipt[] {
  const merged = new Map<string, VolunteerReceipt>();
  for (const line of lines) {
    const sofar = merged.get(line.volunteerId);
    if (sofar === undefined) {
      merged.set(line.volunteerId, line);
      continue;
    }
    const counts = Object.fromEntries(COUNTS.map((name) => [name, sofar[name] + line[name]]));
    merged.set(line.volunteerId, {
      ...{ ...sofar, ...counts },
      bound: largestOf([sofar.bound, line.bound]),
      quarantine: sofar.quarantine ?? line.quarantine,
    });
  }
  return [...merged.values()].sort((a, b) => (a.volunteerId < b.volunteerId ? -1 : 1));
}

export function mergedTimeline(
  { wholeId }: Whole,
  views: readonly InferenceJobView[],
  timelines: readonly JobTimeline[],
): JobTimeline {
  const firstOf = firstRounds(views);
  const tabs: JobTimeline["tabs"] = [];
  const spans: JobTimeline["spans"] = [];
  const rounds: JobTimeline["rounds"] = [];
  for (const [i, timeline] of timelines.entries()) {
    const numbered = (roundIndex: number) => firstOf[i]! + roundIndex;
    for (const span of timeline.spans) {
      const roundIndex = span.roundIndex === null ? null : numbered(span.roundIndex);
      spans.push({ ...span, tab: tabs.length + span.tab, roundIndex });
    }
    for (const round of timeline.rounds) rounds.push({ ...round, roundIndex: numbered(round.roundIndex) });
    tabs.push(...timeline.tabs);
  }
  return {
    jobId: wholeId,
    atMs: Math.max(...timelines.map(({ atMs }) => atMs)),
    tabs,
    spans: spans.sort((a, b) => a.sentMs - b.sentMs),
    spansDropped: sumOf(timelines, ({ spansDropped }) => spansDropped),
    isWhole: timelines.every(({ isWhole }) => isWhole),
    rounds,
  };
}

/** One row a naming, the earliest first. A naming that took back answers of several parts is one. */
export function mergedTakings(takings: readonly (readonly CountedTaking[])[]): CountedTaking[] {
  const merged = new Map<string, CountedTaking>();
  for (const taking of takings.flat()) {
    // Each coordinator has the moment at which it heard of the naming.
    const key = taking.volunteerId ?? `nobody ${taking.atMs}`;
    const sofar = merged.get(key);
    merged.set(
      key,
      sofar === undefined
        ? taking
        : {
            ...sofar,
            atMs: Math.min(sofar.atMs, taking.atMs),
            count: sofar.count + taking.count,
            finalAgain: sofar.finalAgain + taking.finalAgain,
          },
    );
  }
  return [...merged.values()].sort((a, b) => a.atMs - b.atMs);
}

function firstRounds(views: readonly InferenceJobView[]): number[] {
  let next = 0;
  return views.map(({ roundCount }) => {
    next += roundCount;
    return next - roundCount;
  });
}
