/** Whoever is chosen from what is kept is whom a walk over all would choose. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { isChosenBy } from "./choice-rules.ts";
import { refreshCrowd, restUntil } from "./crowd/keep-crowd.ts";
import { bestSession, crowdOf, idleOnes, soonIdleOnes, type Wanted } from "./ranking.ts";
import { recordResponse } from "./response-times.ts";
import { sessionsOf } from "./sessions-of.ts";
import type { Assignment, CoordinatorState, Session } from "./state.ts";
import { Story } from "./testing/story.ts";
import { bestByWalk, wronglyKept } from "./testing/walked-crowd.ts";

const WORKS = [100, 200, 1_000];
const GROUPS = [null, "a", "b", "c"];
const SAMPLE = fc.record({ ms: fc.integer({ min: 1, max: 40 }), work: fc.constantFrom(...WORKS) });

const JOB = { jobId: "job", submission: { kind: "inference", submitter: "ada" } };
const CHOICES = [
  null,
  { projects: ["ada"], refused: [] },
  { projects: ["bob"], refused: [] },
  { projects: null, refused: ["job"] },
  { projects: null, refused: ["other"] },
];

const TAB = fc.record({
  volunteer: fc.nat(30),
  addressGroup: fc.constantFrom(...GROUPS),
  precision: fc.constantFrom("float32" as const, "float16" as const),
  responses: fc.array(SAMPLE, { maxLength: 9 }),
  /** Of the batch that it is at; null: it idles. */
  at: fc.option(fc.record({ work: fc.constantFrom(...WORKS), startedMs: fc.integer({ min: 900, max: 1_000 }) })),
  choice: fc.constantFrom(...CHOICES),
  fate: fc.constantFrom("works", "works", "works", "pauses", "rests", "goes"),
});

const WANTED = fc.record({
  work: fc.constantFrom(...WORKS),
  precision: fc.constantFrom(undefined, "float32" as const),
  refused: fc.subarray(Array.from({ length: 10 }, (_, n) => `v${n}`)),
});

interface Tab {
  readonly volunteer: number;
  readonly addressGroup: string | null;
  readonly precision: "float32" | "float16";
  readonly responses: readonly { readonly ms: number; readonly work: number }[];
  readonly at: { readonly work: number; readonly startedMs: number } | null;
  readonly choice: (typeof CHOICES)[number];
  readonly fate: string;
}

function crowd(tabs: readonly Tab[]): Story {
  const story = new Story();
  const { state } = story;
  tabs.forEach(({ volunteer, addressGroup, precision, responses, at, choice, fate }, n) => {
    const sessionId = `s${n}`;
    story.join(volunteer, sessionId, { addressGroup, precision });
    const session = state.sessions.get(sessionId)!;
    for (const sample of responses) recordResponse(state, session, sample);
    if (at !== null) takes(state, session, 100_000 + n, at);
    // Of all its sessions, as where a volunteer says so.
    const chosen = state.volunteers.get(session.volunteerId)!;
    chosen.choice = choice;
    for (const one of sessionsOf(state, session.volunteerId)) refreshCrowd(state, one);
    if (fate === "pauses") story.happen({ type: "availabilityChanged", sessionId, available: false });
    if (fate === "goes") story.happen({ type: "sessionClosed", sessionId });
    const restsUntilMs = story.nowMs + (n % 3) * 20;
    if (fate === "rests") restUntil(state, state.volunteers.get(session.volunteerId)!, restsUntilMs);
  });
  return story;
}

function takes(state: CoordinatorState, session: Session, assignmentId: number, at: NonNullable<Tab["at"]>): void {
  const { sessionId, volunteerId } = session;
  const reference = { assignmentId, sessionId, volunteerId, kind: "inference", jobId: "ended", roundIndex: 0 };
  const assignment = { ...reference, state: "outstanding", queueing: "alone", timerId: null };
  state.assignments.set(assignmentId, { ...assignment, ...at, sentMs: at.startedMs } as Assignment);
  session.holds.add(assignmentId);
}

test("[DP5] [DP10] whoever is chosen is whom a walk over all sessions would choose, and all is kept that a walk would find", () => {
  fc.assert(
    fc.property(fc.array(TAB, { maxLength: 60 }), fc.array(WANTED, { minLength: 1, maxLength: 6 }), (tabs, asked) => {
      const { state } = crowd(tabs);
      const known = crowdOf(state);
      expect(wronglyKept(state)).toEqual([]);
      for (const { refused, precision, ...rest } of asked) {
        const wanted: Wanted = {
          ...rest,
          ...(precision === undefined ? {} : { precision }),
          takes: (choice) => isChosenBy(choice, JOB),
          mayTake: ({ volunteerId }) =>
            !refused.includes(volunteerId) && isChosenBy(state.volunteers.get(volunteerId)?.choice ?? null, JOB),
        };
        const chosen = {
          idle: bestSession(state, wanted, idleOnes(state, known))?.sessionId,
          soonIdle: bestSession(state, wanted, soonIdleOnes(state, known))?.sessionId,
        };
        expect(chosen).toEqual({
          idle: bestByWalk(state, wanted, known, "idle")?.sessionId,
          soonIdle: bestByWalk(state, wanted, known, "soonIdle")?.sessionId,
        });
      }
    }),
    { numRuns: 400 },
  );
});

test("[AS7] [AS10] who has rested, and what is overdue, is known as soon as time has passed", () => {
  fc.assert(
    fc.property(fc.array(TAB, { maxLength: 40 }), fc.array(fc.integer({ min: 1, max: 30 })), (tabs, waits) => {
      const story = crowd(tabs);
      for (const ms of waits) {
        story.nowMs += ms;
        story.step();
        expect(wronglyKept(story.state)).toEqual([]);
      }
    }),
  );
});
