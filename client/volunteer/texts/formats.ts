/**
 * Numbers, plurals and times as a language writes them, by the browser's own knowledge of it (Intl). The first formatter costs a browser
 * milliseconds, so each is made when it is first needed.
 */
import * as units from "../../ui/units.ts";

/** A moment to come, as a language puts the words round a clock: "14:00", "14:00 tomorrow". */
export interface ClockWords {
  readonly midnight: string;
  today(clock: string): string;
  tomorrow(clock: string): string;
  weekday(day: string, clock: string): string;
}

export interface Formats {
  /** 12,345.678 */
  count(value: number): string;
  /** "1 tab", "1,200 tabs". @param many where a language has a form of its own for millions: "1 000 000 d’onglets" */
  plural(n: number, one: string, other: string, many?: string): string;
  /** "1.24 billion": three digits are as many as anybody compares. */
  inWords(value: number): string;
  /** A share: "98.25 %". */
  percent(share: number): string;
  /** "3 min 20 s" */
  duration(ms: number): string;
  /** "24.5 kB" */
  bytes(size: number): string;
  /** "0.26 Wh" */
  wattHours(wh: number): string;
  /** With two digits. */
  rough(value: number): string;
  /** A moment to come, by the local clock. */
  clockTime(thenMs: number, nowMs: number): string;
  /** "24 Nov". @param day of the local calendar: "2026-11-24" */
  shortDay(day: string): string;
  /** Monday first. */
  weekdays(): string[];
  /** "a, b and c" */
  list(items: readonly string[]): string;
}

const BYTE_UNITS = [
  [1e9, "gigabyte"],
  [1e6, "megabyte"],
  [1e3, "kilobyte"],
] as const;
/** A Monday. */
const MONDAY = [2026, 10, 23] as const;
const DAY_MS = 86_400_000;

/**
 * @param locale of BCP 47, such as "de-AT"
 * @example
 * formatsIn("de", clock).plural(1_200, "Zeile", "Zeilen"); // "1.200 Zeilen"
 */
export function formatsIn(locale: string, clock: ClockWords): Formats {
  const number = once(() => new Intl.NumberFormat(locale, { maximumFractionDigits: 3 }));
  const roughly = once(() => new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 }));
  const long = once(
    () => new Intl.NumberFormat(locale, { notation: "compact", compactDisplay: "long", maximumSignificantDigits: 3 }),
  );
  const plurals = once(() => new Intl.PluralRules(locale));
  const time = once(() => new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
  const weekday = once(() => new Intl.DateTimeFormat(locale, { weekday: "long" }));
  const date = once(() => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }));
  const lists = once(() => new Intl.ListFormat(locale));
  const decimalSign = once(
    () =>
      number()
        .formatToParts(0.5)
        .find(({ type }) => type === "decimal")?.value ?? ".",
  );
  /** Units of time and energy are written alike in all of these languages; the sign before the decimals is not. */
  const inOurs = (text: string) => text.replace(/(\d)\.(\d)/g, (_, before, after) => before + decimalSign() + after);
  const sizeIn = (unit: string, unitDisplay: "long" | "short", size: number) =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay, maximumSignificantDigits: 3 }).format(size);

  return {
    count: (value) => number().format(value),
    plural(n, one, other, many = other) {
      const form = plurals().select(n);
      return `${number().format(n)} ${form === "one" ? one : form === "many" ? many : other}`;
    },
    inWords: (value) => long().format(value),
    // Figure and sign on one line.
    percent: (share) => inOurs(units.percent(share)).replaceAll(" ", "\u00a0"),
    duration: (ms) => inOurs(units.duration(ms)),
    bytes(size) {
      const rounded = size < 1_000 ? Math.round(size) : Number(size.toPrecision(3));
      const [scale, unit] = BYTE_UNITS.find(([scale]) => rounded >= scale) ?? [1, "byte"];
      return sizeIn(unit, unit === "byte" ? "long" : "short", rounded / scale);
    },
    wattHours: (wh) => inOurs(units.wattHours(wh)),
    rough: (value) => roughly().format(value),
    clockTime(thenMs, nowMs) {
      const at = time().format(thenMs);
      const then = dayBegins(thenMs);
      if (then === dayBegins(nowMs)) return clock.today(at);
      if (then !== dayBegins(nowMs, 1)) return clock.weekday(weekday().format(thenMs), at);
      return thenMs === then ? clock.midnight : clock.tomorrow(at);
    },
    shortDay: (day) => date().format(new Date(`${day}T12:00`)),
    weekdays() {
      const monday = new Date(...MONDAY, 12).getTime();
      return Array.from({ length: 7 }, (_, i) => capitalized(weekday().format(monday + i * DAY_MS), locale));
    },
    list: (items) => lists().format(items),
  };
}

function capitalized(word: string, locale: string): string {
  return word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
}

function dayBegins(ms: number, add = 0): number {
  const at = new Date(ms);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + add).getTime();
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
