import { expect, test } from "vitest";
import type { AssignmentView } from "../session/assignment-view.ts";
import { CARD_KEPT_MS, type ShownWork, shownWork } from "./shown-work.ts";

let batches = 0;
const batchOf = (jobId: string, kind: AssignmentView["kind"] = "inference"): AssignmentView => ({
  kind,
  work: "batch",
  lane: "computing",
  jobId,
  jobName: jobId,
  submitter: "ada",
  assignmentId: `${batches++}`,
  rowCount: 1,
  receivedBytes: 4,
  sentBytes: 4,
});
const after = (steps: readonly (readonly [AssignmentView | undefined, number])[], refused: readonly string[] = []) =>
  steps.reduce<ShownWork | null>((before, [current, atMs]) => shownWork(before, current, refused, atMs), null);

test("batches of two jobs in turn leave the card with the first, at its latest batch", () => {
  const latest = batchOf("a");
  const shown = after([
    [batchOf("a"), 0],
    [batchOf("b"), 5],
    [undefined, 7],
    [latest, 10],
    [batchOf("b"), 15],
  ]);
  expect(shown).toEqual({ assignment: latest, seenMs: 10, isOn: true });
});

test("the card goes to another job once none of its own has come for some seconds", () => {
  const other = batchOf("b");
  const early = after([
    [batchOf("a"), 0],
    [other, CARD_KEPT_MS - 1],
  ]);
  expect(early?.assignment.jobId).toBe("a");
  const late = after([
    [batchOf("a"), 0],
    [other, CARD_KEPT_MS],
  ]);
  expect(late?.assignment).toBe(other);
});

test("where nothing comes the card stays, and says after some seconds that its job is not at work", () => {
  const batch = batchOf("a");
  const steps = [
    [batch, 0],
    [undefined, CARD_KEPT_MS - 1],
  ] as const;
  expect(after(steps)).toEqual({ assignment: batch, seenMs: 0, isOn: true });
  expect(after([...steps, [undefined, CARD_KEPT_MS]])).toEqual({ assignment: batch, seenMs: 0, isOn: false });
  expect(after([...steps, [undefined, CARD_KEPT_MS], [batch, CARD_KEPT_MS + 1]])?.isOn).toBe(true);
});

test("a no to the job, and the end of the entrance test, make room at once", () => {
  const other = batchOf("b");
  const steps = [
    [batchOf("a"), 0],
    [other, 1],
  ] as const;
  expect(after(steps, ["a"])?.assignment).toBe(other);
  expect(
    after(
      [
        [batchOf("a"), 0],
        [undefined, 1],
      ],
      ["a"],
    )?.isOn,
  ).toBe(false);
  const first = [
    [batchOf("test", "probe"), 0],
    [other, 1],
  ] as const;
  expect(after(first)?.assignment).toBe(other);
});
