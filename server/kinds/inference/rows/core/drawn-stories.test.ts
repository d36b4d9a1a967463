/** Stories that chance tells: tabs answer, hand over parts, fail, leave, come, are silent and lie; jobs are cancelled, and the coordinator is killed. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { simulationRandom } from "../../../../../shared/random/simulation-random.ts";
import { free } from "../../../../checks/account.ts";
import { RowsStory } from "../testing/rows-story.ts";

const TABS = 8;
const STEPS = 120;

/** What jobs ask for: rows by themselves most of all, and codes of each way in which rows go out. */
const SUBMISSIONS = [
  {},
  {},
  { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, spares: "parities" },
  { scheme: "replication", queriesPerGroup: 4, stragglers: 1, liars: 0 },
  { scheme: "approxifer", queriesPerGroup: 3, stragglers: 1, liars: 0 },
  { scheme: "spline", queriesPerGroup: 3, stragglers: 2, liars: 0 },
  { scheme: "berrut-systematic", queriesPerGroup: 4, stragglers: 1, liars: 0 },
];

interface Told {
  story: RowsStory;
  readonly submitted: Map<string, number>;
  restarts: number;
}

/** One more thing happens. @returns the story that goes on */
function happens(told: Told, random: ReturnType<typeof simulationRandom>, coming: { next: number }): void {
  const { story } = told;
  const out = story.out().filter(({ assignmentId }) => story.state.assignments.get(assignmentId)?.startedMs !== null);
  const sent = out.length === 0 ? undefined : out[random.integer(out.length)];
  const draw = random.uniform();
  if (draw < 0.6 && sent !== undefined) return story.answer(sent, 1 + random.integer(400));
  if (draw < 0.72 && sent !== undefined) {
    const { length } = story.rowsOf(sent);
    return story.part(sent, [random.integer(length), random.integer(length)]);
  }
  if (draw < 0.77 && sent !== undefined) {
    const { sessionId, assignmentId } = sent;
    return story.happen({ type: "assignmentFailed", sessionId, assignmentId, message: "out of memory" });
  }
  if (draw < 0.82 && sent !== undefined) {
    const { sessionId, assignmentId } = sent;
    return story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  }
  if (draw < 0.86) return story.join(1 + random.integer(TABS), { sessionId: `n${coming.next++}` });
  if (draw < 0.89 && sent !== undefined) return story.leave(sent.sessionId);
  if (draw < 0.93) return story.pass(1 + random.integer(60_000));
  if (draw < 0.95) {
    const jobId = `job ${coming.next++}`;
    const rows = 200 + random.integer(1_500);
    told.submitted.set(jobId, rows);
    return story.submit(jobId, rows, { macsPerQuery: 1e9 }, SUBMISSIONS[random.integer(SUBMISSIONS.length)]!);
  }
  if (draw < 0.96) {
    const jobIds = [...told.submitted.keys()];
    return story.happen({ type: "jobCancelled", jobId: jobIds[random.integer(jobIds.length)]! });
  }
  if (draw < 0.975) {
    told.story = story.restart();
    told.restarts++;
    return told.story.crowd(TABS);
  }
  return story.pass(10);
}

test("whatever happens, every job ends, its account holds, and nothing of it is left", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const random = simulationRandom(seed);
      const liars = random.integer(3);
      const rate = 2 + random.integer(30);
      const lies = (volunteerId: string, place: number) => Number(volunteerId.slice(1)) <= liars && place % rate === 0;
      // Rows in doubt, a device that computes coarsely, and what is said of liars.
      const isOpen = (place: number) => place % 40 === 7;
      const isCoarse = (volunteerId: string) => volunteerId === `v${TABS}` && rate % 2 === 0;
      const isAnothers = () => rate % 3 === 0;
      const told: Told = {
        story: new RowsStory({ lies, isOpen, isCoarse, isAnothers }),
        submitted: new Map([["job", 800]]),
        restarts: 0,
      };
      told.story.crowd(TABS);
      told.story.submit("job", 800, { macsPerQuery: 1e9 });
      const coming = { next: 0 };
      for (let n = 0; n < STEPS; n++) {
        happens(told, random, coming);
        for (const account of told.story.state.accounts.values()) expect(free(account)).toBeGreaterThan(-1e-6);
      }
      const { story } = told;
      const isOver = () =>
        [...told.submitted.keys()].every((jobId) => ["done", "cancelled"].includes(story.stateOf(jobId)));
      for (let n = 0; n < 60 && !isOver(); n++) {
        for (let tab = liars + 1; tab <= TABS; tab++) story.join(tab, { sessionId: `end ${n} ${tab}` });
        story.answerAll();
        story.pass(600_000);
      }
      for (const [jobId, rows] of told.submitted) {
        expect(["done", "cancelled"]).toContain(story.stateOf(jobId));
        if (story.stateOf(jobId) === "done")
          expect(story.durableRows(jobId).filter(({ author }) => author !== null)).toHaveLength(rows);
        for (const { place, author, mark, isFinal } of story.durableRows(jobId))
          if (isFinal && author !== null && (isOpen(place) || isCoarse(author))) expect(mark).toBe("exact");
        const job = story.job(jobId);
        expect([job.claims.size, job.assignmentOf.size, job.rowsOut, job.said.length]).toEqual([0, 0, 0, 0]);
      }
      const asked = [...told.submitted.values()].reduce((sum, rows) => sum + rows, 0);
      for (const account of story.state.accounts.values()) {
        expect(account.held).toBeCloseTo(0, 6);
        expect(account.places).toBeLessThanOrEqual(asked);
      }
      expect([...story.state.numericsPending]).toEqual([]);
    }),
    { seed: Number(process.env.STORY_SEED ?? 36_001), numRuns: 12 },
  );
});
