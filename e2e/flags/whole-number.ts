import { UsageError } from "./usage-error.ts";

/** What a command reads of its own flags. @throws UsageError that names the flag unless the text is a whole number in least..most */
export function wholeNumber(name: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`${name}: expected a whole number in ${least}..${most}, got "${text}"`);
}
