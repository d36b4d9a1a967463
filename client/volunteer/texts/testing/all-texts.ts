/** The texts of all languages, for tests. */
import { german as de } from "../de.ts";
import { english as en } from "../en.ts";
import { spanish as es } from "../es.ts";
import { formatsIn } from "../formats.ts";
import { french as fr } from "../fr.ts";
import type { Language } from "../language.ts";
import type { LanguageFile, VolunteerTexts } from "../texts.ts";

export const FILES: Readonly<Record<Language, LanguageFile>> = { en, de, fr, es };

const spoken = (locale: string, { texts, clock }: LanguageFile): VolunteerTexts => texts(formatsIn(locale, clock));

export const TEXTS: Readonly<Record<Language, VolunteerTexts>> = {
  en: spoken("en-GB", en),
  de: spoken("de", de),
  fr: spoken("fr", fr),
  es: spoken("es", es),
};
