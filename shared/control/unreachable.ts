/**
 * The end of a switch over a union: does not compile while a case is missing.
 * @param what names who asked, and what there is none of: "step: no such case"
 */
export function unreachable(what: string, value: never): never {
  throw new Error(`${what}: ${JSON.stringify(value)}`);
}
