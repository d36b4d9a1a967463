import { expect, test } from "vitest";
import { keepLanguage, keptLanguage, languageOf, localeOf } from "./language.ts";

test("the page speaks the first of the browser's languages that it knows, else English", () => {
  expect(languageOf(["de-AT", "en"], null)).toBe("de");
  expect(languageOf(["pt-BR", "ES-mx", "en"], null)).toBe("es");
  expect(languageOf(["it", "ja"], null)).toBe("en");
  expect(languageOf([], null)).toBe("en");
  expect(languageOf(["", "-", "constructor"], null)).toBe("en");
});

test("what was chosen on the page goes before, unless it is no language of the page", () => {
  expect(languageOf(["de"], "fr")).toBe("fr");
  expect(languageOf(["de"], "it")).toBe("de");
  expect(languageOf(["de"], "toString")).toBe("de");
});

test("numbers are written as in the browser's country, where it names one", () => {
  expect(localeOf("es", ["en", "es-MX"])).toBe("es-MX");
  expect(localeOf("fr", ["de"])).toBe("fr");
  expect(localeOf("en", ["it"])).toBe("en-GB");
  expect(localeOf("de", ["de-not-a-tag-at-all-"])).toBe("de");
});

test("a choice is kept, and a store that refuses keeps nobody from choosing", () => {
  const store = new Map<string, string>();
  const memory = {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => void store.set(key, value),
  };
  expect(keptLanguage(memory)).toBeNull();
  keepLanguage(memory, "es");
  expect(keptLanguage(memory)).toBe("es");
  const refuses = {
    setItem() {
      throw new Error("full");
    },
  };
  expect(() => keepLanguage(refuses, "de")).not.toThrow();
});
