import { expect, test } from "vitest";
import { CellDirectory } from "./cell-directory.ts";
import { cellMark, markedToken, markOf } from "./cell-marks.ts";

const cell = (epoch: number, name: string) => ({
  epoch,
  name,
  address: `http://${name}:1`,
  jobs: 0,
  tabs: 0,
  share: 0,
});

test("[CE7] a token says whose it is; one of a coordinator that is alone, or that somebody made up, says nothing that helps", async () => {
  const directory = new CellDirectory(async () => [cell(71, "b")]);
  const addressOf = async (token: string) => directory.addressOfMark(markOf(token) ?? "");
  expect(await addressOf(markedToken(cellMark(71), "x-y_z"))).toBe("http://b:1");
  for (const token of [markedToken(undefined, "abcdef"), markedToken(cellMark(70), "x"), "-x", "../-x"])
    expect(await addressOf(token)).toBeNull();
});

test("[CE7] [CE8] the database is asked twice a second at most, whatever strangers ask for; what was read stands while it is away", async () => {
  let nowMs = 0;
  let asked = 0;
  const directory = new CellDirectory(
    async () => {
      if (++asked > 1) throw new Error("away");
      return [cell(3, "b")];
    },
    () => nowMs,
  );
  const found = await Promise.all(["b", "c", "d"].map((name) => directory.addressOfName(name)));
  expect([found, asked]).toEqual([["http://b:1", null, null], 1]);
  nowMs = 400;
  expect(await directory.addressOfName("e")).toBeNull();
  expect(asked).toBe(1);
  nowMs = 600;
  expect(await directory.addressOfName("b")).toBe("http://b:1");
  expect(asked).toBe(2);
});
