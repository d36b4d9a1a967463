/** What benches read of their own flags. */
export type Flags = Readonly<Record<string, string | undefined>>;

/** @returns undefined where it is not given. @throws Error unless it is a whole number from 1 on */
export function countFlag(flags: Flags, name: string): number | undefined {
  const text = flags[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`--${name}: expected a whole number from 1 on, got "${text}"`);
}
