import { expect, test } from "vitest";
import { firstPredictions, predictionWords } from "./prediction-words.ts";

const none = { labels: null, probabilities: null, notes: [] };
const species = {
  ...{ weightsOf: 50, labels: ["ash", "elm", "oak"], notes: ["1 cell is none of the levels"] },
  predictions: ["oak", "ash", "oak"],
  probabilities: [
    [0.1, 0.3, 0.6],
    [0.5, 0.2, 0.3],
    [0, 0, 1],
  ],
};

test("predictions: how many, what was made of the rows, and how often each label", () => {
  expect(predictionWords(species)).toEqual([
    "3 predictions by the weights of iteration 50.",
    "1 cell is none of the levels",
    "How often each: ash: 1, oak: 2.",
  ]);
  expect(predictionWords({ ...none, weightsOf: 1, predictions: [1 / 3] })).toEqual([
    "1 prediction by the weights of iteration 1.",
  ]);
});

test("of very many labels the first are counted", () => {
  const labels = Array.from({ length: 40 }, (_, label) => label);
  const words = predictionWords({ weightsOf: 1, predictions: labels, labels, probabilities: null, notes: [] });
  expect(words.at(-1)).toMatch(/^How often each: 0: 1, .*, 11: 1, and 28 more\.$/);
});

test("the first rows: the prediction, its probability and, of several labels, the next likely", () => {
  expect(firstPredictions(species, 2)).toEqual([
    { row: 1, prediction: "oak", probability: 0.6, next: { label: "elm", probability: 0.3 } },
    { row: 2, prediction: "ash", probability: 0.5, next: { label: "oak", probability: 0.3 } },
  ]);
  const two = { ...species, labels: ["no", "yes"], predictions: ["no"], probabilities: [[0.75, 0.25]] };
  expect(firstPredictions(two, 10)).toEqual([{ row: 1, prediction: "no", probability: 0.75, next: null }]);
  const numbers = { ...none, weightsOf: 1, predictions: [1 / 3] };
  expect(firstPredictions(numbers, 10)).toEqual([{ row: 1, prediction: "0.333333", probability: null, next: null }]);
});
