/** What is kept of open rounds, and who may take a batch of which size, is what a walk over all open rounds and all sessions says. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { must } from "../../../coordinator/assert.ts";
import { refreshCrowd } from "../../../coordinator/crowd/keep-crowd.ts";
import { paceMsOf, recordResponse } from "../../../coordinator/response-times.ts";
import type { Session } from "../../../coordinator/state.ts";
import { GOOD_DECODE, referenceOf, Story, SYSTEMATIC, storedJob } from "../../../coordinator/testing/story.ts";
import type { SizedRounds } from "../records.ts";
import { handOver, happeningsTo, leave, MACS, type Sent } from "../testing/handed-over-story.ts";
import { suitsByWalk, wronglyKeptRounds } from "../testing/walked-rounds.ts";
import { type BatchAssignment, slotOf, slotRows } from "./job.ts";
import { isNothingLeft, whomItSuits } from "./sized-rounds.ts";

const SIZES = [40, 10, 5];
const TABS_MAX = 12;

const SETTING = fc.record({
  code: fc.constantFrom(
    { queriesPerGroup: 1, stragglers: 0, liars: 0 },
    { queriesPerGroup: 2, stragglers: 0, liars: 0 },
    { queriesPerGroup: 2, stragglers: 1, liars: 0 },
    { queriesPerGroup: 4, stragglers: 2, liars: 1 },
  ),
  rounds: fc.tuple(fc.nat(3), fc.nat(3), fc.integer({ min: 1, max: 3 })),
  roundsInFlight: fc.constantFrom(0, 3),
  speeds: fc.array(fc.constantFrom(5, 40, 90, 300, 1_500, null), { minLength: 1, maxLength: TABS_MAX }),
  happenings: happeningsTo(30),
  /** Some results differ from the rows that are computed here. */
  lies: fc.array(fc.boolean(), { maxLength: 8 }),
});

/** It has answered as many batches of ten rows, each row in so long. */
function measure(story: Story, sessionId: string, msPerRow: number): void {
  const session = must(story.state.sessions.get(sessionId), "story: who joined is there");
  for (let n = 0; n < 3; n++) recordResponse(story.state, session, { ms: 10 * msPerRow, work: 10 * MACS });
  refreshCrowd(story.state, session);
}

/** Rounds of each size, so many of it. */
function sized(queriesPerGroup: number, rounds: readonly number[]): { roundSizes: SizedRounds[]; queryCount: number } {
  let [fromRound, firstPlace] = [0, 0];
  const roundSizes: SizedRounds[] = [];
  SIZES.forEach((groupsPerRound, size) => {
    const count = rounds[size] ?? 0;
    if (count === 0) return;
    roundSizes.push({ fromRound, firstPlace, groupsPerRound });
    fromRound += count;
    firstPlace += count * groupsPerRound * queriesPerGroup;
  });
  return { roundSizes, queryCount: firstPlace };
}

/** No more than its batch has. */
function handOverSome(story: Story, one: Sent, rows: number): void {
  const assignment = story.state.assignments.get(one.assignmentId) as BatchAssignment | undefined;
  const place = assignment && slotOf(story.state, assignment);
  if (place != null) handOver(story, one, Math.min(rows, slotRows(place.round, place.slot)));
}

function giveBack(story: Story, { sessionId, assignmentId }: Sent): void {
  story.happen({ type: "assignmentReturned", sessionId, assignmentId });
}

/** Of each slot of each open round: may each session have it, by the rule and by a walk; and may any, by what is kept and by a look at each? */
function differences(story: Story): string[] {
  const { state } = story;
  const job = story.job("job");
  isNothingLeft(job);
  const found: string[] = [];
  for (const round of job.openRounds.values()) {
    for (const slot of round.slots) {
      if (slot.accepted !== null) continue;
      const rule = whomItSuits(state, job, round, slot);
      const name = `${round.roundIndex}/${slot.workerIndex}`;
      for (const session of state.sessions.values()) {
        const says = rule === null || rule.allows(paceMsOf(session));
        if (says !== suitsByWalk(state, job, round, slot, session))
          found.push(`${name}: ${session.sessionId} is ${says}`);
      }
      for (const takers of [state.crowd.idle, state.crowd.soonIdle])
        for (const precision of [null, "float32", "float16"] as const) {
          const isThere = ({ sessionId }: Session) => {
            const taker = takers.get(sessionId);
            return taker !== undefined && (precision === null || taker.precision === precision);
          };
          const there = [...state.sessions.values()].filter(isThere);
          const says = rule?.allowsSomeOf(takers, precision) ?? there.length > 0;
          const isSome = there.some((session) => rule === null || rule.allows(paceMsOf(session)));
          if (says !== isSome) found.push(`${name}: some of ${there.length} are ${says}`);
        }
    }
  }
  return found;
}

test("[EV5] [DP12] whatever happens, all that is kept of open rounds is what a walk finds, and so is whom each batch suits", () => {
  let [looks, rules] = [0, 0];
  fc.assert(
    fc.property(SETTING, ({ code, rounds, roundsInFlight, speeds, happenings, lies }) => {
      const story = new Story({ hold: ["audit", "decode"] });
      let tabs = 0;
      for (const msPerRow of speeds) {
        story.join(++tabs, `s${tabs}`, tabs % 4 === 3 ? { precision: "float16" } : {});
        if (msPerRow !== null) measure(story, `s${tabs}`, msPerRow);
      }
      const submission = { ...SYSTEMATIC, ...code, groupsPerRound: 40, roundsInFlight };
      const job = storedJob("job", submission, 0, story.nowMs);
      story.submitJob({ ...job, ...sized(code.queriesPerGroup, rounds) });
      const look = () => {
        if (story.job("job").stored.finishedMs !== null) return;
        looks++;
        rules += story.job("job").schedule.parts.length > 1 ? story.job("job").openRounds.size : 0;
        expect(wronglyKeptRounds(story.state, story.job("job"))).toEqual([]);
        expect(differences(story)).toEqual([]);
      };
      look();
      happenings.forEach((happening, n) => {
        const out = story.out();
        const one = "which" in happening ? out[happening.which % Math.max(1, out.length)] : undefined;
        if (happening.what === "pass") story.pass(happening.ms);
        else if (one === undefined) story.join(++tabs);
        else if (happening.what === "slice") handOverSome(story, one, happening.rows);
        else if (happening.what === "leave") leave(story, one);
        else if (happening.what === "return") giveBack(story, one);
        else story.answer(one, 1 + ((n * 977) % 5_000));
        look();
        if (n % 2 === 0) checkOldest(story, lies[n % Math.max(1, lies.length)] ?? false);
        look();
      });
    }),
    { numRuns: 120 },
  );
  // Not of jobs that had ended alone, nor of one size.
  expect(looks).toBeGreaterThan(300);
  expect(rules).toBeGreaterThan(300);
});

/** The oldest audit and the oldest decode that are held back come back. @param isLie a row of the audited one differs */
function checkOldest(story: Story, isLie: boolean): void {
  const isPending = ({ effectId }: { readonly effectId: number }) => story.state.numericsPending.has(effectId);
  const audit = story.asked("audit").find(isPending);
  if (audit !== undefined) {
    const { assignmentId, randomRows: checked, against } = audit;
    const compared = against && { randomlyChecked: 0, failed: 0 };
    const failed = isLie ? Math.min(1, checked) : 0;
    const counts = { checked, randomlyChecked: checked, failed, against: compared };
    story.happen({ type: "audited", ...referenceOf(audit), assignmentId, ...counts });
  }
  const decode = story.asked("decode").find(isPending);
  if (decode !== undefined) story.happen({ type: "decoded", ...referenceOf(decode), outcome: GOOD_DECODE });
}
