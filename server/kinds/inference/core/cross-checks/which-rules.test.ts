import { describe, expect, test } from "vitest";
import type { Story } from "../../../../coordinator/testing/story.ts";
import { begun, checkedJob, crowd } from "../../testing/cross-checked-story.ts";
import { termsFor } from "./check-terms.ts";

const SETTINGS = { crossChecks: "where better", firstAuditedRows: 400 } as const;
const inCrowd = () => crowd({ settings: SETTINGS });

/** Is a job of so many rows cross-checked? */
const isChecked = ({ state }: Story, queryCount: number, answerBound = 1e-3) =>
  termsFor(state, { queryCount, answerBound }) !== null;

function nameOne({ state }: Story): void {
  const { window } = state.crowdLately;
  window.addRows("established", 20_000);
  window.addNaming("established", { rows: 500, typicalRows: 1_500, byPartner: true });
}

describe("[CC13] audits or cross-checks", () => {
  test("in a quiet service whichever costs the coordinator fewer rows: 400 rows are audited, in crowds of any size", () => {
    for (const addresses of [3, 5, 10, 12]) {
      const story = crowd({ settings: SETTINGS }, addresses);
      expect(isChecked(story, 400)).toBe(false);
      expect(isChecked(story, 2_000)).toBe(false);
      expect(isChecked(story, 6_000)).toBe(true);
    }
  });

  test("where liars are about, only jobs with rows enough that each volunteer's own checks reach the bound", () => {
    const story = inCrowd();
    expect(isChecked(story, 12 * 300)).toBe(true);
    nameOne(story);
    // Twelve volunteers: about 820 rows each.
    expect(isChecked(story, 12 * 300)).toBe(false);
    expect(isChecked(story, 12 * 700)).toBe(false);
    expect(isChecked(story, 12 * 900)).toBe(true);
    // A looser bound takes fewer.
    expect(isChecked(story, 12 * 300, 1e-2)).toBe(true);
  });

  test("nobody is there yet: as in the smallest crowd that is cross-checked", () => {
    const story = begun({ settings: SETTINGS }, 12, checkedJob({}, 400));
    for (const sessionId of [...story.state.sessions.keys()]) story.happen({ type: "sessionClosed", sessionId });
    nameOne(story);
    expect(isChecked(story, 6 * 700)).toBe(false);
    expect(isChecked(story, 6 * 900)).toBe(true);
  });

  test("a job keeps the rules that it began with, whoever is named meanwhile", () => {
    const story = begun({ settings: SETTINGS }, 12, checkedJob({}, 12 * 300));
    const { terms } = story.job("job").stored.crossChecks!;
    expect(terms).not.toBeNull();
    nameOne(story);
    for (let n = 0; n < 40; n++) story.answer(story.out()[0]!, 1);
    expect(story.job("job").stored.crossChecks!.terms).toEqual(terms);
    expect(story.asked("audit").some(({ crossChecked }) => crossChecked !== undefined)).toBe(true);
  });
});
