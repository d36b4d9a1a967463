import { expect, test } from "vitest";
import { WaitsSaid, waitsInWords } from "./waits-in-words.ts";

test("where there is no tab at all, it is said how to lend one; other reasons stand as they are", () => {
  const url = "http://localhost:8787";
  const waitingFor = "waiting for tabs: no tab is connected and ready";
  const advice = `open ${url} in a browser and press Start to lend one`;
  expect(waitsInWords({ waitingFor, lacksTabs: "any" }, url)).toBe(`${waitingFor}; ${advice}`);
  expect(waitsInWords({ waitingFor, lacksTabs: "more" }, url)).toBe(waitingFor);
  expect(waitsInWords({ waitingFor: "reading the data" }, url)).toBe("reading the data");
  expect(waitsInWords({ waitingFor: null }, url)).toBeNull();
});

test("a wait that comes and goes is said once a minute, another one at once", () => {
  const said = new WaitsSaid();
  const at = (words: string, seconds: number) => said.isNews(words, seconds * 1_000);
  expect([at("a", 0), at("a", 1), at("b", 2), at("a", 3), at("a", 4), at("a", 70)]).toEqual([
    true,
    false,
    true,
    true,
    false,
    true,
  ]);
});
