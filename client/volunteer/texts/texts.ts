/** The texts of the volunteer's page in the language that it speaks. Only that language's file is fetched. */
import { signal } from "@preact/signals";
import type { VolunteerTexts } from "./en.ts";
import { type ClockWords, type Formats, formatsIn } from "./formats.ts";
import { keepLanguage, keptLanguage, type Language, languageOf, localeOf } from "./language.ts";

export type { VolunteerTexts };

export interface LanguageFile {
  /** Its own address: what the page needs without a network. */
  readonly address: string;
  readonly clock: ClockWords;
  texts(formats: Formats): VolunteerTexts;
}

const FILES: Readonly<Record<Language, () => Promise<LanguageFile>>> = {
  en: async () => (await import("./en.ts")).english,
  de: async () => (await import("./de.ts")).german,
  fr: async () => (await import("./fr.ts")).french,
  es: async () => (await import("./es.ts")).spanish,
};

interface Spoken {
  readonly language: Language;
  readonly address: string;
  readonly formats: Formats;
  readonly texts: VolunteerTexts;
}

const spoken = signal<Spoken | null>(null);

/** What the page speaks now. A component that reads it is drawn anew when the language changes. */
export function speech(): Spoken {
  if (spoken.value === null) throw new Error("texts: expected a language to be loaded before the page is drawn");
  return spoken.value;
}

export const volunteerTexts = (): VolunteerTexts => speech().texts;

/** Speaks the language that the browser wants, or that was chosen here before. */
export async function speakAsWanted(): Promise<void> {
  const language = languageOf(navigator.languages, keptLanguage(localStorage));
  // A half-done update may lack a file; the page is of use in another language too.
  await speak(language).catch((error: unknown) => {
    if (language === "en") throw error;
    return speak("en");
  });
}

/** Chosen by a person: it is remembered. */
export async function chooseLanguage(language: Language): Promise<void> {
  await speak(language);
  keepLanguage(localStorage, language);
}

let asked = 0;

async function speak(language: Language): Promise<void> {
  const mine = ++asked;
  const file = await FILES[language]();
  // Another one was chosen meanwhile.
  if (mine !== asked) return;
  const formats = formatsIn(localeOf(language, navigator.languages), file.clock);
  spoken.value = { language, address: file.address, formats, texts: file.texts(formats) };
  document.documentElement.lang = language;
}
