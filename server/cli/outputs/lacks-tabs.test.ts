import { expect, test } from "vitest";
import { lacksTabs } from "./lacks-tabs.ts";

test("where there is no tab at all, it is said how to lend one; other reasons stand as they are", () => {
  const url = "http://localhost:8787";
  const nobody = "waiting for tabs: no tab is connected and ready";
  expect(lacksTabs(nobody, url)).toBe(`${nobody}; open ${url} in a browser and press Start to lend one`);
  const few = "waiting for tabs: approxifer needs 19 different volunteers, 4 are ready";
  expect(lacksTabs(few, url)).toBe(few);
  expect(lacksTabs("reading the data", url)).toBeNull();
  expect(lacksTabs(null, url)).toBeNull();
});
