import { expect, test } from "vitest";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { changedRows, drawLiars } from "./liars.ts";

const batch = {
  count: 0,
  rows: new Float32Array(3),
  outputs: Float32Array.of(1, 2, 3, 4, 5, 6),
  rowCount: 3,
  outputSize: 2,
};

test("rows that are chosen say something else, the others what they said, and no chosen row is no lie", () => {
  const asked: number[] = [];
  const isChosen = (row: number) => asked.push(row) === 2;
  const outputs = batch.outputs.slice();
  expect(changedRows(batch, isChosen, (honest) => honest.map((value) => -value))).toEqual(
    Float32Array.of(1, 2, -3, -4, 5, 6),
  );
  expect(asked).toEqual([0, 1, 2]);
  expect(batch.outputs).toEqual(outputs);
  expect(
    changedRows(
      batch,
      () => false,
      () => [0, 0],
    ),
  ).toBeNull();
});

test("liars are different tabs of the crowd", () => {
  const liars = drawLiars(10, 4, simulationRandom(1));
  expect(new Set(liars).size).toBe(4);
  expect(liars.every((tab) => tab >= 0 && tab < 10)).toBe(true);
  expect(drawLiars(10, 10, simulationRandom(1)).slice(0, 4)).toEqual(liars);
});
