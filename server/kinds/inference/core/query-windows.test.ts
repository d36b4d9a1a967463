import { expect, test } from "vitest";
import { storedJob } from "../../../coordinator/testing/story.ts";
import { planInference } from "./inference-plan.ts";
import { isOneWindow, isWithinWindow, WINDOW_QUERIES_MAX } from "./query-windows.ts";

const ROWS = 40;
/** Whole rounds of forty rows. */
const WINDOW = ROWS * Math.floor(WINDOW_QUERIES_MAX / ROWS);

function jobOf(queryCount: number, inputSize = 8, codes = 0) {
  const code = { queriesPerGroup: 4, stragglers: 0, liars: 0, groupsPerRound: 10, roundsInFlight: 4 };
  const job = { ...storedJob("job", { scheme: "systematic", ...code }, queryCount, 0), inputSize };
  const plan = planInference(job);
  const chosen = { ...code, fromRound: 0, firstPlace: 0, spares: job.submission.spares, atMs: 0, reason: "" };
  return { plan, job: { ...job, codes: Array.from({ length: codes }, () => chosen) } };
}

test("[CC4] [LJ2] places of one window are dealt in one order, those of two windows are not", () => {
  const { plan, job } = jobOf(2 * WINDOW);
  expect(isOneWindow(plan, job)).toBe(false);
  expect(isWithinWindow(plan, job, [0, WINDOW - 1])).toBe(true);
  expect(isWithinWindow(plan, job, [WINDOW, 2 * WINDOW - 1])).toBe(true);
  expect(isWithinWindow(plan, job, [WINDOW - 1, WINDOW])).toBe(false);
  expect(isOneWindow(plan, jobOf(WINDOW).job)).toBe(true);
});

test("[CC4] of wide queries windows end where the type of their numbers says: none is known", () => {
  const { plan, job } = jobOf(2 * WINDOW, 5_000);
  expect(isWithinWindow(plan, job, [0, 1])).toBe(false);
  expect(isWithinWindow(plan, jobOf(1_000, 5_000).job, [0, 999])).toBe(true);
});

test("[CC4] of a job whose code changes only as many are certain as are a window of any code", () => {
  const { plan, job } = jobOf(WINDOW, 8, 1);
  expect(isWithinWindow(plan, job, [0, 1])).toBe(false);
  expect(isWithinWindow(plan, jobOf(WINDOW / 2 - ROWS, 8, 1).job, [0, 1])).toBe(true);
});
