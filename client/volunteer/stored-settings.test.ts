import { expect, test } from "vitest";
import { DEFAULT_SETTINGS, type VolunteerSettings } from "../session/volunteer-settings.ts";
import { keepSettings, readSettings, type SettingsMemory } from "./stored-settings.ts";

function memory(text: string | null = null): SettingsMemory & { text: string | null } {
  return {
    text,
    getItem() {
      return this.text;
    },
    setItem(_key, value) {
      this.text = value;
    },
  };
}

const mine: VolunteerSettings = {
  nickname: "Ada",
  team: "Team Süd",
  goesOn: false,
  keepsScreenOn: true,
  intensity: 0.35,
  threads: 2,
  onlyOnMains: false,
  easesUnderPressure: false,
  onlyWhenIdle: true,
  respectsSaveData: false,
  notOnCellular: false,
  dataCapMbPerDay: 200,
  schedule: { isOn: true, days: [null, { from: 22, to: 6 }, null, null, null, null, { from: 0, to: 24 }] },
  projects: ["ada"],
  refusedJobs: [{ jobId: "job-1", name: "digits" }],
  wattsPerThread: 4.5,
};

test("settings come back as they were kept", () => {
  const store = memory();
  expect(keepSettings(store, mine)).toEqual(mine);
  expect(readSettings(store)).toEqual(mine);
});

test("nothing kept, nonsense, or another version: the defaults", () => {
  for (const text of [null, "", "{", "null", "[1]", '{"version":3,"settings":{}}', '{"settings":{"intensity":1}}']) {
    expect(readSettings(memory(text))).toEqual(DEFAULT_SETTINGS);
  }
});

test("one bad value falls back alone", () => {
  const bad: Record<keyof VolunteerSettings, unknown> = {
    nickname: "x".repeat(41),
    team: "y".repeat(41),
    goesOn: 2,
    keepsScreenOn: "sometimes",
    intensity: 0,
    threads: 99,
    onlyOnMains: "yes",
    easesUnderPressure: 1,
    onlyWhenIdle: null,
    respectsSaveData: [],
    notOnCellular: 1,
    dataCapMbPerDay: -1,
    schedule: { isOn: true, days: [{ from: 0, to: 25 }] },
    projects: "all",
    refusedJobs: [{ jobId: 7 }],
    wattsPerThread: Number.POSITIVE_INFINITY,
  };
  for (const [name, value] of Object.entries(bad)) {
    const text = JSON.stringify({ version: 2, settings: { ...mine, [name]: value } });
    const expected = { ...mine, [name]: DEFAULT_SETTINGS[name as keyof VolunteerSettings] };
    expect(readSettings(memory(text)), name).toEqual(expected);
  }
});

test("one thread of a version in which that was the default is nobody's choice; one that is chosen since stays, and so do more", () => {
  const kept = (version: number, threads: number) =>
    readSettings(memory(JSON.stringify({ version, settings: { ...mine, threads } }))).threads;
  expect([kept(1, 1), kept(1, 2), kept(2, 1), kept(2, 4)]).toEqual([null, 2, 1, 4]);
  const store = memory(JSON.stringify({ version: 1, settings: { ...mine, threads: 1 } }));
  keepSettings(store, { ...readSettings(store), nickname: "Eve" });
  expect(readSettings(store)).toMatchObject({ nickname: "Eve", threads: null });
});

test("a store that refuses keeps nobody from changing settings for this visit", () => {
  const full: SettingsMemory = {
    getItem: () => null,
    setItem() {
      throw new Error("QuotaExceededError");
    },
  };
  expect(keepSettings(full, mine)).toEqual(mine);
});
