/** The words of a job's picture: what each tab did, how long answers took, and what first answers were worth. */
import type { TimelineOutcome } from "../../../shared/protocol/timeline-api.ts";
import { plural } from "../plural.ts";
import { count, duration } from "../units.ts";

const outcomes: Record<TimelineOutcome, { name: string; means: string }> = {
  answered: { name: "answered", means: "in time" },
  late: { name: "late", means: "after its deadline, or after its round ended without this answer" },
  rejected: {
    name: "rejected",
    means: "found wrong, or sent by a tab that was found wrong; the result is not used",
  },
  outvoted: { name: "outvoted", means: "the code found that the result differs from the others" },
  failed: { name: "failed", means: "the tab could not compute it, or sent something malformed" },
  unneeded: { name: "not needed", means: "called off, because other tabs had answered" },
  gone: { name: "gone", means: "its tab left, or never answered" },
  computing: { name: "computing", means: "still out" },
};

export const timeline = {
  title: "What each tab did",
  none: "Nothing has been sent to a tab yet.",
  notKept: "The coordinator has been restarted since, and does not keep what each tab did.",
  notWhole: "Since the coordinator was last restarted.",
  dropped: (n: number) => `The ${plural(n, "first assignment is", "first assignments are")} no longer kept.`,
  outcomes,
  again: "sent again, or for a second opinion",
  svgTitle: (tabs: number, rounds: number) =>
    `${plural(tabs, "tab", "tabs")} against time${rounds === 0 ? "" : `, ${plural(rounds, "round", "rounds")}`}`,
  svgSummary: (parts: readonly string[]) =>
    `One row a tab, one bar an assignment. ${parts.join(", ")}. The tables below say the same.`,
  outcomeCount: (outcome: TimelineOutcome, n: number) => `${count(n)} ${outcomes[outcome].name}`,
  round: (index: number) => `Round ${count(index + 1)}`,
  attempt: (index: number, generation: number) => `Round ${count(index + 1)}${generation === 0 ? "" : ", done again"}`,
  bar: (what: string, round: number | null, outcome: string, ms: number | null, isAgain: boolean) =>
    `${round === null ? "" : `Round ${count(round + 1)}, `}${what}: ${outcome}${ms === null ? "" : ` after ${duration(ms)}`}${isAgain ? ", sent again" : ""}`,
  moreTabs: (n: number) => `${plural(n, "tab is", "tabs are")} not drawn; the table has them.`,
  range: (from: number, to: number, all: number) =>
    `Assignments ${count(from)} to ${count(to)} of ${count(all)}, by when they were sent`,
  earlier: "Earlier",
  later: "Later",
  byTab: {
    open: "As tables",
    title: "By tab",
    tab: "Tab",
    median: "Median time",
    sent: "Sent",
  },
  bySpan: {
    title: "By assignment",
    caption: (shown: number, all: number) => `The latest ${count(shown)} of ${count(all)} drawn above`,
    columns: { round: "Round", tab: "Tab", worker: "Worker", sent: "Sent at", took: "Took", outcome: "Outcome" },
  },
  latency: {
    title: "How long answers took",
    none: "No answer has come yet.",
    svgTitle: "Answers by how long they took",
    summary: (n: number, median: number, high: number, most: number) =>
      `${plural(n, "answer", "answers")}: half within ${duration(median)}, 95 of 100 within ${duration(high)}, all within ${duration(most)}.`,
    bin: (from: number, to: number, n: number) =>
      `${duration(from)} to ${duration(to)}: ${plural(n, "answer", "answers")}`,
    median: "median",
    high: "95 %",
  },
};
