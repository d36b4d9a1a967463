/** A cell of CSV. */

/** RFC 4180, byte by byte what it was: a spreadsheet may take a cell that begins with = + - or @ for a formula, and run it. */
export const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Signs that begin a formula, in full width too, behind whatever white space a spreadsheet passes over. */
const BEGINS_FORMULA = /^(\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n])/;

/**
 * With an apostrophe before what a spreadsheet would take for a formula; numbers stay numbers.
 * @example defused("=1+1") // "'=1+1"
 * @example defused("-1.5") // "-1.5"
 */
export const defused = (text: string) => quoted(BEGINS_FORMULA.test(text) && !isNumber(text) ? `'${text}` : text);

const isNumber = (text: string) =>
  /^ *[+-]?[\d.]/.test(text) && Number.isFinite(Number(text)) && !/[\t\r\n]/.test(text);

/** How cells of text are written. */
export type WriteCell = (text: string) => string;
