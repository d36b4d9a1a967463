import { expect, test } from "vitest";
import { Places } from "./places.ts";

const LIMITS = { inAll: 100, perVolunteer: 8, perPrefix: 10 };
const SCARCE = { code: "too-many-sessions", message: "expected one session of a volunteer while places are scarce" };

test("[PR8] further threads of some never take the place of somebody's first session", () => {
  const places = new Places(LIMITS);
  const school = "192.0.2";
  const entered = ["ada", "bob"].map((who) => [1, 2, 3, 4].filter(() => places.enter(who, school) === null).length);
  expect(entered).toEqual([4, 1]);
  expect(places.enter("bob", school)).toEqual(SCARCE);
  for (const who of ["c", "d", "e", "f", "g"]) expect(places.enter(who, school)).toBeNull();
  expect(places.enter("h", school)?.message).toBe("expected at most 10 tabs of one network");
  // Elsewhere there is room.
  expect(places.enter("bob", "198.51.100")).toBeNull();
});

test("[PR8] on this machine, which is no network, further sessions have half of all places", () => {
  const places = new Places({ ...LIMITS, inAll: 6 });
  expect([1, 2, 3, 4].map(() => places.enter("ada", null) === null)).toEqual([true, true, true, false]);
  places.leave("ada", null);
  expect(places.enter("ada", null)).toBeNull();
  expect([places.enter("bob", null), places.enter("bob", null)]).toEqual([null, SCARCE]);
});
