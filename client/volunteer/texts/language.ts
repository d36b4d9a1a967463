/** Which language the volunteer's page speaks: the one that was chosen on it, or the first of the browser's that it knows. Pure. */

/** Each with a file of texts beside this one. */
export const LANGUAGES = ["en", "de", "fr", "es"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language's name in that language, for people who read no other. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: "English",
  de: "Deutsch",
  fr: "Français",
  es: "Español",
};

const KEPT_AS = "paritab-language";
/** How numbers and dates are written where the browser names no country. */
const LOCALES: Readonly<Record<Language, string>> = { en: "en-GB", de: "de", fr: "fr", es: "es" };

/** "de" of "de-AT", whatever the case. */
const primaryOf = (tag: string) => tag.split("-")[0]!.toLowerCase();
const isLanguage = (text: string | null): text is Language => LANGUAGES.some((language) => language === text);

/**
 * @param wanted as `navigator.languages`, the dearest first
 * @param kept what was chosen on the page; null: nothing
 * @returns English where none of them is known
 */
export function languageOf(wanted: readonly string[], kept: string | null): Language {
  if (isLanguage(kept)) return kept;
  return wanted.map(primaryOf).find(isLanguage) ?? "en";
}

/** The browser's own kind of the language, for numbers: in Mexico 1.5 is not written as in Spain. */
export function localeOf(language: Language, wanted: readonly string[]): string {
  const own = wanted.find((tag) => primaryOf(tag) === language);
  try {
    return Intl.getCanonicalLocales(own ?? LOCALES[language])[0]!;
  } catch {
    // A browser may name anything.
    return LOCALES[language];
  }
}

export function keptLanguage(memory: Pick<Storage, "getItem">): string | null {
  return memory.getItem(KEPT_AS);
}

export function keepLanguage(memory: Pick<Storage, "setItem">, language: Language): void {
  try {
    memory.setItem(KEPT_AS, language);
  } catch {
    // A full or forbidden store: it holds for this visit.
  }
}
