import { expect, test } from "vitest";
import { EldestCell } from "./eldest-cell.ts";

test("[CE14] who joined first is it; one that is not reached yet is nobody else's to stand in for", async () => {
  const asked = (epoch: number, address: string) =>
    new EldestCell(async () => ({ epoch, address }), 7).addressOfOther();
  expect(await asked(7, "http://a:1")).toBeNull();
  expect(await asked(7, "")).toBeNull();
  expect(await asked(3, "http://b:1")).toBe("http://b:1");
  await expect(asked(3, "")).rejects.toThrow(/has not started yet/);
});

test("[CE14] the database is asked twice a second at most, and where it does not answer nobody is taken for it", async () => {
  let nowMs = 0;
  let asked = 0;
  let isAway = false;
  const eldest = new EldestCell(
    async () => {
      asked++;
      if (isAway) throw new Error("away");
      return { epoch: 3, address: "http://b:1" };
    },
    7,
    () => nowMs,
  );
  expect(await Promise.all([eldest.addressOfOther(), eldest.addressOfOther()])).toEqual(["http://b:1", "http://b:1"]);
  nowMs = 499;
  expect([await eldest.addressOfOther(), asked]).toEqual(["http://b:1", 1]);
  nowMs = 500;
  isAway = true;
  await expect(eldest.addressOfOther()).rejects.toThrow("away");
  isAway = false;
  expect([await eldest.addressOfOther(), asked]).toEqual(["http://b:1", 3]);
});
