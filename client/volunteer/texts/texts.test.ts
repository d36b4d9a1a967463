/** What each language has to say: every sentence, in its own words, with everything that English puts into it. */
import { describe, expect, test } from "vitest";
import type { Formats } from "./formats.ts";
import { LANGUAGES, type Language } from "./language.ts";
import { FILES, TEXTS } from "./testing/all-texts.ts";
import type { VolunteerTexts } from "./texts.ts";

/** Shows in a sentence what was put into it: a figure is written ⟦3⟧, whatever the language. */
const MARKED: Formats = {
  count: (value) => `⟦${value}⟧`,
  plural: (n, one, other) => `⟦${n}⟧ ${n === 1 ? one : other}`,
  inWords: (value) => `⟦${value}⟧`,
  percent: (share) => `⟦${share}⟧`,
  duration: (ms) => `⟦${ms}⟧`,
  bytes: (size) => `⟦${size}⟧`,
  wattHours: (wh) => `⟦${wh}⟧`,
  rough: (value) => `⟦${value}⟧`,
  clockTime: (thenMs) => `⟦${thenMs}⟧`,
  shortDay: (day) => `⟦${day}⟧`,
  weekdays: () => ["a", "b", "c", "d", "e", "f", "g"].map((day) => `⟦${day}⟧`),
  list: (items) => items.join(", "),
};

/** For each sentence that is told something: what it is told. Texts are written ⟦so⟧, for they stand in a sentence as they are. */
const TOLD: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  "frame.footer": [[7, "⟦build⟧"]],
  forcedBackend: [["⟦backend⟧"]],
  eased: [
    [0.5, null],
    [0.25, "own"],
    [0.25, "others"],
  ],
  "buttons.pauseHours": [[1], [3]],
  "buttons.pauseUntilMorning": [[5, 6]],
  "atStart.costsText": ["never", "unknown", "also"].flatMap((battery) =>
    [null, 500].map((capMb) => [{ threads: 2, cores: 8, intensity: 0.6, watts: 12, capMb, battery }]),
  ),
  "atStart.gainsText": [
    [[{ name: "⟦job⟧", submitter: "⟦ada⟧" }], 0],
    [[{ name: "⟦job⟧", submitter: "⟦ada⟧" }], 3],
  ],
  "atStart.stopsText": [[true], [false]],
  "seat.yours": [[7, "⟦class⟧"]],
  "intensity.value": [[0.6]],
  "intensity.hint": [[0.6], [1]],
  "activity.reconnecting": [
    ["⟦why⟧", 500],
    ["⟦why⟧", 4_000],
  ],
  "activity.resting": [[500], [4_000]],
  "holds.pausedUntil": [[5, 6]],
  "holds.schedule": [[5, 6]],
  "holds.data-cap": [[200, 5, 6]],
  saysCoordinator: [["⟦message⟧"]],
  "now.batchText": [[1], [3]],
  "now.purposeText": [["⟦purpose⟧"]],
  "now.dataText": [[4_000, 40]],
  "facts.creditText": [[9]],
  "facts.creditNote": [
    [null, 10],
    [10, 100],
  ],
  "facts.speedText": [[9]],
  "facts.doneNote": [
    [5, 0, 0, 0],
    [5, 1, 2, 3],
  ],
  "facts.energyText": [[9]],
  "facts.energyNote": [[9, 10]],
  "facts.trafficText": [[9]],
  "facts.trafficNote": [[9]],
  "facts.candidateTime": [["⟦name⟧", 9]],
  "facts.candidateOut": [["⟦name⟧"]],
  "facts.choice": [["⟦sha256⟧", "⟦backend⟧"]],
  "facts.choiceTime": [["⟦backend⟧", 9]],
  "facts.choiceOut": [["⟦backend⟧", "⟦problem⟧"]],
  "facts.unfit": [["⟦job⟧"]],
  "choose.more": [[1], [3]],
  "choose.forWhom": [["⟦ada⟧"]],
  "choose.what": [["⟦kind⟧"]],
  "choose.left": [[0.5]],
  "choose.refuseNamed": [["⟦job⟧"]],
  "choose.takeNamed": [["⟦job⟧"]],
  "helped.follow": [["⟦job⟧"]],
  "news.ended": [["⟦end⟧", "⟦progress⟧", "⟦own⟧"]],
  "history.work": [["shard"], ["⟦another⟧"]],
  "days.shortDay": [["2026-11-24"]],
  "days.chart": [[28]],
  "days.day": [["2026-11-24", 9, 3, 7]],
  "days.sum": [[2, 9, 7, 5]],
  "consent.items": [
    ["⟦host⟧", null],
    ["⟦host⟧", "⟦operator⟧"],
  ],
  "rules.weekdays": [[]],
  "rules.from": [["⟦day⟧"]],
  "rules.to": [["⟦day⟧"]],
  "rules.hour": [[7]],
  "rules.threadsUnasked": [[2]],
  "rules.threadsHint": [
    [1, 1],
    [8, 4],
  ],
  "phone.picture": [["⟦address⟧"]],
  "devices.under": [["⟦owner⟧"]],
  "devices.failed": [["⟦message⟧"]],
  tabTitle: [
    ["⟦title⟧", true],
    ["⟦title⟧", false],
  ],
  ...Object.fromEntries(
    ["inference", "regression", "matmul"].flatMap((kind) => [
      [`kinds.${kind}.progress`, [[3, 50]]],
      [`kinds.${kind}.own`, [[{ rows: 31, batches: 4 }]]],
    ]),
  ),
};

type Said = ReadonlyMap<string, string>;

/** Every sentence of a language by its path, those that are told something once for each telling. */
function sentencesOf(texts: VolunteerTexts): Said {
  const said = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    if (typeof value === "string") said.set(path, value);
    else if (typeof value === "function") {
      const tellings = TOLD[path];
      if (tellings === undefined) throw new Error(`${path}: expected in this test's TOLD what the sentence is told`);
      for (const [i, told] of tellings.entries()) walk(value(...told), `${path}(${i})`);
    } else for (const [key, part] of Object.entries(value as object)) walk(part, path === "" ? key : `${path}.${key}`);
  };
  walk(texts, "");
  return said;
}

const ALL = Object.fromEntries(
  LANGUAGES.map((language) => [language, sentencesOf(FILES[language].texts(MARKED))]),
) as Record<Language, Said>;
const OTHERS = LANGUAGES.filter((language) => language !== "en");

/** Words and names that are the same in another language too, and what consists of figures and names alone. */
const SAME: Readonly<Record<string, readonly RegExp[]>> = {
  de: [/^Paritab$/, /^Start$/, /^Pause$/, /^Team$/, /^Teams$/, /^Regression$/, /^Dashboard$/],
  fr: [/^Paritab$/, /^Pause$/, /^Pages$/],
  es: [/^Paritab$/, /^No$/],
};
const NAMES_AND_FIGURES =
  /^(WebGL|WebAssembly|JavaScript|WebGPU|[–.]|07:00|● ⟦title⟧ · Paritab|⟦title⟧ · Paritab|⟦[^⟧]*⟧( ⟦[^⟧]*⟧|, ⟦[^⟧]*⟧\. ⟦[^⟧]*⟧|:)?)$/;

const figuresOf = (sentence: string) => (sentence.match(/⟦[^⟧]*⟧/g) ?? []).sort();

describe.each(OTHERS)("%s", (language) => {
  const own = ALL[language];

  test("lacks no sentence, and none is empty", () => {
    expect([...own.keys()].sort()).toEqual([...ALL.en.keys()].sort());
    expect([...own].filter(([, sentence]) => sentence.trim() === "")).toEqual([]);
  });

  test("says nothing in English by accident", () => {
    const isSame = ([path, sentence]: [string, string]) =>
      sentence === ALL.en.get(path) &&
      !NAMES_AND_FIGURES.test(sentence) &&
      !SAME[language]!.some((pattern) => pattern.test(sentence));
    expect([...own].filter(isSame)).toEqual([]);
  });

  test("has every figure and name that English has, and ends its sentences as English does", () => {
    for (const [path, sentence] of ALL.en) {
      expect([path, figuresOf(own.get(path)!)]).toEqual([path, figuresOf(sentence)]);
      const end = (text: string) => /[.:…]?$/.exec(text)![0];
      expect([path, end(own.get(path)!)]).toEqual([path, end(sentence)]);
    }
  });
});

test("each language keeps to one way of address", () => {
  const whole = (language: Language) => [...ALL[language].values()].join("\n");
  expect(whole("de").match(/\b(Sie (können|haben|sind)|Ihre?[nmrs]?|Ihnen)\b/g)).toBeNull();
  expect(whole("fr").match(/(^|[\s’])(tu|toi|ton|tes|ta)\b/gim)).toBeNull();
  expect(whole("es").match(/\b(usted|ustedes|vosotros|vuestr[oa]s?)\b/gi)).toBeNull();
});

test("in French no line ends before a colon, a semicolon or a closing mark", () => {
  const isWrong = (sentence: string) =>
    / [:;?!»]|«(?!\u00a0)|(?<!\u00a0)»|(?<![\u00a0/]|https|\d)[:;?!](?!\/)/.test(sentence);
  expect([...ALL.fr.values()].filter(isWrong)).toEqual([]);
  for (const planted of ["Oui : non", "Oui: non", "« oui\u00a0»"]) expect(isWrong(planted)).toBe(true);
});

test("plurals and figures follow the language", () => {
  expect(LANGUAGES.map((language) => TEXTS[language].kinds.inference.progress(1_000, 20_000))).toEqual([
    "1,000 of 20,000 answers final",
    "1.000 von 20.000 Antworten endgültig",
    "1\u202f000 sur 20\u202f000 réponses définitives",
    "1000 de 20.000 respuestas definitivas",
  ]);
  expect(LANGUAGES.map((language) => TEXTS[language].now.batchText(1))).toEqual([
    "1 row",
    "1 Zeile",
    "1 ligne",
    "1 fila",
  ]);
  expect(TEXTS.fr.now.batchText(0)).toBe("0 ligne");
  expect(TEXTS.fr.now.batchText(2e6)).toMatch(/ de lignes$/);
  expect(LANGUAGES.map((language) => TEXTS[language].facts.creditText(1.24e9))).toEqual([
    "1.24 billion",
    "1,24 Milliarden",
    "1,24 milliard",
    "1,24 mil millones",
  ]);
  expect(TEXTS.de.intensity.hint(0.125)).toBe("Rechnet 12,5\u00a0% der Zeit und ruht dazwischen.");
  expect(TEXTS.fr.facts.trafficText(24_500)).toMatch(/^24,5\sko$/);
});

test("a moment to come is said as one says it", () => {
  const monday = (hour: number, addDays = 0) => new Date(2026, 10, 23 + addDays, hour).getTime();
  const said = (language: Language) =>
    [monday(14), monday(24), monday(9, 1), monday(9, 2)].map((then) =>
      TEXTS[language].holds.pausedUntil(then, monday(11)).replace(/^.*?(until|bis|jusqu’à|hasta) (.*)\.$/, "$2"),
    );
  expect(said("en")).toEqual(["14:00", "midnight", "09:00 tomorrow", "09:00 on Wednesday"]);
  expect(said("de")).toEqual(["14:00 Uhr", "Mitternacht", "morgen, 09:00 Uhr", "Mittwoch, 09:00 Uhr"]);
  expect(said("fr")).toEqual(["14:00", "minuit", "demain à 09:00", "mercredi à 09:00"]);
  expect(said("es")).toEqual(["las 14:00", "la medianoche", "mañana a las 09:00", "el miércoles a las 09:00"]);
});

test("weekdays begin on Monday, with a capital letter", () => {
  expect(LANGUAGES.map((language) => TEXTS[language].rules.weekdays()[0])).toEqual([
    "Monday",
    "Montag",
    "Lundi",
    "Lunes",
  ]);
  expect(TEXTS.en.rules.weekdays()[6]).toBe("Sunday");
});
