import { expect, test } from "vitest";
import { deskShares, shareWords } from "./share-words.ts";

const seat = (number: number, state: "free" | "away" | "named" | "revoked", rows: number) => ({ number, state, rows });

test("each desk that somebody had has its share of the rows, by number, and the shares are one together", () => {
  const shares = deskShares([
    seat(3, "away", 30),
    seat(1, "named", 10),
    seat(2, "free", 0),
    seat(4, "revoked", 60),
    seat(5, "away", 0),
    seat(6, "revoked", 0),
  ]);
  expect(shares).toEqual([
    { number: 1, share: 0.1 },
    { number: 3, share: 0.3 },
    { number: 4, share: 0.6 },
    { number: 5, share: 0 },
  ]);
});

test("where nobody computed anything nobody has a share, and nothing is divided by nothing", () => {
  expect(deskShares([seat(1, "away", 0)])).toEqual([{ number: 1, share: 0 }]);
  expect(deskShares([])).toEqual([]);
});

test("a share is read at a glance, and a little is not nothing", () => {
  expect([0, 0.0004, 0.0123, 0.0996, 0.125, 1].map(shareWords)).toEqual([
    "0 %",
    "< 0.1 %",
    "1.2 %",
    "10 %",
    "13 %",
    "100 %",
  ]);
});
