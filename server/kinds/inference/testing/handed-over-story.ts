/** Stories in which tabs hand over rows of a batch before its answer. SPEC.md SL rules. */
import fc from "fast-check";
import { expect } from "vitest";
import type { AskedOf, Story } from "../../../coordinator/testing/story.ts";

export type Sent = AskedOf<"sendAssignment">;

/** Of a row of a story's model. */
export const MACS = 100;

/** @param others of the slices: duplicates among them, and how many rows there are then */
export function handOver(story: Story, { sessionId, assignmentId }: Sent, ownRows: number, others: object = {}): void {
  const slices = { type: "slices", rows: ownRows, ownRows, duplicates: [], ...others } as const;
  story.happen({ type: "sliceArrived", sessionId, assignmentId, slices, draw: story.draw });
}

export function leave(story: Story, { sessionId }: Sent): void {
  story.happen({ type: "sessionClosed", sessionId });
}

/** Rows that the volunteer has credit for. */
export function creditedRows(story: Story, volunteerId: string): number {
  return (story.state.volunteers.get(volunteerId)?.creditMacs ?? 0) / MACS;
}

/**
 * What may happen to the batches that are out: rows are handed over, a tab goes and comes back, answers, or time passes.
 * @param out batches that are out at most
 */
export function happeningsTo(out: number) {
  const which = fc.nat(out);
  const happening = fc.oneof(
    fc.record({ what: fc.constant("slice" as const), which, rows: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ what: fc.constant("leave" as const), which }),
    fc.record({ what: fc.constant("return" as const), which }),
    fc.record({ what: fc.constant("answer" as const), which }),
    fc.record({ what: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
  );
  return fc.array(happening, { maxLength: 60 });
}

type Happenings = ReturnType<typeof happeningsTo> extends fc.Arbitrary<infer Told> ? Told : never;

/** @param rowsOf rows of a batch's own: no more are handed over */
export function tell(story: Story, happenings: Happenings, rowsOf: (sent: Sent) => number): void {
  let sessions = 0;
  for (const told of happenings) {
    if (told.what === "pass") {
      story.pass(told.ms);
      continue;
    }
    const next = story.out()[told.which];
    if (next === undefined) continue;
    if (told.what === "answer") story.answer(next);
    else if (told.what === "return") {
      const { sessionId, assignmentId } = next;
      story.happen({ type: "assignmentReturned", sessionId, assignmentId });
    } else if (told.what === "leave") {
      leave(story, next);
      story.join(Number(next.volunteerId.slice(1)), `again ${sessions++}`);
    } else handOver(story, next, Math.min(told.rows, rowsOf(next)));
  }
}

/** [SL4] Each row counts once, and so does its credit. @param rows that were computed for the job */
export function expectCountedOnce(story: Story, rows: number): void {
  const counted = [...story.job("job").contributions.values()];
  expect(counted.reduce((sum, contribution) => sum + contribution.rows, 0)).toBe(rows);
  for (const { volunteerId, rows: own, assignments } of counted) {
    expect(story.state.volunteers.get(volunteerId)?.creditAssignments).toBe(assignments);
    // Golden rows that go along count too.
    expect(creditedRows(story, volunteerId)).toBeGreaterThanOrEqual(own);
    expect(creditedRows(story, volunteerId)).toBeLessThanOrEqual(own + 2 * assignments);
  }
}
