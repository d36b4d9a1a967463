import { expect, test } from "vitest";
import { shouldReload, type TabMemory, takeGoOn, versionAgrees } from "./reload-once.ts";

function memory(): TabMemory {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

test("a tab of another version reloads once, goes on once, and then asks its volunteer", () => {
  const tab = memory();
  expect(shouldReload(tab, "new")).toBe(true);
  expect(takeGoOn(tab)).toBe(true);
  expect(takeGoOn(tab)).toBe(false);
  expect(shouldReload(tab, "new")).toBe(false);
  expect(takeGoOn(tab)).toBe(false);
});

test("once the versions agreed, a later update reloads again", () => {
  const tab = memory();
  shouldReload(tab, "new");
  versionAgrees(tab);
  expect(shouldReload(tab, "newer")).toBe(true);
});

test("a first load goes on with nothing", () => expect(takeGoOn(memory())).toBe(false));
