import { expect, test } from "vitest";
import { shouldReload, type TabMemory, takeGoOn, versionAgrees } from "./reload-once.ts";

const working = { pause: null };

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
  expect(shouldReload(tab, "new", working)).toBe(true);
  expect(takeGoOn(tab)).toEqual(working);
  expect(takeGoOn(tab)).toBeNull();
  expect(shouldReload(tab, "new", working)).toBe(false);
  expect(takeGoOn(tab)).toBeNull();
});

test("once the versions agreed, a later update reloads again", () => {
  const tab = memory();
  shouldReload(tab, "new", working);
  versionAgrees(tab);
  expect(shouldReload(tab, "newer", working)).toBe(true);
});

test("a pause outlives the reload", () => {
  for (const goOn of [{ pause: { untilMs: 7 } }, { pause: { untilMs: null } }]) {
    const tab = memory();
    shouldReload(tab, "new", goOn);
    expect(takeGoOn(tab)).toEqual(goOn);
  }
});

test("a tab that an older version reloaded goes on too", () => {
  const tab = memory();
  tab.setItem("paritab-go-on", "yes");
  expect(takeGoOn(tab)).toEqual(working);
});

test("a first load goes on with nothing", () => expect(takeGoOn(memory())).toBeNull());
