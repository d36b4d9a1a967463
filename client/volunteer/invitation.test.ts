import { expect, test } from "vitest";
import { invitationOf, keepInvitation } from "./invitation.ts";

test("an invitation is read from the address, anything else is none", () => {
  const invitation = "abcdefghijklmnopqrstu-_9";
  expect(invitationOf(`#invite=${invitation}`)).toBe(invitation);
  for (const hash of ["", "#", "#content", "#invite=", "#invite=short", `#invite=${invitation}%20`]) {
    expect(invitationOf(hash)).toBeNull();
  }
});

test("an invitation is kept while the tab lives, and a later one takes its place", () => {
  const kept = new Map<string, string>();
  const memory = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const [first, second] = ["first-".padEnd(22, "x"), "second-".padEnd(22, "y")];
  expect(keepInvitation("", memory)).toBeNull();
  expect(keepInvitation(`#invite=${first}`, memory)).toBe(first);
  expect(keepInvitation("#content", memory)).toBe(first);
  expect(keepInvitation("#invite=broken", memory)).toBe(first);
  expect(keepInvitation(`#invite=${second}`, memory)).toBe(second);
  expect(keepInvitation("", memory)).toBe(second);
});
