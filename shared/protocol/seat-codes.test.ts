import fc from "fast-check";
import { expect, test } from "vitest";
import { SEAT_CODE, SEAT_CODE_SIGNS, seatCodeOf } from "./seat-codes.ts";

const code = fc
  .array(fc.constantFrom(...SEAT_CODE_SIGNS), { minLength: 8, maxLength: 8 })
  .map((signs) => `${signs.slice(0, 4).join("")}-${signs.slice(4).join("")}`);

test("a code is read however it is typed: small letters, spaces, without its hyphen", () => {
  fc.assert(
    fc.property(code, fc.constantFrom("", " ", "-", " - "), (printed, between) => {
      expect(printed).toMatch(SEAT_CODE);
      expect(seatCodeOf(` ${printed.toLowerCase().replace("-", between)} `)).toBe(printed);
    }),
  );
});

test.each(["", "ABCD-EFG", "ABCD-EFGHJ", "ABC1-EFGH", "ABCO-EFGH", "ÄBCD-EFGH"])("%s is no code", (typed) => {
  expect(seatCodeOf(typed)).toBeNull();
});
