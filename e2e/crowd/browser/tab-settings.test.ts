import { expect, test } from "vitest";
import { parseFaultProfile } from "./fault-profile.ts";
import { printTabSettings, readTabSettings, type TabSettings } from "./tab-settings.ts";

test("a tab reads the settings that it was opened with", () => {
  const faults = parseFaultProfile("straggle:11(p=0.1,ms=400+exp400),slow:2(x10,floor=300)").map(({ fault }) => fault);
  for (const settings of [
    {
      tab: 0,
      seed: 1,
      crowd: "demo-uncoded",
      faults,
      backend: "webgl",
      threads: 1,
      reportsKernels: true,
      invitation: null,
      seat: null,
    },
    {
      tab: 11,
      seed: 2 ** 40,
      crowd: "x",
      faults: [],
      backend: null,
      threads: 4,
      reportsKernels: false,
      invitation: "in-vit_ation",
      seat: "ABCD-2345",
    },
  ] satisfies TabSettings[]) {
    expect(readTabSettings(printTabSettings(settings))).toEqual(settings);
  }
});

test("a setting that is missing or wrong is named", () => {
  expect(() => readTabSettings("seed=1&crowd=a")).toThrow('swarm tab, tab: expected a whole number, got ""');
  expect(() => readTabSettings("tab=1&seed=x&crowd=a")).toThrow('swarm tab, seed: expected a whole number, got "x"');
  expect(() => readTabSettings("tab=1&seed=1&crowd=a/b")).toThrow("swarm tab, crowd");
  expect(() => readTabSettings("tab=1&seed=1&crowd=a&backend=gpu")).toThrow("expected webgl, wasm, cpu");
  expect(() => readTabSettings("tab=1&seed=1&crowd=a&profile=sleepy:1")).toThrow("sleepy");
  expect(() => readTabSettings("tab=1&seed=1&crowd=a&threads=9")).toThrow('threads: expected 1 to 8, got "9"');
});
