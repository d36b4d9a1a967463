/**
 * For texts that somebody else wrote, which a schema looks at next.
 * @returns null: it is no JSON
 * @example jsonOrNull("{") // null
 */
export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
