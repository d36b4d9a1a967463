import { expect, test } from "vitest";
import { keepVisit, keptVisit, type VisitMemory } from "./kept-visit.ts";

function memory(): VisitMemory & { readonly held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => void held.set(key, value),
    removeItem: (key) => void held.delete(key),
  };
}

test("a visit is kept with its pause until it has ended", () => {
  const browser = memory();
  expect(keptVisit(browser)).toBeNull();
  for (const visit of [{ pause: null }, { pause: { untilMs: null } }, { pause: { untilMs: 5 } }]) {
    keepVisit(browser, visit);
    expect(keptVisit(browser)).toEqual(visit);
  }
  keepVisit(browser, null);
  expect(keptVisit(browser)).toBeNull();
  expect(browser.held.size).toBe(0);
});

test("what cannot be read is no visit, and a store that refuses is none either", () => {
  const browser = memory();
  keepVisit(browser, { pause: null });
  const [key] = browser.held.keys();
  for (const text of ["", "{", "1", '{"pause":3}', '{"pause":{"untilMs":"a"}}']) {
    browser.held.set(key!, text);
    expect(keptVisit(browser)).toBeNull();
  }
  const refuse = () => {
    throw new Error("forbidden");
  };
  const forbidden: VisitMemory = { getItem: refuse, setItem: refuse, removeItem: refuse };
  expect(() => keepVisit(forbidden, { pause: null })).not.toThrow();
  expect(keptVisit(forbidden)).toBeNull();
});
