/** Volunteers whose tabs have several threads, a session each: strangers to each other are volunteers, never threads. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Story } from "../../../coordinator/testing/story.ts";
import type { Round, Slot } from "./job.ts";

const CODES = [
  { scheme: "replication", queriesPerGroup: 2, stragglers: 0, liars: 1 },
  { scheme: "approxifer", queriesPerGroup: 2, stragglers: 1, liars: 1 },
  { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 1 },
  { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0 },
] as const;
const DISTINCT: ReadonlySet<string> = new Set(["replication", "approxifer"]);

const cases = fc.record({
  code: fc.constantFrom(...CODES),
  volunteers: fc.integer({ min: 6, max: 9 }),
  threads: fc.integer({ min: 2, max: 4 }),
  /** Who of those that are at work answers next. */
  order: fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
});

function holders({ state }: Story, { accepted, attempts }: Slot): string[] {
  const ids = [...attempts].flatMap((id) => state.assignments.get(id)?.volunteerId ?? []);
  return accepted === null ? ids : [...new Set([...ids, accepted.volunteerId])];
}

const twice = (names: readonly string[]) => names.filter((name, n) => names.indexOf(name) < n);

/** Volunteers of whom two threads hold the same rows, or parts of one round that are to be of different volunteers. */
function doubles(story: Story, { slots, plan }: Round): string[] {
  const each = slots.map((slot) => holders(story, slot));
  return [...each.flatMap(twice), ...(plan.needsDistinctVolunteers ? twice(each.flat()) : [])];
}

test("[DP6] [ES5] no two threads of one volunteer are at the same rows, or at parts of one round that votes or a locator compare", () => {
  fc.assert(
    fc.property(cases, ({ code, volunteers, threads, order }) => {
      const story = new Story();
      for (let n = 1; n <= volunteers; n++)
        for (let thread = 0; thread < threads; thread++) story.join(n, `s${n}-${thread}`);
      story.submit("job", { ...code, groupsPerRound: 2 }, 48);
      expect([...story.job("job").openRounds.values()][0]!.plan.needsDistinctVolunteers).toBe(
        DISTINCT.has(code.scheme),
      );
      for (let n = 0; story.out().length > 0; n++) {
        const out = story.out();
        story.answer(out[order[n % order.length]! % out.length]!);
        for (const round of story.job("job").openRounds.values()) expect(doubles(story, round)).toEqual([]);
      }
      expect(story.jobState("job")).toBe("done");
    }),
    { numRuns: 30 },
  );
});

test("[DP2] the threads of a volunteer are all given work, and so are those of the others", () => {
  const story = new Story();
  for (let n = 1; n <= 3; n++) for (let thread = 0; thread < 4; thread++) story.join(n, `s${n}-${thread}`);
  story.submit("job", { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, groupsPerRound: 1 }, 48);
  expect(new Set(story.out().map(({ sessionId }) => sessionId)).size).toBe(12);
});
