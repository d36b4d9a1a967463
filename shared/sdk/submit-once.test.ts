import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SDK_LAST_WORD_MS_MAX, SDK_LOST_MS_MAX } from "../protocol/limits.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import type { Waiting } from "./patience.ts";
import { submitOnce } from "./submit-once.ts";

// Time is virtual: what waits is woken at once, in order.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const unreachable = new ParitabApiError(0, "unreachable", "the coordinator at http://x cannot be reached: refused");

function outcomeOf<T>(promise: Promise<T>) {
  const outcome: { value?: T; error?: unknown } = {};
  promise.then(
    (value) => {
      outcome.value = value;
    },
    (error: unknown) => {
      outcome.error = error;
    },
  );
  return outcome;
}

test("who waits is told why, for how long, and when it is given up; every try has the same key", async () => {
  const told: Waiting[] = [];
  const keys: string[] = [];
  const submit = async (_cut: AbortSignal, key: string) => {
    keys.push(key);
    if (keys.length < 3) throw unreachable;
    return "job";
  };
  const outcome = outcomeOf(submitOnce({ onWaiting: (waiting) => told.push(waiting) }, submit));
  await vi.runAllTimersAsync();
  expect(outcome).toEqual({ value: "job" });
  expect(new Set(keys).size).toBe(1);
  expect(told).toEqual([
    { reason: unreachable.message, waitedMs: 0, leftMs: SDK_LOST_MS_MAX },
    { reason: unreachable.message, waitedMs: 250, leftMs: SDK_LOST_MS_MAX - 250 },
  ]);
});

test("between two tries the signal ends it at once", async () => {
  const enough = new AbortController();
  const outcome = outcomeOf(submitOnce({}, () => Promise.reject(unreachable), enough.signal));
  await vi.advanceTimersByTimeAsync(100);
  expect(outcome).toEqual({});
  enough.abort("enough");
  await vi.advanceTimersByTimeAsync(0);
  expect(outcome).toEqual({ error: "enough" });
});

test("the answer to a submission that is under way is waited for a little longer, for it names a job", async () => {
  const enough = new AbortController();
  const submit = (cut: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      setTimeout(() => resolve("job"), SDK_LAST_WORD_MS_MAX / 2);
      cut.addEventListener("abort", () => reject(cut.reason));
    });
  const outcome = outcomeOf(submitOnce({}, submit, enough.signal));
  enough.abort("enough");
  await vi.advanceTimersByTimeAsync(SDK_LAST_WORD_MS_MAX);
  expect(outcome).toEqual({ value: "job" });
});

test("and not for ever", async () => {
  const enough = new AbortController();
  const submit = (cut: AbortSignal) =>
    new Promise<string>((_, reject) => cut.addEventListener("abort", () => reject(cut.reason)));
  const outcome = outcomeOf(submitOnce({}, submit, enough.signal));
  enough.abort("enough");
  await vi.advanceTimersByTimeAsync(SDK_LAST_WORD_MS_MAX - 1);
  expect(outcome).toEqual({});
  await vi.advanceTimersByTimeAsync(1);
  expect(outcome).toEqual({ error: "enough" });
});
