import { expect, test } from "vitest";
import { type LieContext, lieAbout } from "./fault-answers.ts";

const context: LieContext = { seed: 1, tab: 2, round: 3, begun: 3, previous: null, colluder: null };
const outputs = Float32Array.of(1, 2, 3, 4, 5, 6);

test("other-query gives each row the outputs of another row", () => {
  expect([...lieAbout({ name: "other-query" }, outputs, 3, context)]).toEqual([3, 4, 5, 6, 1, 2]);
  expect([...lieAbout({ name: "other-query" }, outputs, 1, context)]).toEqual([2, 3, 4, 5, 6, 1]);
});

test("sign-flip, constant and replay do what their names say, and nothing is changed in place", () => {
  expect([...lieAbout({ name: "sign-flip" }, outputs, 3, context)]).toEqual([-1, -2, -3, -4, -5, -6]);
  expect([...lieAbout({ name: "constant" }, outputs, 3, context)]).toEqual([1, 1, 1, 1, 1, 1]);
  const previous = Float32Array.of(7, 8, 9, 10);
  expect([...lieAbout({ name: "replay" }, outputs, 3, { ...context, previous })]).toEqual([7, 8, 9, 10, 7, 8]);
  expect([...lieAbout({ name: "replay" }, outputs, 3, context)]).toEqual([...outputs]);
  expect([...outputs]).toEqual([1, 2, 3, 4, 5, 6]);
});

test("noise is the same for the same seed, tab and round, and of the size that was asked for", () => {
  const zeros = new Float32Array(20_000);
  const noisy = lieAbout({ name: "noise", sigma: 10 }, zeros, 100, context);
  expect(lieAbout({ name: "noise", sigma: 10 }, zeros, 100, context)).toEqual(noisy);
  expect(lieAbout({ name: "noise", sigma: 10 }, zeros, 100, { ...context, tab: 3 })).not.toEqual(noisy);
  const rms = Math.sqrt(noisy.reduce((sum, value) => sum + value * value, 0) / noisy.length);
  expect(Math.abs(rms - 10)).toBeLessThan(0.25);
});

test("reverse turns the sign and multiplies, and a sleeper does so after so many assignments", () => {
  expect([...lieAbout({ name: "reverse", factor: 3 }, outputs, 3, context)]).toEqual([-3, -6, -9, -12, -15, -18]);
  const sleeper = { name: "sleeper", rounds: 3 } as const;
  expect([...lieAbout(sleeper, outputs, 3, { ...context, begun: 2 })]).toEqual([...outputs]);
  expect([...lieAbout(sleeper, outputs, 3, { ...context, begun: 3 })]).toEqual([-1, -2, -3, -4, -5, -6]);
});

test("one-entry changes one number by one, and swap sends the colluder's outputs where there are any", () => {
  const lied = lieAbout({ name: "one-entry" }, outputs, 3, context);
  expect([...lied].map((value, i) => value - outputs[i]!).sort()).toEqual([0, 0, 0, 0, 0, 1]);
  const colluder = Float32Array.of(9, 8, 7, 6, 5, 4);
  expect([...lieAbout({ name: "swap" }, outputs, 3, { ...context, colluder })]).toEqual([...colluder]);
  expect([...lieAbout({ name: "swap" }, outputs, 3, context)]).toEqual([...outputs]);
});
