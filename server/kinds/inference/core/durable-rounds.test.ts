/** What is kept of durable rounds, and whose records are to be filled up, is what a walk over all of them says. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { newVolunteer } from "../../../coordinator/reputation.ts";
import { volunteerRecord } from "../../../coordinator/testing/records.ts";
import { batchSource, Story, SYSTEMATIC } from "../../../coordinator/testing/story.ts";
import { wronglyKeptDurable } from "../testing/walked-durable.ts";
import type { BatchSource } from "./batch-source.ts";
import { tooUnsure } from "./top-ups.ts";

const ROUNDS = 6;
const VOLUNTEERS = ["v1", "v2", "v3", "v4", "v5"];
const VOLUNTEER = fc.constantFrom(...VOLUNTEERS);

/** What stands for one worker index. */
const SOURCE = fc.option(
  fc
    .record({
      volunteerId: VOLUNTEER,
      auditedRows: fc.nat(3),
      opinionBy: fc.option(VOLUNTEER),
      coins: fc.option(fc.constant({ attempt: 0, duplicates: 0 }), { freq: 1 }),
    })
    .map(({ volunteerId, auditedRows, opinionBy, coins }): BatchSource => {
      const source = { ...batchSource(volunteerId), auditedRows, opinionBy };
      return coins === null ? source : { ...source, coins };
    }),
);

const CHANGE = fc.record({
  roundIndex: fc.nat(ROUNDS - 1),
  /** null: it is opened again. */
  sources: fc.option(fc.array(SOURCE, { minLength: 7, maxLength: 7 }), { freq: 4 }),
  asked: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: VOLUNTEER }),
});

test("[EV5] [JB4] whatever becomes durable or is opened again, all that is kept of durable rounds is what a walk finds", () => {
  let several = 0;
  fc.assert(
    fc.property(
      fc.array(CHANGE, { maxLength: 25 }),
      fc.array(fc.constantFrom(0, 0, 3, 40), { minLength: VOLUNTEERS.length, maxLength: VOLUNTEERS.length }),
      fc.constantFrom(1e-4, 1e-3, 3e-3),
      (changes, passed, answerBound) => {
        const story = new Story();
        story.submit("job", { ...SYSTEMATIC, groupsPerRound: 10, answerBound }, 40 * ROUNDS);
        const job = story.job("job");
        // The last one is not known here.
        VOLUNTEERS.slice(0, -1).forEach((volunteerId, n) => {
          const record = volunteerRecord(volunteerId, { auditsPassed: passed[n]! });
          story.state.volunteers.set(volunteerId, newVolunteer(record));
        });
        const facts = { generation: 0, openedMs: 0, firstMs: 3, exactMs: 4, estimatedAtFirst: 0, redispatched: 0 };
        for (const { roundIndex, sources, asked } of changes) {
          if (sources === null) job.finishedRounds.delete(roundIndex);
          else job.finishedRounds.set(roundIndex, { ...facts, sources });
          if (asked !== null) job.topUps.set(asked, 1);
          expect(wronglyKeptDurable(story.state, job)).toEqual([]);
          if (tooUnsure(story.state, job).length > 1) several++;
        }
        job.finishedRounds.clear();
        expect(tooUnsure(story.state, job)).toEqual([]);
        expect(wronglyKeptDurable(story.state, job)).toEqual([]);
      },
    ),
  );
  expect(several).toBeGreaterThan(100);
});
