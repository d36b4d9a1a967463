export const PROGRAMS: Readonly<Record<string, string>>;
export function runByName(name: string, args: readonly string[]): Promise<void>;
