import { expect, test } from "vitest";
import { printPath } from "../../shared/protocol/class-address.ts";
import { keepSeatCode } from "../volunteer/invitation.ts";
import { PANEL_HASH, printedSheet, seatAddress } from "./seat-address.ts";

test("the address of a sheet opens that sheet, any other the operator's page", () => {
  for (const sheetId of ["s1", "a/b c&seats=d"])
    expect(printedSheet(new URL(printPath(sheetId), "https://p.example").hash)).toBe(sheetId);
  for (const hash of ["", "#", "#content", PANEL_HASH]) expect(printedSheet(hash)).toBeNull();
});

test("the volunteer's page finds on a slip the code that the slip has", () => {
  const memory = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  const { hash } = new URL(seatAddress("https://p.example:8787", "ABCD-2345"));
  expect(keepSeatCode(hash, memory)).toBe("ABCD-2345");
});
