/** In every state of a session, what stands beside its activity is true of that state. */
import { describe, expect, test } from "vitest";
import { type InvitationStanding, SEAT_REFUSALS, type SeatStanding } from "../../shared/protocol/messages.ts";
import type { AssignmentView } from "../session/assignment-view.ts";
import { type Activity, hasEnded } from "../session/session-status.ts";
import { easedNote, invitationNote, type PageState, seatNote, wentOnNote } from "./page-notes.ts";
import { TEXTS } from "./texts/testing/all-texts.ts";

const { en } = TEXTS;
const assignment = { kind: "inference", work: "batch" } as AssignmentView;
const ACTIVITIES: readonly Activity[] = [
  { kind: "off", why: "not-started" },
  { kind: "off", why: "stopped" },
  { kind: "off", why: "finished" },
  { kind: "calibrating" },
  { kind: "connecting" },
  { kind: "reconnecting", retryAtMs: 5_000, reason: "lost" },
  { kind: "waiting" },
  { kind: "computing", assignment, sinceMs: 0 },
  { kind: "resting", untilMs: 9_000 },
  { kind: "held", because: { kind: "pressure" }, finishing: null },
  { kind: "held", because: { kind: "battery" }, finishing: { assignment, sinceMs: 0 } },
  { kind: "upgrade-needed", servedBuildHash: "" },
  { kind: "refused", code: "banned", message: "m" },
  { kind: "broken", problem: "compute-thread", message: "m" },
];
const STANDINGS: readonly (InvitationStanding | null)[] = [null, "yours", "taken", "ended", "unknown"];

type More = Partial<PageState> & { invitation?: InvitationStanding | null; seat?: SeatStanding | null };
const stateOf = (activity: Activity, more: More = {}) => {
  const { invitation = null, seat = null, ...rest } = more;
  const status = { activity, pace: { intensity: 0.3, eased: { share: 0.5, loadOf: null } }, invitation, seat };
  return { status, wentOn: null, isInvited: false, hasSeatCode: false, ...rest } satisfies PageState;
};
const nameOf = (activity: Activity) => JSON.stringify(activity);

test("every kind of activity is among them", () => {
  const kinds = new Set(ACTIVITIES.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(
    ["off", "calibrating", "connecting", "reconnecting", "waiting", "computing", "resting", "held"]
      .concat(["upgrade-needed", "refused", "broken"])
      .sort(),
  );
});

describe.each(ACTIVITIES.map((activity) => [nameOf(activity), activity] as const))("%s", (_, activity) => {
  test("the intensity is said to be halved only where batches are taken", () => {
    const takesBatches = ["computing", "waiting", "resting"].includes(activity.kind);
    expect(easedNote(en, stateOf(activity).status)).toBe(takesBatches ? en.eased(0.5, null) : null);
    const calm = { ...stateOf(activity).status, pace: { intensity: 0.6, eased: null } };
    expect(easedNote(en, calm)).toBeNull();
  });

  test("a page goes on only while something runs that nobody started on this load", () => {
    for (const wentOn of ["visit", "update"] as const) {
      const note = wentOnNote(en, stateOf(activity, { wentOn }));
      expect(note).toBe(hasEnded(activity) ? null : en.wentOn[wentOn]);
    }
    expect(wentOnNote(en, stateOf(activity))).toBeNull();
  });

  test("an invitation is used when one presses Start only before one has, and nothing that ended works for open jobs", () => {
    for (const invitation of STANDINGS) {
      expect(invitationNote(en, stateOf(activity, { invitation }))).toBeNull();
      const { text, isWarning } = invitationNote(en, stateOf(activity, { invitation, isInvited: true }))!;
      if (!hasEnded(activity)) expect(text).not.toMatch(/when you press Start/);
      else expect(text).not.toMatch(/works for open jobs|gets a share|^Asking/);
      expect(isWarning).toBe(invitation !== null && invitation !== "yours");
    }
  });

  test("a tab says where it sits with or without a code, and a named one sits nowhere", () => {
    const isRunning = !hasEnded(activity);
    const note = (more: More) => seatNote(en, stateOf(activity, more));
    expect(note({})).toBeNull();
    if (activity.kind === "refused") return expect(note({ hasSeatCode: true, seat: "taken" })).toBeNull();
    expect(note({ hasSeatCode: true })?.text).toBe(isRunning ? en.seat.asked : en.seat.brought);
    const seated = { text: "You sit at seat 7 of 7b, physics.", isWarning: false };
    for (const hasSeatCode of [true, false])
      expect(note({ hasSeatCode, seat: { sheet: "7b, physics", number: 7 } })).toEqual(seated);
    for (const refusal of SEAT_REFUSALS) {
      const { text, isWarning } = note({ hasSeatCode: true, seat: refusal })!;
      expect(text).toMatch(isRunning ? /works without a seat\.$/ : /[.?]$/);
      expect(isWarning).toBe(true);
    }
  });
});
