import { expect, test } from "vitest";
import { deskColumns } from "./desk-columns.ts";

test("a class has about as many columns as rows of desks, and never fewer than three", () => {
  expect([1, 3, 12, 25, 30, 200].map(deskColumns)).toEqual([3, 3, 5, 6, 7, 17]);
});
