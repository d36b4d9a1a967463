/** [TB1] Answers that the coordinator found wrong itself, whose authors are named for that afterwards. */
import { expect, test } from "vitest";
import { COORDINATOR } from "../../core/job.ts";
import { rightAt, rowJob } from "../testing/row-job.ts";
import { RowAnswers } from "./row-answers.ts";

const NAMING = { atMs: 7, volunteerId: "liar", reason: "1 of 1 recomputed rows differ" };

test("[TB1] an answer that was final, and that the coordinator has right now, is told as taken back once its author is named, through a restart too", () => {
  const rows = new RowAnswers(rowJob("job"), null);
  const lie = rightAt(4).map((value) => -value);
  rows.take(4, 0, "liar", "float32", lie);
  rows.take(5, 0, "honest", "float32", rightAt(5));
  const before = rows.append(
    [
      { place: 4, attempt: 0, author: "liar", mark: "checked" },
      { place: 5, attempt: 0, author: "honest", mark: "checked" },
    ],
    [],
  );
  rows.isStored(before);
  rows.takeOwn(4, rightAt(4), false);
  rows.takeOwn(5, rightAt(5), true);
  // Nobody is named yet.
  rows.takeBackCorrected(() => null);
  expect(rows.answers.takings).toEqual([]);
  const asked: (string | undefined)[] = [];
  rows.takeBackCorrected((place, kind) => {
    asked.push(kind?.source?.volunteerId);
    return place === 4 ? NAMING : null;
  });
  expect(asked).toEqual(["liar"]);
  expect([
    rows.answers.takings,
    [...rows.answers.takenBack.keys()].filter((n) => rows.answers.takenBack[n]! > 0),
  ]).toEqual([[NAMING], [4]]);
  const corrected = rows.append([{ place: 4, attempt: 0, author: COORDINATOR, mark: "exact" }], []);
  const again = new RowAnswers(rowJob("job"), null);
  for (const append of [before, corrected]) again.read(append);
  expect(again.answers.takings).toEqual([NAMING]);
  expect([...again.outputAt(4)]).toEqual([...rightAt(4)]);
});
