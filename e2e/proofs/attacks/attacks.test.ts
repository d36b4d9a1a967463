import { expect, test } from "vitest";
import { ATTACKS } from "./attacks.ts";

/** Seconds on a quiet machine, minutes on one that others are at work on. */
const MS_MAX = 400_000;

test.each(Object.entries(ATTACKS))("attack %s harms nobody else", { timeout: MS_MAX }, async (_, attack) => {
  const { after, holds } = await attack({ seed: 1, isLong: false });
  expect(holds, after).toBe(true);
});
