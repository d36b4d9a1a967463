import { expect, test } from "vitest";
import { type SeenTab, type TabPresence, whyNoTab } from "./why-no-tab.ts";

const tabs = (...presences: TabPresence[]): SeenTab[] =>
  presences.map((presence, n) => ({ volunteerId: `v${n}`, presence }));

test("[JB2] where nobody is connected that is said, and where a tab is at work there is no reason", () => {
  expect(whyNoTab([])).toBe("no tab is connected and ready");
  expect(whyNoTab(tabs("busy", "here"))).toBeNull();
});

test("[JB2] one tab's reason is said with what its owner can do about it", () => {
  expect(whyNoTab(tabs("busy"))).toBe(
    "the one tab that is connected pauses by its busy rule; if it is yours, change that rule on its page",
  );
  expect(whyNoTab(tabs("paused"))).toBe(
    "the one tab that is connected is paused by its volunteer; if it is yours, press Resume on its page",
  );
  expect(whyNoTab(tabs("probing"))).toBe("the one tab that is connected is being tried");
});

test("[JB2] of several tabs each reason is counted, the most frequent first", () => {
  expect(whyNoTab(tabs("busy", "busy"))).toBe(
    "the 2 tabs that are connected pause by their busy rule; if one is yours, change that rule on its page",
  );
  expect(whyNoTab(tabs("silent", "battery", "battery"))).toBe(
    "none of the 3 tabs that are connected takes work: 2 pause because their devices run on battery, 1 did not answer in time, and is asked again soon; if one is yours, change that rule on its page",
  );
});

test("[JB2] the threads of one volunteer are one tab", () => {
  const twice = [...tabs("schedule"), ...tabs("schedule")];
  expect(whyNoTab(twice)).toMatch(/^the one tab that is connected pauses by its schedule/);
});
