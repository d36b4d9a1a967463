/** What is counted of a job's answers is what a walk over them counts. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type AnswerKind, AnswerKinds } from "./answer-kinds.ts";
import { CLASSIFICATION } from "./answer-rule.ts";
import { JobAnswers, MARK } from "./job-answers.ts";

const OUTPUTS = [
  [0, 1],
  [1, 0],
  [0.9995, 1],
  [Number.NaN, 1],
].map((row) => Float32Array.from(row));
const QUERIES = 12;
const TRUTH = Int32Array.from({ length: 2 * QUERIES }, (_, query) => query % 2);

const CHANGE = fc.record({
  what: fc.constantFrom(
    "set",
    "set",
    "set",
    "withdraw",
    "exact",
    "source",
    "store",
    "uncheck",
    "grow",
    "shrink",
    "take back",
  ),
  query: fc.nat(QUERIES - 1),
  output: fc.constantFrom(...OUTPUTS),
  mark: fc.constantFrom("audited" as const, "estimated" as const, "missing" as const),
  source: fc.option(
    fc.record({
      volunteerId: fc.constantFrom("v1", "v2"),
      precision: fc.constantFrom("float32" as const, "float16" as const),
      auditedRows: fc.nat(2),
      opinionBy: fc.constantFrom(null, "v1"),
      batchRows: fc.constantFrom(10, 20),
    }),
  ),
});

function change(
  answers: JobAnswers,
  { what, query, output, mark, source }: typeof CHANGE extends fc.Arbitrary<infer C> ? C : never,
): void {
  if (query >= answers.queryCount) return;
  if (what === "set") answers.set(query, { output, mark, source });
  if (what === "withdraw") answers.withdraw(query);
  if (what === "exact") answers.markExact(query, output);
  if (what === "source") answers.setSource(query, source);
  if (what === "store") answers.isStored(answers.exportRows(Uint32Array.of(query)));
  if (what === "take back") answers.takeBack(query, { atMs: query % 2, volunteerId: "v1", reason: "it lied" });
  if (what === "uncheck") answers.uncheck();
  if (what === "grow") answers.resize(Math.min(TRUTH.length, answers.queryCount + 3));
  // Queries are taken back before they have an answer, and never after.
  if (what === "shrink" && answers.marks[answers.queryCount - 1] === MARK.missing)
    answers.resize(Math.max(1, answers.queryCount - 1));
}

test("whatever happens to answers, each is of the kind that it is, and the kinds are counted right", () => {
  fc.assert(
    fc.property(fc.array(CHANGE, { maxLength: 60 }), (changes) => {
      const answers = new JobAnswers(QUERIES, 2, CLASSIFICATION, { truth: TRUTH });
      for (const one of changes) change(answers, one);
      const { queryCount, kinds } = answers;
      const walked = new Map<unknown, number>();
      for (let query = 0; query < queryCount; query++) {
        const kind = kinds.kindOf(query);
        const taking = answers.takings[answers.takenBack[query]! - 1] ?? null;
        walked.set(kind, (walked.get(kind) ?? 0) + 1);
        expect([kind.mark, kind.taking]).toEqual([answers.marks[query], taking]);
        if (kind.mark === MARK.missing) continue;
        expect(kind).toEqual({
          mark: answers.marks[query],
          durableMark: answers.durableMarks[query],
          source: answers.sources.of(query),
          isCrossChecked: answers.sources.crossChecked[query] === 1,
          ledger: null,
          hasOpenLabel: answers.hasOpenLabel(query),
          isHalf: answers.sources.classOf(query) === "float16",
          isRight: answers.labels[query] === TRUTH[query],
          taking,
        });
      }
      expect(new Map(kinds.counts())).toEqual(walked);
    }),
    { numRuns: 500 },
  );
});

test("queries that come in the place of others, which were taken back, know nothing of these", () => {
  const answers = new JobAnswers(QUERIES, 2, CLASSIFICATION);
  const last = QUERIES - 1;
  answers.takeBack(last, { atMs: 1, volunteerId: "v1", reason: "it lied" });
  answers.resize(last);
  answers.resize(QUERIES);
  expect(answers.takenBack[last]).toBe(0);
  expect(answers.kinds.kindOf(last).taking).toBeNull();
});

test("kinds are few where answers are many, and those that nothing is of any more are let go", () => {
  const answers = new JobAnswers(10_000, 2, CLASSIFICATION);
  const source = { volunteerId: "v1", precision: "float32", opinionBy: null, batchRows: 10 } as const;
  for (let query = 0; query < 10_000; query++)
    answers.set(query, { output: OUTPUTS[0]!, mark: "audited", source: { ...source, auditedRows: query % 3 } });
  expect([...answers.kinds.counts()]).toHaveLength(3);
  for (let query = 0; query < 10_000; query++) answers.withdraw(query);
  expect([...answers.kinds.counts()].map(([{ mark }, count]) => [mark, count])).toEqual([[MARK.missing, 10_000]]);
  expect(() => answers.kinds.kindOf(10_000)).toThrow(/below 10000/);
});

test("answers that change alike are noted once for each of their kinds, however many they are", () => {
  const kinds = new AnswerKinds();
  const kind = (mark: number, ledger: number | null) => ({ mark, ledger }) as AnswerKind;
  const marks = [0, 1, 2];
  kinds.resize(3_000, "0 null", () => kind(0, null));
  const enter = (query: number, ledger: number | null) => {
    const mark = query % marks.length;
    kinds.note(query, `${mark} ${ledger}`, () => kind(mark, ledger));
  };
  for (let query = 0; query < 3_000; query++) enter(query, null);
  const move = kinds.mover();
  const ledgerOf = (query: number) => (query < 1_500 ? 0 : 1);
  let noted = 0;
  for (let query = 0; query < 2_998; query++) {
    move(query, ledgerOf(query), () => {
      enter(query, ledgerOf(query));
      noted++;
    });
  }
  expect(noted).toBe(6);
  for (const query of [0, 1, 2, 1_499, 1_500, 2_997])
    expect(kinds.kindOf(query)).toEqual(kind(query % 3, ledgerOf(query)));
  expect(kinds.kindOf(2_998)).toEqual(kind(1, null));
  const counted = [...kinds.counts()].map(([{ mark, ledger }, count]) => `${mark} ${ledger}: ${count}`);
  const expected = ["0 0: 500", "0 1: 500", "1 0: 500", "1 1: 499", "1 null: 1", "2 0: 500", "2 1: 499", "2 null: 1"];
  expect(counted.sort()).toEqual(expected);
});
