/** Whom seats may check, and as how many addresses they count. */
import { expect, test } from "vitest";
import { simulationRandom } from "../../../../../shared/random/simulation-random.ts";
import { RowsStory } from "../testing/rows-story.ts";
import { CrowdPartners } from "./partners.ts";
import type { RowsJob } from "./rows-job.ts";

const SEATS = 25;
const CHOSEN = { projects: ["archive"], refused: [] };

/** A class whose seats come after `others` at addresses of their own. */
function classOf(others: number, believed: boolean, choice?: typeof CHOSEN): CrowdPartners {
  const story = new RowsStory();
  for (let n = 1; n <= others; n++) story.join(n);
  for (let n = 101; n <= 100 + SEATS; n++) {
    const checkGroup = `seat ${n}`;
    const seat = { checkGroup, isAdmitted: true, ...(choice && { choice }) };
    story.join(n, { addressGroup: believed ? checkGroup : "seats", seat });
  }
  // A job that measures everybody's device.
  story.submit("before", 2_000, {}, { submitter: "archive" });
  story.answerAll();
  story.submit("job", 1_000, {}, { submitter: "archive" });
  return new CrowdPartners(story.state, story.state.jobs.get("job") as RowsJob, simulationRandom(3));
}

/** Of so many draws for the first seat's rows, those of other seats. */
function seatsDrawn(partners: CrowdPartners, draws: number): number {
  const drawn = Array.from({ length: draws }, () => partners.draw("v101", new Set(["v101"])));
  expect(drawn).not.toContain("v101");
  return drawn.filter((volunteerId) => Number(volunteerId?.slice(1)) > 100).length;
}

test("[VS2] a class that nobody believes counts as one address: alone it checks nobody, with five others it does", () => {
  expect([0, 4, 5].map((others) => classOf(others, false).isCrowdReady())).toEqual([false, false, true]);
});

test("[VS2] a class that is believed is a crowd by itself", () => {
  const partners = classOf(0, true);
  expect(partners.isCrowdReady()).toBe(true);
  expect(seatsDrawn(partners, 100)).toBe(100);
});

test("[VS2] of second words for a seat, seats that nobody believes give no more than one address does", () => {
  const drawn = seatsDrawn(classOf(6, false), 3_000);
  expect(drawn).toBeGreaterThan(0);
  // One of seven groups: 429 on average, and 20 is one standard deviation.
  expect(drawn).toBeLessThan(3_000 / 7 + 100);
});

test("[VS4] seats check a job that they chose, which others that choose do not", () => {
  expect(classOf(5, false, CHOSEN).isCrowdReady()).toBe(true);
  expect(seatsDrawn(classOf(5, false, CHOSEN), 500)).toBeGreaterThan(0);
});
