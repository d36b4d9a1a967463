import { describe, expect, test } from "vitest";
import { type Conditions, mayWork } from "./may-work.ts";
import { DEFAULT_SETTINGS, type VolunteerSettings } from "./volunteer-settings.ts";

/** A Monday, half past one. */
const NOW = new Date(2026, 10, 23, 13, 30).getTime();
const calm: Conditions = {
  pause: null,
  power: "mains",
  user: "idle",
  easing: { ease: "full", loadOf: null },
  savesData: false,
  isCellular: false,
  dataBytesToday: 0,
};
const decide = (settings: Partial<VolunteerSettings>, conditions: Partial<Conditions>, nowMs = NOW) =>
  mayWork({ ...DEFAULT_SETTINGS, ...settings }, { ...calm, ...conditions }, nowMs);
const HELD = { ease: "held", loadOf: "others" } as const;
const mornings = { isOn: true, days: Array.from({ length: 7 }, () => ({ from: 6, to: 12 })) };

test("nothing in the way, a tab works at the intensity that was set", () => {
  expect(decide({}, {})).toEqual({ allowed: true, because: null, intensity: 0.6, eased: null });
});

describe("each rule holds work back, says so, and only while it is on", () => {
  const inForce: [string, Partial<VolunteerSettings>, Partial<Conditions>, object][] = [
    ["pause", {}, { pause: { untilMs: null } }, { kind: "paused", untilMs: null }],
    ["pause for a while", {}, { pause: { untilMs: NOW + 1 } }, { kind: "paused", untilMs: NOW + 1 }],
    ["schedule", { schedule: mornings }, {}, { kind: "schedule", untilMs: new Date(2026, 10, 24, 6).getTime() }],
    ["battery", {}, { power: "battery" }, { kind: "battery" }],
    ["in use", { onlyWhenIdle: true }, { user: "active" }, { kind: "in-use" }],
    ["Save-Data", {}, { savesData: true }, { kind: "save-data" }],
    ["a mobile network", {}, { isCellular: true }, { kind: "cellular" }],
    [
      "data cap",
      { dataCapMbPerDay: 5 },
      { dataBytesToday: 5e6 },
      { kind: "data-cap", untilMs: new Date(2026, 10, 24).getTime(), capMb: 5 },
    ],
    ["pressure", {}, { easing: HELD }, { kind: "pressure" }],
    ["a look at whose it is", {}, { easing: { ease: "looking", loadOf: null } }, { kind: "pressure-look" }],
  ];
  test.each(inForce)("%s", (_rule, settings, conditions, because) => {
    expect(decide(settings, conditions)).toMatchObject({ allowed: false, because });
  });

  const off: [string, Partial<VolunteerSettings>, Partial<Conditions>][] = [
    ["a pause that is over", {}, { pause: { untilMs: NOW } }],
    ["a schedule that is off", { schedule: { ...mornings, isOn: false } }, {}],
    ["battery allowed", { onlyOnMains: false }, { power: "battery" }],
    ["power unknown", {}, { power: "unknown" }],
    ["in use, allowed", {}, { user: "active" }],
    ["use unknown", { onlyWhenIdle: true }, { user: "unknown" }],
    ["Save-Data ignored", { respectsSaveData: false }, { savesData: true }],
    ["a mobile network allowed", { notOnCellular: false }, { isCellular: true }],
    ["below the cap", { dataCapMbPerDay: 5 }, { dataBytesToday: 4_999_999 }],
    ["pressure ignored", { easesUnderPressure: false }, { easing: HELD }],
  ];
  test.each(off)("%s does not", (_rule, settings, conditions) => {
    expect(decide(settings, conditions).allowed).toBe(true);
  });
});

test("a schedule without any hour says that there is none", () => {
  const never = { isOn: true, days: Array.from({ length: 7 }, () => null) };
  expect(decide({ schedule: never }, {}).because).toEqual({ kind: "schedule", untilMs: null });
});

test("what the volunteer said goes before what the device says", () => {
  const all = { pause: { untilMs: null }, power: "battery", savesData: true, easing: HELD } as const;
  expect(decide({ schedule: mornings }, all).because?.kind).toBe("paused");
  expect(decide({ schedule: mornings }, { ...all, pause: null }).because?.kind).toBe("schedule");
  expect(decide({}, { ...all, pause: null }).because?.kind).toBe("battery");
});

test("under pressure a tab works at half or a quarter of what was set, and says so and whose load it is", () => {
  const eased = { ease: "eased", loadOf: "own" } as const;
  const halved = { allowed: true, intensity: 0.3, eased: { share: 0.5, loadOf: "own" } };
  expect(decide({}, { easing: eased })).toMatchObject(halved);
  const gentle = { ease: "gentle", loadOf: "others" } as const;
  expect(decide({}, { easing: gentle })).toMatchObject({ intensity: 0.15, eased: { share: 0.25, loadOf: "others" } });
  expect(decide({ easesUnderPressure: false }, { easing: gentle })).toMatchObject({ intensity: 0.6, eased: null });
});
