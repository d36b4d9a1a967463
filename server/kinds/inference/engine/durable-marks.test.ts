import { expect, it } from "vitest";
import { DurableRecords } from "../../../shell/durable-records.ts";
import type { StoredRound } from "../../../store/store.ts";
import { type HeldAnswer, JobAnswers, MARK } from "./job-answers.ts";

const audited = (value: number): HeldAnswer => ({ output: Float32Array.of(value, 0), mark: "audited", source: null });

function answersOfThree(): { answers: JobAnswers; stored: StoredRound } {
  const answers = new JobAnswers(3, 2, { task: "classification" });
  for (const query of [0, 1, 2]) answers.set(query, audited(query + 1));
  return { answers, stored: answers.exportRows(Uint32Array.of(0, 1, 2)) as StoredRound };
}
const durable = ({ durableMarks }: JobAnswers) => [...durableMarks];

it("[VF9] an answer that was told is not durable before its round is stored", () => {
  const { answers, stored } = answersOfThree();
  expect(durable(answers)).toEqual([MARK.missing, MARK.missing, MARK.missing]);
  answers.isStored(stored);
  expect(durable(answers)).toEqual([MARK.audited, MARK.audited, MARK.audited]);
});

it("[VF9] what was withdrawn or answered anew while its round was being stored is not durable", () => {
  const { answers, stored } = answersOfThree();
  answers.withdraw(0);
  answers.set(1, audited(9));
  answers.isStored(stored);
  expect(durable(answers)).toEqual([MARK.missing, MARK.missing, MARK.audited]);
});

it("[VF9] a row that is recomputed later is durable as it was stored, until it is stored again", () => {
  const { answers, stored } = answersOfThree();
  answers.isStored(stored);
  answers.markExact(2, Float32Array.of(3, 0));
  expect(durable(answers)[2]).toBe(MARK.audited);
  answers.isStored(answers.exportRows(Uint32Array.of(0, 1, 2)) as StoredRound);
  expect(durable(answers)[2]).toBe(MARK.exact);
});

it("[VF9] a volunteer's record counts as far as it is stored, and not at all where the store does not know it", () => {
  const records = new DurableRecords();
  records.note({ volunteerId: "ada", auditsPassed: 7 });
  expect([...records.of(["ada", "bob"])]).toEqual([
    ["ada", 7],
    ["bob", 0],
  ]);
});
