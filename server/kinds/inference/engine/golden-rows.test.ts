import fc from "fast-check";
import { expect, test } from "vitest";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { drawLayout, GoldenRows, putBack } from "./golden-rows.ts";
import { JobAnswers } from "./job-answers.ts";

const QUERIES = 40;

function answersWith(trusted: readonly number[]): JobAnswers {
  const answers = new JobAnswers(QUERIES, 2, { task: "classification" });
  const source = { volunteerId: "ada", precision: "float32", auditedRows: 1, opinionBy: null, batchRows: 4 } as const;
  for (const query of trusted) {
    answers.set(query, { output: Float32Array.of(query, 0), mark: "audited", source });
    answers.markExact(query, Float32Array.of(query, 0));
  }
  return answers;
}

test("[PC6] golden rows are those that the coordinator computed, never the volunteer's own, and none goes to one twice", () => {
  const trusted = [3, 9, 12, 20, 31];
  const golden = new GoldenRows(answersWith(trusted), simulationRandom(1));
  expect(golden.draw("ada", 2, new Uint32Array())).toEqual([]);
  const seen = new Set<number>();
  for (let n = 0; n < 20; n++) {
    for (const query of golden.draw("bob", 2, Uint32Array.of(9))) {
      expect(trusted).toContain(query);
      expect(query).not.toBe(9);
      expect(seen.has(query)).toBe(false);
      seen.add(query);
    }
  }
  expect(seen.size).toBe(4);
  expect(new GoldenRows(answersWith([]), simulationRandom(1)).draw("bob", 2, new Uint32Array())).toEqual([]);
});

test("[PC6] a row goes out as a golden one a few times, then no more", () => {
  const golden = new GoldenRows(answersWith([7]), simulationRandom(2));
  const sent = Array.from({ length: 50 }, (_, n) => golden.draw(`v${n}`, 1, new Uint32Array()).length);
  expect(sent.reduce((sum, count) => sum + count, 0)).toBe(8);
});

test("[PC6] [CC4] what comes back in the order of a layout is put in its place again, and places are any", () => {
  const places = new Set<number>();
  const extras = fc.integer({ min: 0, max: 3 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), extras, extras, fc.integer(), (count, others, extra, seed) => {
      const queries = (first: number, length: number) => Array.from({ length }, (_, i) => first + i);
      const layout = drawLayout(count, queries(200, others), queries(100, extra), simulationRandom(seed));
      expect([...layout.order].sort((a, b) => a - b)).toEqual([...Array(count + others + extra).keys()]);
      const sent = Float32Array.from([...layout.order].flatMap((row) => [row, -row]));
      const { outputs, duplicates, golden } = putBack(layout, sent, 2);
      const rows = (first: number, length: number) => Array.from({ length }, (_, i) => [first + i, -first - i]).flat();
      expect([...outputs]).toEqual(rows(0, count));
      expect([...duplicates]).toEqual(rows(count, others));
      expect([...golden]).toEqual(rows(count + others, extra));
      if (count === 10 && extra === 2) places.add(layout.order.indexOf(10));
    }),
    { seed: 20_031, numRuns: 3000 },
  );
  expect(places.size).toBeGreaterThan(8);
});
