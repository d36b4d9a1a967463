import { expect, test } from "vitest";
import { DataError } from "../../../coded/engine/data-error.ts";
import { targetsOf } from "./targets.ts";

test("logistic: any two labels, the smaller is class 0", () => {
  expect(targetsOf("logistic", [-1, 1, 1], 10)).toEqual({
    classes: 1,
    values: Float64Array.of(0, 1, 1),
    labelOfClass: [-1, 1],
  });
  expect([...targetsOf("logistic", [7, 3], 10).values]).toEqual([1, 0]);
});

test("softmax: one-hot rows, a class for each whole number up to the largest", () => {
  const { classes, values } = targetsOf("softmax", [2, 0], 10);
  expect(classes).toBe(3);
  expect([...values]).toEqual([0, 0, 1, 1, 0, 0]);
});

test.each([
  ["logistic", [0, 1, 2], /exactly two different labels, got 3; the model "softmax" learns more than two$/],
  ["logistic", [-1, 0, 1], /exactly two different labels, got 3; the model "linear" learns any numbers$/],
  ["logistic", [1, 1], /exactly two different labels, got 1$/],
  ["softmax", [0, 1.5], /whole numbers in 0\.\.9 as labels, got 1\.5/],
  ["softmax", [-1, 1], /got -1/],
  ["softmax", [0, 10], /got 10/],
  ["softmax", [3, 3], /at least two different labels, got 1/],
  ["linear", [1, Number.NaN], /linear regression: expected numbers as labels, got NaN in row 1/],
  ["logistic", [0, Number.POSITIVE_INFINITY], /got Infinity in row 1/],
] as const)("%s refuses %j", (kind, labels, message) => {
  expect(() => targetsOf(kind, labels, 10)).toThrow(DataError);
  expect(() => targetsOf(kind, labels, 10)).toThrow(message);
});
