import { expect, test } from "vitest";
import { keepSeatCode, keepToken, keepTypedCode, tokenIn } from "./invitation.ts";

test("an invitation is read from the address, anything else is none", () => {
  const invitation = "abcdefghijklmnopqrstu-_9";
  expect(tokenIn(`#invite=${invitation}`, "invite")).toBe(invitation);
  for (const hash of ["", "#", "#content", "#invite=", "#invite=short", `#invite=${invitation}%20`]) {
    expect(tokenIn(hash, "invite")).toBeNull();
  }
});

function tabMemory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

test("an invitation is kept while the tab lives, and a later one takes its place", () => {
  const memory = tabMemory();
  const [first, second] = ["first-".padEnd(22, "x"), "second-".padEnd(22, "y")];
  expect(keepToken("", "invite", memory)).toBeNull();
  expect(keepToken(`#invite=${first}`, "invite", memory)).toBe(first);
  expect(keepToken("#content", "invite", memory)).toBe(first);
  expect(keepToken("#invite=broken", "invite", memory)).toBe(first);
  expect(keepToken(`#invite=${second}`, "invite", memory)).toBe(second);
  expect(keepToken("", "invite", memory)).toBe(second);
  // Of the operator's own: another thing in the same place.
  expect(keepToken(`#admit=${first}`, "admit", memory)).toBe(first);
  expect(keepToken("", "invite", memory)).toBe(second);
});

test("a code for a seat is kept as it is printed, however it was written, and one that is typed takes its place", () => {
  const memory = tabMemory();
  expect(keepSeatCode("", memory)).toBeNull();
  expect(keepSeatCode("#seat=abcd%20efgh", memory)).toBe("ABCD-EFGH");
  expect(keepSeatCode("#content", memory)).toBe("ABCD-EFGH");
  expect(keepSeatCode("#seat=ABCD-EFG0", memory)).toBe("ABCD-EFGH");
  keepTypedCode("2345-6789", memory);
  expect(keepSeatCode("", memory)).toBe("2345-6789");
});
