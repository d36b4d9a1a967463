/** What benches read of their own flags. */
export type Flags = Readonly<Record<string, string | undefined>>;

/** @example seedsFrom(7, 3) // -> [7, 8, 9] */
export const seedsFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, n) => first + n);

/** @returns undefined where it is not given. @throws Error unless it is a whole number from 1 on */
export function countFlag(flags: Flags, name: string): number | undefined {
  const text = flags[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`--${name}: expected a whole number from 1 on, got "${text}"`);
}

/** Several, with commas between. */
export function countsFlag(flags: Flags, name: string): number[] | undefined {
  return flags[name]?.split(",").map((text) => countFlag({ [name]: text }, name)!);
}
