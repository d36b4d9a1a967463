import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RefusalCounter } from "./refusal-counter.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function counter() {
  const entries: object[] = [];
  return {
    entries,
    refusals: new RefusalCounter(
      (entry) => entries.push(entry),
      () => Date.now(),
    ),
  };
}

test("[OP8] refusals of strangers, and calls beyond the rate, are an entry a minute; everything else is told by itself", () => {
  const { entries, refusals } = counter();
  const sinceMs = Date.now();
  for (let n = 0; n < 10_000; n++) expect(refusals.counts({ status: 401, tokenId: null })).toBe(true);
  expect(refusals.counts({ status: 403, tokenId: null })).toBe(true);
  expect(refusals.counts({ status: 429, tokenId: "ada's" })).toBe(true);
  for (const told of [
    { status: 403, tokenId: "ada's" },
    { status: 400, tokenId: null },
    { status: 201, tokenId: null },
  ])
    expect(refusals.counts(told)).toBe(false);
  expect(entries).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(entries).toEqual([{ byStatus: { 401: 10_000, 403: 1, 429: 1 }, sinceMs }]);
  vi.advanceTimersByTime(600_000);
  expect(entries).toHaveLength(1);
});

test("[OP8] what was counted is told when it stops, and the next minute begins with none", () => {
  const { entries, refusals } = counter();
  refusals.counts({ status: 401, tokenId: null });
  refusals.tell();
  refusals.tell();
  refusals.counts({ status: 429, tokenId: null });
  refusals.tell();
  expect(entries).toMatchObject([{ byStatus: { 401: 1 } }, { byStatus: { 429: 1 } }]);
});
