import { expect, test } from "vitest";
import type { Activity, Piece } from "../session/session-status.ts";
import { sayActivity } from "./say-activity.ts";

const piece = { kind: "inference" } as Piece;
const all: Activity[] = [
  { kind: "off", why: "not-started" },
  { kind: "off", why: "stopped" },
  { kind: "calibrating" },
  { kind: "connecting" },
  { kind: "reconnecting", retryAtMs: 5_000, reason: "lost" },
  { kind: "waiting" },
  { kind: "computing", piece, sinceMs: 0 },
  { kind: "computing", piece: { ...piece, kind: "probe" }, sinceMs: 0 },
  { kind: "paused", finishing: null },
  { kind: "paused", finishing: piece },
  { kind: "upgrade-needed", servedBuildHash: "" },
  { kind: "refused", code: "wrong-answers", message: "try ?backend=wasm" },
  { kind: "refused", code: "bad-signature", message: "m" },
  { kind: "broken", problem: "insecure-context", message: "m" },
];

test("every activity has words of its own", () => {
  const said = all.map((activity) => sayActivity(activity, 0, true));
  for (const { title, sentence } of said) expect(`${title}${sentence}`).toMatch(/\w.*\.|”$/);
  expect(new Set(said.map(({ sentence }) => sentence)).size).toBe(all.length);
});

test("a lost connection says why and counts down in whole seconds, never below now", () => {
  const lost = all[4]!;
  expect(sayActivity(lost, 1_200, true).sentence).toBe("The connection was lost. Trying again in 4 s.");
  expect(sayActivity(lost, 9_000, true).sentence).toBe("The connection was lost. Trying again now.");
  const refused: Activity = { kind: "reconnecting", retryAtMs: 0, reason: "bad-message" };
  expect(sayActivity(refused, 0, true).sentence).toMatch(/^The coordinator closed the connection\./);
});

test("the coordinator's own words stand in a refusal", () => {
  expect(sayActivity(all[11]!, 0, true).sentence).toContain("try ?backend=wasm");
});

test("an update asks for a reload where it no longer reloads by itself", () => {
  expect(sayActivity(all[10]!, 0, true).title).toBe("Updating");
  expect(sayActivity(all[10]!, 0, false).title).toBe("Please reload");
});
