/** [CE10] [CK2] A long job in parts opens a block for each of them on one account, wherever their cells are. */
import { expect, test } from "vitest";
import { free, newAccount, openBlock } from "./account.ts";
import { blockAsked } from "./testing/block-asked.ts";
import type { Account } from "./words.ts";

const EPS = 1e-3;

/** All of its parts at once, none of them certified yet. @returns rows that the coordinators compute, and the account */
function inParts(rows: number, parts: number): { readonly price: number; readonly account: Account } {
  let account = newAccount(EPS);
  let price = 0;
  for (let part = 0; part < parts; part++) {
    const asked = { rows: rows / parts, hasCrowd: true, submitterRows: account.places, othersOpenOrWait: part > 0 };
    const opening = openBlock(account, blockAsked(asked));
    if (!("block" in opening)) throw new Error(`part ${part} of ${parts}: ${JSON.stringify(opening)}`);
    account = opening.account;
    price += opening.block.terms.priceRows;
  }
  return { price, account };
}

test("[CK2] parts of 50,000 rows and more cost the coordinators at most a twentieth more rows than one piece, and hold no more than the account has", () => {
  for (const [rows, most] of [
    [200_000, 4],
    [1_000_000, 16],
  ] as const) {
    const whole = inParts(rows, 1).price;
    for (let parts = 2; parts <= most; parts *= 2) {
      const { price, account } = inParts(rows, parts);
      expect(price).toBeLessThan(1.05 * whole);
      expect(account).toMatchObject({ places: rows, charged: 0 });
      expect(free(account)).toBeGreaterThanOrEqual(0);
    }
  }
});

test("[CK2] parts that are small for their account cost more: the reserves of all of them are held at once", () => {
  expect(inParts(200_000, 16).price).toBeGreaterThan(5 * inParts(200_000, 4).price);
  expect(free(inParts(200_000, 16).account)).toBeGreaterThanOrEqual(0);
});
