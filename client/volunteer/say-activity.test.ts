import { expect, test } from "vitest";
import type { AssignmentView } from "../session/assignment-view.ts";
import type { HoldReason } from "../session/may-work.ts";
import type { Activity } from "../session/session-status.ts";
import { sayActivity } from "./say-activity.ts";
import { TEXTS } from "./texts/testing/all-texts.ts";

const { en } = TEXTS;

const assignment = { kind: "inference", work: "batch" } as AssignmentView;
const all: Activity[] = [
  { kind: "off", why: "not-started" },
  { kind: "off", why: "stopped" },
  { kind: "calibrating" },
  { kind: "connecting" },
  { kind: "reconnecting", retryAtMs: 5_000, reason: "lost" },
  { kind: "waiting" },
  { kind: "computing", assignment, sinceMs: 0 },
  { kind: "computing", assignment: { ...assignment, kind: "probe" }, sinceMs: 0 },
  { kind: "resting", untilMs: 9_000 },
  { kind: "off", why: "finished" },
  { kind: "upgrade-needed", servedBuildHash: "" },
  { kind: "refused", code: "wrong-answers", message: "try ?backend=wasm" },
  { kind: "refused", code: "bad-signature", message: "m" },
  { kind: "broken", problem: "insecure-context", message: "m" },
  { kind: "computing", assignment: { ...assignment, kind: "regression", work: "shard" }, sinceMs: 0 },
  { kind: "computing", assignment: { ...assignment, kind: "regression", work: "product" }, sinceMs: 0 },
];

/** A Monday, eleven o'clock. */
const NOW = new Date(2026, 10, 23, 11).getTime();
const LATER = new Date(2026, 10, 23, 14).getTime();
const holds: HoldReason[] = [
  { kind: "paused", untilMs: null },
  { kind: "paused", untilMs: LATER },
  { kind: "schedule", untilMs: LATER },
  { kind: "schedule", untilMs: null },
  { kind: "battery" },
  { kind: "in-use" },
  { kind: "save-data" },
  { kind: "data-cap", untilMs: LATER, capMb: 200 },
  { kind: "pressure" },
  { kind: "finishing" },
];

test("every rule that holds work back has a sentence of its own, with its end where that is known", () => {
  const said = holds.map((because) => sayActivity(en, { kind: "held", because, finishing: null }, NOW, true).sentence);
  expect(new Set(said).size).toBe(holds.length);
  holds.forEach((because, i) => {
    if ("untilMs" in because && because.untilMs !== null) expect(said[i]).toContain("until 14:00");
  });
  expect(said[2]).toBe("Paused until 14:00 by your schedule.");
  expect(said[7]).toContain("200 MB");
});

test("a batch that is finished first is mentioned", () => {
  const finishing = { assignment, sinceMs: 0 };
  const said = sayActivity(en, { kind: "held", because: { kind: "battery" }, finishing }, NOW, true);
  expect(said.sentence).toMatch(/battery\..*The batch in hand is finished first\.$/);
});

test("nothing that is said of a difference blames anybody", () => {
  const { title, sentence } = sayActivity(en, all[11]!, 0, true);
  expect(title).toBe("Your device gave a different answer");
  expect(`${title} ${sentence}`).not.toMatch(/wrong|liar|lie|cheat|punish|ban/i);
});

test.each(Object.entries(TEXTS))("every activity has words of its own: %s", (_, texts) => {
  const said = all.map((activity) => sayActivity(texts, activity, 0, true));
  for (const { title, sentence } of said) expect(`${title}${sentence}`).toMatch(/\w.*\.|[”“»]$/);
  expect(new Set(said.map(({ sentence }) => sentence)).size).toBe(all.length);
});

test("a lost connection says why and counts down in whole seconds, never below now", () => {
  const lost = all[4]!;
  expect(sayActivity(en, lost, 1_200, true).sentence).toBe("The connection was lost. Trying again in 4 s.");
  expect(sayActivity(en, lost, 9_000, true).sentence).toBe("The connection was lost. Trying again now.");
  const refused: Activity = { kind: "reconnecting", retryAtMs: 0, reason: "bad-message" };
  expect(sayActivity(en, refused, 0, true).sentence).toMatch(/^The coordinator closed the connection\./);
});

test("the coordinator's own words stand in a refusal", () => {
  expect(sayActivity(en, all[11]!, 0, true).sentence).toContain("try ?backend=wasm");
});

test("an update asks for a reload where it no longer reloads by itself", () => {
  expect(sayActivity(en, all[10]!, 0, true).title).toBe("Updating");
  expect(sayActivity(en, all[10]!, 0, false).title).toBe("Please reload");
});
