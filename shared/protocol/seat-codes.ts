/** Codes of seats, as they are printed and typed: eight letters and digits that look like no other, in two groups. */

/** Without 0, O, 1, I, L and U: 30 signs, so 6.5e11 codes. */
export const SEAT_CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
export const SEAT_CODE = /^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/;

/**
 * A code as somebody typed it, in the form that is printed.
 * @returns null where it is none
 * @example seatCodeOf(" abcd efgh") // -> "ABCD-EFGH"
 */
export function seatCodeOf(typed: string): string | null {
  const signs = typed.toUpperCase().replaceAll(/[\s-]/g, "");
  const code = `${signs.slice(0, 4)}-${signs.slice(4)}`;
  return SEAT_CODE.test(code) ? code : null;
}
