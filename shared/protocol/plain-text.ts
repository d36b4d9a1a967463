/**
 * Text of somebody else, made fit to be shown: no character of it moves a cursor, names a window, turns the direction of writing or
 * hides. What a volunteer sends becomes so at its schema, and all that is printed once more (server/cli/plain-terminal.ts).
 */

/** Unicode's control (Cc) and format (Cf) characters, but the two joiners that emoji and some scripts need; ends of lines; halves of a pair. */
const UNFIT = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const ENDS_OR_TABS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const SHOWN_INSTEAD = "\uFFFD";

/**
 * @returns one line
 * @example plainText("a\u001b[2J\nb") // "a\uFFFD[2J b"
 */
export function plainText(text: string): string {
  return text.replace(ENDS_OR_TABS, " ").replace(UNFIT, SHOWN_INSTEAD);
}

/**
 * The same with tabs and ends of lines as they are.
 * @example plainLines("a\u001b[2J\nb") // "a\uFFFD[2J\nb"
 */
export function plainLines(text: string): string {
  return text.replace(UNFIT, (character) => (character === "\n" || character === "\t" ? character : SHOWN_INSTEAD));
}

/** JSON may hold one of them as it is, or as an escape. */
const MAY_HOLD_UNFIT = /\\[^"\\/]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/**
 * JSON whose texts and names of fields are plain text.
 * @throws SyntaxError where it is no JSON
 * @example plainJson('{"a\\u0007": "b\\nc"}') // { "a\uFFFD": "b c" }
 */
export function plainJson(text: string): unknown {
  return MAY_HOLD_UNFIT.test(text) ? JSON.parse(text, (_name, value) => plainValue(value)) : JSON.parse(text);
}

function plainValue(value: unknown): unknown {
  if (typeof value === "string") return plainText(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const isPlain = entries.every(([name]) => plainText(name) === name);
  return isPlain ? value : Object.fromEntries(entries.map(([name, field]) => [plainText(name), field]));
}
