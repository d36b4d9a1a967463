import { describe, expect, test } from "vitest";
import { Story } from "../../../coordinator/testing/story.ts";
import { batchBound, recordIn } from "./batch-bounds.ts";

const JOB = {
  scheme: "systematic",
  queriesPerGroup: 4,
  stragglers: 0,
  liars: 0,
  groupsPerRound: 10,
  roundsInFlight: 2,
};
const LONG_RECORD = 5_000;

/** Four volunteers of long standing do a job; top-ups wait for the test. */
function done(submission: object): Story {
  const story = new Story({ hold: ["topUp"], settings: { crossChecks: "off" } });
  for (let n = 1; n <= 4; n++) {
    story.join(n, `s${n}`, { addressGroup: `address ${n}` });
    story.state.volunteers.get(`v${n}`)!.auditsPassed = LONG_RECORD;
  }
  story.submit("job", { ...JOB, ...submission }, 400);
  for (let n = 0; n < 400 && story.out().length > 0; n++) story.answer(story.out()[0]!, 1);
  return story;
}

describe("[VF18] strict jobs", () => {
  test("a long record elsewhere vouches for nothing: rows of this job are computed until they reach the bound", () => {
    const loose = done({});
    expect(loose.asked("topUp")).toEqual([]);
    expect(loose.jobState("job")).toBe("done");

    const story = done({ strict: "yes" });
    expect(story.jobState("job")).toBe("auditing");
    const topUps = story.asked("topUp");
    expect(topUps.length).toBeGreaterThan(0);
    for (const { volunteerId, rows } of topUps) {
      expect(recordIn(story.state, story.job("job"), volunteerId)).toBeLessThan(100);
      expect(rows).toBeGreaterThan(0);
    }
    for (const topUp of topUps) {
      const { effectId, jobId, volunteerId, rows } = topUp;
      story.happen({ type: "toppedUp", effectId, jobId, volunteerId, checked: rows, failed: 0 });
    }
  });

  test("their bounds are by the audits of the job alone, as they stand at its end", () => {
    const story = done({ strict: "yes" });
    const before = new Map(["v1", "v2"].map((id) => [id, recordIn(story.state, story.job("job"), id)] as const));
    const [topUp] = story.asked("topUp");
    const { effectId, jobId, volunteerId, rows } = topUp!;
    story.happen({ type: "toppedUp", effectId, jobId, volunteerId, checked: rows, failed: 0 });
    const record = recordIn(story.state, story.job("job"), volunteerId);
    expect(record).toBe((before.get(volunteerId) ?? 0) + rows);
    const source = { volunteerId, precision: "float32", auditedRows: 1, opinionBy: null } as const;
    expect(batchBound(story.state, source, 10, undefined, record)).toBeGreaterThan(
      batchBound(story.state, source, 10, undefined, LONG_RECORD),
    );
  });
});
