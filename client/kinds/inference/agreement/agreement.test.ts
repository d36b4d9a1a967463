import { describe, expect, test } from "vitest";
import type { TimelineRound } from "../../../../shared/protocol/timeline-api.ts";
import { agreementLines, agreementSums, lowestShare } from "./agreement.ts";

describe("first answers against final ones", () => {
  const round = (roundIndex: number, changes: Partial<TimelineRound> = {}): TimelineRound => ({
    roundIndex,
    generation: 0,
    rows: 10,
    estimatedAtFirst: 4,
    estimatesCompared: 4,
    estimatesAgreed: 3,
    firstStands: 9,
    firstRight: 8,
    nowRight: 10,
    ...changes,
  });

  test("a line for each thing that is known, a point for each round", () => {
    const lines = agreementLines([round(0), round(2, { firstStands: 10 })]);
    expect(lines.map(({ series }) => series)).toEqual(["stands", "firstRight", "nowRight"]);
    expect(lines[0]!.points).toEqual([
      { roundIndex: 0, share: 0.9 },
      { roundIndex: 2, share: 1 },
    ]);
  });

  test("without labels only which first answers stand is known; of a regression nothing", () => {
    const unlabelled = round(0, { firstRight: null, nowRight: null });
    expect(agreementLines([unlabelled]).map(({ series }) => series)).toEqual(["stands"]);
    expect(agreementLines([{ ...unlabelled, firstStands: null }])).toEqual([]);
  });

  test("sums are over all rounds", () => {
    expect(agreementSums([round(0), round(1, { generation: 1, firstStands: 7 })])).toEqual({
      stands: 0.8,
      estimatesCompared: 8,
      estimatesAgreed: 6,
      roundsRedone: 1,
    });
  });

  test("the plot begins at a tenth below the lowest point, never below nothing", () => {
    const at = (firstStands: number) =>
      lowestShare(agreementLines([round(0, { firstStands, firstRight: null, nowRight: null })]));
    expect(at(9)).toBe(0.8);
    expect(at(10)).toBe(0.9);
    expect(at(0)).toBe(0);
  });
});
