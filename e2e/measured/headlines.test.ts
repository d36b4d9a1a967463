import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type SettingsUsed, setOtherwise, settingsUsed } from "../bench/settings-used.ts";
import { DOCS, figuresOf } from "./figures-file.ts";
import { HEADLINE_PAGES, toldAsIfDefault, toldIn, unnamedIn } from "./headlines.ts";
import { RUNS } from "./runs.ts";

const PAGES = HEADLINE_PAGES.map((name) => ({ name, text: readFileSync(join(DOCS, name), "utf8") }));

/** null: its figures do not say; undefined: there are none yet. */
function usedBy(run: string): SettingsUsed | null | undefined {
  const figures = figuresOf(RUNS.find(({ name }) => name === run)!);
  return figures === null ? undefined : (figures.set ?? null);
}

test("whoever tells a figure of the first pages names what its bench set otherwise than somebody has who types nothing", () => {
  expect(PAGES.flatMap((page) => toldAsIfDefault(page, usedBy))).toEqual([]);
});

/** As if every run that these pages tell had set that, beside what it set. */
function withPlanted(job: object, others: Readonly<Record<string, string>> = {}) {
  const planted = settingsUsed([job], others);
  return (run: string): SettingsUsed => ({ ...(usedBy(run) ?? {}), ...planted });
}

test.each([
  ["S = 3", { stragglers: 3 }],
  ["K = 7", { queriesPerGroup: 7 }],
  ["E = 4", { liars: 4 }],
])("planted: %s that nobody names is found in each page", (_name, job) => {
  for (const page of PAGES) expect(toldAsIfDefault(page, withPlanted(job)).length).toBeGreaterThan(0);
});

test.each(["gain/known-symbols", "gain-strangers/known-symbols"])(
  "planted: %s in the README does not stand where its bench switches spares off that others have, or sets another K",
  (figure) => {
    const sentence = `By default it gains <!--figure: ${figure}-->9<!----> times what it does alone.`;
    const readme = { name: "README.md", text: `## Limits\n\n- ${sentence}\n` };
    const isFound = (set: SettingsUsed, defaults?: SettingsUsed) =>
      toldAsIfDefault(readme, () => set, defaults).some((sentence) => sentence.includes(figure));
    const plain = settingsUsed([{ stragglers: 0, liars: 0 }]);
    expect(isFound(plain)).toBe(false);
    expect(isFound(plain, settingsUsed([{ stragglers: 2, liars: 1 }]))).toBe(true);
    expect(isFound(settingsUsed([{ queriesPerGroup: 8 }]))).toBe(true);
    expect(isFound(settingsUsed([{}], { PARITAB_ANYTHING: "1" }))).toBe(true);
  },
);

test("figures that do not say how their jobs were set are told nowhere here, and those of a run to come wait", () => {
  const page = { name: "page.md", text: "## One\n\nGained <!--figure: some/gain-->2<!----> times.\n" };
  expect(toldAsIfDefault(page, () => null)).toEqual([
    "page.md tells some/gain, whose figures do not say how its jobs were set",
  ]);
  expect(toldAsIfDefault(page, () => undefined)).toEqual([]);
});

test("a figure belongs to the paragraphs and items of its run, a table to its section", () => {
  const page =
    "K = 8 here.\n\n- a <!--figure: a/one-->1<!---->\n- b <!--figure: b/two-->2<!---->\n\n## T\n\nS = 2\n\n<!-- table: c/all -->\n";
  const told = toldIn(page).map(({ run, text }) => [run, text.includes("K = 8"), text.includes("S = 2")]);
  expect(told).toEqual([
    ["a", false, false],
    ["b", false, false],
    ["c", false, true],
  ]);
});

test("what is set is named by the code's letters and values, other settings by a word", () => {
  const used = settingsUsed([{ queriesPerGroup: 8, stragglers: 2, spares: "backups" }], { addresses: "one each" });
  expect(Object.keys(setOtherwise(used))).toEqual(["queriesPerGroup", "stragglers", "spares", "addresses"]);
  expect(unnamedIn("K = 8, S = 2, backups, each at an address of its own", used)).toEqual([]);
  expect(unnamedIn("K = 8, S = 20, backups", used)).toEqual(["stragglers", "addresses"]);
  const regression = settingsUsed([{ dataVolunteers: 9, stragglers: 1, liars: 2 }], {}, "regression");
  expect(unnamedIn("K = 9, E = 2", regression)).toEqual(["liars"]);
  expect(setOtherwise(settingsUsed([{}]))).toEqual({});
});
