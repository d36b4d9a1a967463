import { expect, test } from "vitest";
import { CELL_POINTS } from "../../../../shared/coding/nearest-cells.ts";
import { shuffle } from "../../../../shared/random/draws.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { featuresByPlace } from "../testing/place-features.ts";
import { CLASSIFICATION } from "./answer-rule.ts";
import { JobAnswers } from "./job-answers.ts";
import { checkedAnswers, neighbourhoodOf } from "./neighbourhood.ts";

const [COUNT, WIDTH, OUTPUT_SIZE] = [10_000, 2, 3];
const order = shuffle(
  Uint32Array.from({ length: COUNT }, (_, query) => query),
  simulationRandom(1),
);
const values = Float32Array.from({ length: COUNT * WIDTH }, (_, at) => at);
const byPlace = featuresByPlace({ values, width: WIDTH }, order);

function answered(queries: Iterable<number>): JobAnswers {
  const answers = new JobAnswers(COUNT, OUTPUT_SIZE, CLASSIFICATION);
  for (const query of queries) {
    const output = Float32Array.of(query, 1, 2);
    answers.set(query, { output, mark: query % 3 === 0 ? "estimated" : "audited", source: null });
  }
  return answers;
}

test("a window ends with its round, holds the places before it, and is bounded", () => {
  const near = neighbourhoodOf(byPlace, order, answered([]), 9_000, 40);
  const places = near.queries.length;
  // Whole cells: from the first that begins no more than 4,096 places before the end.
  expect(places).toBe(4_080);
  expect(near.firstPlace).toBe(places - 40);
  expect([...near.features.subarray(near.firstPlace * WIDTH, (near.firstPlace + 1) * WIDTH)]).toEqual([
    ...values.subarray(order[9_000]! * WIDTH, (order[9_000]! + 1) * WIDTH),
  ]);
  const firstCell = (9_040 - places) / CELL_POINTS;
  expect(near.centres).toEqual(byPlace.centres.subarray(firstCell * WIDTH, (firstCell + 128) * WIDTH));
  // Shared with the thread that looks through it, not copied.
  expect(near.features.buffer).toBe(byPlace.values.buffer);
  expect([near.marks.buffer, near.outputs.buffer].every((buffer) => buffer instanceof SharedArrayBuffer)).toBe(true);
});

test("at the front of the order the window begins there, and a job smaller than it is its own window", () => {
  expect(neighbourhoodOf(byPlace, order, answered([]), 0, 40)).toMatchObject({ firstPlace: 0 });
  const few = order.filter((query) => query < 100);
  const small = featuresByPlace({ values: values.subarray(0, 100 * WIDTH), width: WIDTH }, few);
  const answers = new JobAnswers(100, OUTPUT_SIZE, CLASSIFICATION);
  expect(neighbourhoodOf(small, few, answers, 80, 20).queries).toHaveLength(100);
});

test("only answers that were checked are neighbours", () => {
  const near = neighbourhoodOf(byPlace, order, answered(order.subarray(8_000, 9_000)), 9_000, 40);
  const start = 9_040 - near.queries.length;
  const { isAnswered, answers } = checkedAnswers(near, OUTPUT_SIZE);
  isAnswered.forEach((flag, i) => {
    const query = order[start + i]!;
    const isChecked = start + i >= 8_000 && start + i < 9_000 && query % 3 !== 0;
    expect(flag).toBe(isChecked ? 1 : 0);
    if (isChecked) expect(answers[i * OUTPUT_SIZE]).toBe(query);
  });
});

test("of wide outputs fewer places are looked through, never fewer than the round's own", () => {
  const wide = new JobAnswers(64, 60_000, CLASSIFICATION);
  const own = order.filter((query) => query < 64);
  const features = featuresByPlace({ values: values.subarray(0, 64 * WIDTH), width: WIDTH }, own);
  expect(neighbourhoodOf(features, own, wide, 32, 32)).toMatchObject({ firstPlace: 0 });
  expect(neighbourhoodOf(features, own, wide, 32, 32).queries).toHaveLength(32);
});
