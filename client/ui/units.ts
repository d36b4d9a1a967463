/** Numbers for people. Everything here is pure: times come as arguments. */
import { duration } from "../../shared/numbers/duration.ts";

export { duration };

const SCALES: readonly [number, string][] = [
  [1e15, "quadrillion"],
  [1e12, "trillion"],
  [1e9, "billion"],
  [1e6, "million"],
  [1e3, "thousand"],
];

/** Multiply-adds in words: "1.24 billion". Three digits are as many as anybody compares. */
export function inWords(count: number): string {
  // Rounded first: 999,999 is a million to a reader, not a thousand thousand.
  const rounded = Number(count.toPrecision(3));
  for (const [scale, word] of SCALES) {
    if (rounded >= scale) return `${Number((rounded / scale).toPrecision(3))} ${word}`;
  }
  return String(rounded);
}

/** 12,345. By hand: the first number that a browser writes in a language's manner takes it 25 ms, before anything is drawn. */
export function count(value: number): string {
  const [whole = "", fraction] = String(Number(value.toFixed(3))).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A moment on an axis: with a digit more where ticks so far apart would else be called alike. */
export function tickTime(ms: number, stepMs: number): string {
  return stepMs < 1_000 && ms >= 9_950 && ms < 59_950 ? `${(ms / 1_000).toFixed(1)} s` : duration(ms);
}

/** How long ago: "just now", "40 s ago", "3 min ago". */
export function ago(thenMs: number, nowMs: number): string {
  const elapsedMs = nowMs - thenMs;
  if (elapsedMs < 5_000) return "just now";
  if (elapsedMs < 60_000) return `${Math.floor(elapsedMs / 1_000)} s ago`;
  if (elapsedMs < 3_600_000) return `${Math.floor(elapsedMs / 60_000)} min ago`;
  if (elapsedMs < 86_400_000) return `${Math.floor(elapsedMs / 3_600_000)} h ago`;
  return `${Math.floor(elapsedMs / 86_400_000)} d ago`;
}

/** A moment of the past, by the local clock: "26 Nov 2026, 14:03". */
export function dateTime(ms: number): string {
  return new Date(ms).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** A share: "98.25 %". Never rounded up to a full 100. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 99.99 && value < 100) return "> 99.99 %";
  return `${Number(value.toFixed(2))} %`;
}

/** A small probability: "0", "1e-6", "0.002". */
export function chance(value: number): string {
  if (value === 0) return "0";
  return value < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(2)));
}

/** A size: "812 bytes", "24.5 kB", "3.2 GB". Powers of a thousand. */
export function bytes(size: number): string {
  if (size < 1_000) return `${Math.round(size)} bytes`;
  const rounded = Number(size.toPrecision(3));
  const [scale, unit] = rounded < 1e6 ? [1e3, "kB"] : rounded < 1e9 ? [1e6, "MB"] : [1e9, "GB"];
  return `${Number((rounded / scale).toPrecision(3))} ${unit}`;
}

/** "1.2 mWh", "0.26 Wh", "12 Wh", "1.4 kWh": two digits, for it is an estimate. */
export function wattHours(wh: number): string {
  if (wh >= 999.5) return `${Number((wh / 1e3).toPrecision(2))} kWh`;
  if (wh >= 0.0995) return `${Number(wh.toPrecision(2))} Wh`;
  return `${wh < 5e-5 ? 0 : Number((wh * 1e3).toPrecision(2))} mWh`;
}

/** A moment to come, by the local clock: "14:00", "14:00 tomorrow", "14:00 on Monday". */
export function clockTime(thenMs: number, nowMs: number): string {
  const then = new Date(thenMs);
  const clock = then.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const dayBegins = (ms: number, add = 0) => {
    const at = new Date(ms);
    return new Date(at.getFullYear(), at.getMonth(), at.getDate() + add).getTime();
  };
  if (dayBegins(thenMs) === dayBegins(nowMs)) return clock;
  if (dayBegins(thenMs) === dayBegins(nowMs, 1)) return clock === "00:00" ? "midnight" : `${clock} tomorrow`;
  return `${clock} on ${then.toLocaleDateString("en-GB", { weekday: "long" })}`;
}

/** A measured figure with three digits: "0.183", "12.3", "1.50e+8". */
export function figure(value: number): string {
  return Number.isFinite(value) && value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3)
    ? value.toExponential(2)
    : String(Number(value.toPrecision(3)));
}
