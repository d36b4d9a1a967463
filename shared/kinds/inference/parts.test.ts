import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JOB_STATES } from "../../protocol/job-api.ts";
import { PARTS_MAX } from "../../protocol/limits.ts";
import { canHaveParts, partIdOf, rangesOf, rangeWith, wholeIdOf, wholeState } from "./parts.ts";

const jobId = fc.stringMatching(/^[A-Za-z0-9_-]{24}$/);
const ENDED = ["done", "failed", "cancelled"];
const part = fc
  .constantFrom(...JOB_STATES)
  .chain((state) =>
    fc.record({ state: fc.constant(state), finishedMs: ENDED.includes(state) ? fc.nat() : fc.constant(null) }),
  );
const parts = fc.array(part, { minLength: 1, maxLength: PARTS_MAX });

describe("a job in parts", () => {
  test("[CE10] the id of a part says whose part it is; no other id does, and no part has parts", () => {
    fc.assert(
      fc.property(jobId, fc.nat(PARTS_MAX - 1), (wholeId, index) => {
        const id = partIdOf(wholeId, index);
        expect(wholeIdOf(id)).toBe(wholeId);
        expect(wholeIdOf(wholeId)).toBeNull();
        expect([canHaveParts(wholeId), canHaveParts(id)]).toEqual([true, false]);
        expect(() => partIdOf(id, 0)).toThrow(/24 characters/);
      }),
    );
  });

  test("[CE10] ranges have every query once, in order, none is empty, and they differ by at most one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: PARTS_MAX }), fc.nat(5_000), (count, more) => {
        const queryCount = count + more;
        const ranges = rangesOf(queryCount, count);
        let next = 0;
        for (const range of ranges) {
          expect(range.firstQuery).toBe(next);
          next += range.queryCount;
        }
        const sizes = ranges.map((range) => range.queryCount);
        expect([next, ranges.length]).toEqual([queryCount, count]);
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        const query = more % queryCount;
        const { firstQuery, queryCount: own } = ranges[rangeWith(ranges, query)]!;
        expect(query >= firstQuery && query < firstQuery + own).toBe(true);
        expect(rangeWith(ranges, queryCount)).toBe(-1);
      }),
    );
  });

  test("[CE12] a whole has ended when all of its parts have, the last one last, and is done when all of them are", () => {
    fc.assert(
      fc.property(parts, (all) => {
        const { state, finishedMs } = wholeState(all);
        const isEnded = all.every((one) => one.finishedMs !== null);
        expect(ENDED.includes(state)).toBe(isEnded);
        expect(finishedMs).toBe(isEnded ? Math.max(...all.map((one) => one.finishedMs!)) : null);
        expect(state === "done").toBe(all.every((one) => one.state === "done"));
        if (isEnded) expect(state === "failed").toBe(all.some((one) => one.state === "failed"));
        // In whatever order they are looked at.
        expect(wholeState([...all].reverse())).toEqual({ state, finishedMs });
      }),
    );
  });
});
