/**
 * What the core relies on, said where it relies on it. A broken one is a bug of the coordinator, never a tab's doing: the step
 * throws, and nothing is sent on a state that cannot be.
 */
class BrokenRule extends Error {
  override readonly name = "BrokenRule";
}

/** @param rule the ID of the rule in SPEC.md, and what it promises here, in a sentence */
export function assert(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new BrokenRule(rule);
}

/** @returns the value, which that rule says is there */
export function must<T>(value: T | null | undefined, rule: string): T {
  if (value === null || value === undefined) throw new BrokenRule(rule);
  return value;
}
