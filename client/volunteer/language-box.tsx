import { LANGUAGE_NAMES, LANGUAGES, type Language } from "./texts/language.ts";

interface LanguageBoxProps {
  readonly label: string;
  readonly chosen: Language;
  /** Absent: the page's scripts are not read yet. */
  onChoose?(language: Language): void;
}

/** Each language stands there by its own name, for whoever reads none of the others. */
export function LanguageBox({ label, chosen, onChoose }: LanguageBoxProps) {
  return (
    <select
      class="language"
      aria-label={label}
      value={chosen}
      disabled={onChoose === undefined}
      onChange={(event) => onChoose?.(event.currentTarget.value as Language)}
    >
      {LANGUAGES.map((language) => (
        <option key={language} value={language} lang={language}>
          {LANGUAGE_NAMES[language]}
        </option>
      ))}
    </select>
  );
}
