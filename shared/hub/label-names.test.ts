import { expect, test } from "vitest";
import { labelNames, taskFor, topLabels } from "./label-names.ts";

const names = labelNames("config.json", { id2label: { 0: "cat", 1: "dog", 2: "hare" } })!;

test("the surest labels come first, with what softmax makes of all outputs", () => {
  const top = topLabels([1, 3, 2], names, 2);
  expect(top.map(({ label }) => label)).toEqual(["dog", "hare"]);
  const sum = Math.exp(1) + Math.exp(3) + Math.exp(2);
  expect(top[0]!.score).toBeCloseTo(Math.exp(3) / sum, 12);
});

test("large outputs overflow nothing, and equal ones keep their order", () => {
  expect(topLabels([1e4, 1e4, -1e4], names, 3)).toEqual([
    { label: "cat", score: 0.5 },
    { label: "dog", score: 0.5 },
    { label: "hare", score: 0 },
  ]);
});

test("labels that do not exclude each other have sigmoids", () => {
  const several = labelNames("config.json", {
    id2label: { 0: "a", 1: "b" },
    problem_type: "multi_label_classification",
  })!;
  expect(topLabels([0, 2], several, 5)).toEqual([
    { label: "b", score: 1 / (1 + Math.exp(-2)) },
    { label: "a", score: 0.5 },
  ]);
});

test("a single label has a sigmoid, as it is a yes or no; of a regression there are the numbers", () => {
  const one = labelNames("config.json", { id2label: { 0: "entails" } })!;
  expect(topLabels([2], one, 5)).toEqual([{ label: "entails", score: 1 / (1 + Math.exp(-2)) }]);
  const value = labelNames("config.json", { id2label: { 0: "stars" }, problem_type: "regression" })!;
  expect(topLabels([4.5], value, 5)).toEqual([{ label: "stars", score: 4.5 }]);
  expect([names, one, value, null].map(taskFor)).toEqual([
    ...["classification", "regression", "regression", "classification"],
  ]);
});

test("a folder that names no labels has none; names with holes are refused", () => {
  expect(labelNames("config.json", {})).toBeNull();
  expect(() => labelNames("c/config.json", { id2label: { 0: "a", 2: "c" } })).toThrow(
    /c\/config.json: id2label: expected a name for each place from 0 to the last/,
  );
  expect(() => labelNames("config.json", { id2label: [] })).toThrow(/id2label/);
});
