import { expect, test } from "vitest";
import type { WorkView } from "../../shared/kinds/work-view.ts";
import { DEFAULT_SETTINGS } from "../session/volunteer-settings.ts";
import { costFigures, gainsText } from "./start-figures.ts";
import { TEXTS } from "./texts/testing/all-texts.ts";

const { en } = TEXTS;
const job = (name: string, submitter = "ada"): WorkView => ({
  ...{ jobId: name, kind: "inference", name, submitter, state: "running", progress: { done: 0, all: 1 } },
});
const ANY = { projects: null, refusedJobs: [] };

test("the costs are those of the settings", () => {
  const said = (changes: Partial<typeof DEFAULT_SETTINGS>, tellsPower = true) =>
    en.atStart.costsText(costFigures({ ...DEFAULT_SETTINGS, ...changes }, 1, 8, tellsPower));
  expect(said({})).toBe(
    "1 processor core of 8 for 60\u00a0% of the time, some 6 W. Traffic: each job’s model once (1.07 GB at most), then its rows. Nothing while on battery.",
  );
  expect(said({ threads: 4, intensity: 1, wattsPerThread: 12.5, dataCapMbPerDay: 200, onlyOnMains: false })).toBe(
    "4 processor cores of 8 for 100\u00a0% of the time, some 50 W. Traffic: 200 MB a day at most. On battery too.",
  );
  expect(said({}, false)).toContain("does not tell of a battery");
});

test("who gains is who has jobs at work that this browser takes", () => {
  const jobs = [job("Letters", "City archive"), job("Birds"), job("Stars"), job("Stones")];
  expect(gainsText(en, null, ANY)).toBe(en.atStart.gainsUnknown);
  expect(gainsText(en, { jobs: [], more: 0 }, ANY)).toBe(en.atStart.gainsNobodyYet);
  expect(gainsText(en, { jobs: jobs.slice(0, 1), more: 0 }, ANY)).toBe("City archive (“Letters”)");
  expect(gainsText(en, { jobs, more: 5 }, ANY)).toBe("City archive (“Letters”), ada (“Birds”) and 7 more jobs");
  const refusedJobs = [{ jobId: "Birds", name: "Birds" }];
  expect(gainsText(en, { jobs: jobs.slice(0, 2), more: 0 }, { projects: null, refusedJobs })).not.toContain("Birds");
  expect(gainsText(en, { jobs, more: 0 }, { projects: [], refusedJobs: [] })).toBe(en.atStart.gainsNone);
});

test("a long name does not push the rest off a phone's screen", () => {
  const text = gainsText(en, { jobs: [job("N".repeat(300), "S".repeat(300))], more: 0 }, ANY);
  expect(text.length).toBeLessThan(100);
  expect(text).toContain("…");
});
