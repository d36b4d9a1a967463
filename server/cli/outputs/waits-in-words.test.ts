import { expect, test } from "vitest";
import { waitsInWords } from "./waits-in-words.ts";

test("where there is no tab at all, it is said how to lend one; other reasons stand as they are", () => {
  const url = "http://localhost:8787";
  const waitingFor = "waiting for tabs: no tab is connected and ready";
  const advice = `open ${url} in a browser and press Start to lend one`;
  expect(waitsInWords({ waitingFor, lacksTabs: "any" }, url)).toBe(`${waitingFor}; ${advice}`);
  expect(waitsInWords({ waitingFor, lacksTabs: "more" }, url)).toBe(waitingFor);
  expect(waitsInWords({ waitingFor: "reading the data" }, url)).toBe("reading the data");
  expect(waitsInWords({ waitingFor: null }, url)).toBeNull();
});
