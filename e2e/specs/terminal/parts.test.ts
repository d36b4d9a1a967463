/** [CE12] [CE13] A job in parts from the command line, on a real coordinator with tabs: one id, one file of answers, one receipt, which holds offline. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { digitsAtHand, MODEL } from "./digits-at-hand.ts";

const COUNT = 61;
const { path, paritab, offline, coordinator, computed } = digitsAtHand(COUNT);

let jobId: string;
beforeAll(async () => {
  jobId = await computed("--parts", "3", "--answer-bound", "0.5");
  expect(jobId).toMatch(/^[\w-]{24}$/);
});

test("answers of all parts are one file, and the job is one line of the list", async () => {
  const lines = readFileSync(path("first.csv"), "utf8").trim().split(/\r?\n/);
  expect(lines.slice(1).map((line) => Number(line.split(",")[0]))).toEqual([...Array(COUNT).keys()]);
  const { out } = await paritab("jobs");
  expect(out.match(/(?<![\w-])[\w-]{24}(?![\w-])/g)).toEqual([jobId]);
});

test("one receipt is kept, and holds offline with what was noted and with rows computed again", async () => {
  expect((await paritab("receipt", jobId, "--out", path("kept"))).code).toBe(EXIT.ok);
  const beside = [0, 1, 2].flatMap((part) =>
    ["authors.bin", "authors.json", "rows.bin", "signatures.jsonl"].map((name) => `${part}.${name}`),
  );
  expect(readdirSync(path("kept")).sort()).toEqual([...beside, "answers.npy", "receipt.json"].sort());
  const { code, out } = await offline(
    path("kept", "receipt.json"),
    "--model",
    MODEL,
    "--queries",
    path("X.npy"),
    "--sample",
    "50",
  );
  expect([code, out]).toEqual([EXIT.ok, expect.stringContaining("3 of them have 61 queries, each one once")]);
  expect(out).toContain("together they make");
  expect(out).toContain("You have computed 50 rows again");
  const newest = await paritab("verify", path("kept", "receipt.json"), "--url", coordinator().url);
  expect([newest.code, newest.out]).toEqual([EXIT.ok, expect.stringContaining("the coordinator has no more")]);
});

test("a part's records in the place of another's do not hold", async () => {
  writeFileSync(path("kept", "0.rows.bin"), readFileSync(path("kept", "1.rows.bin")));
  const { code, out } = await offline(path("kept", "receipt.json"));
  expect([code, out]).toEqual([EXIT.notSo, expect.stringContaining("Do not rely on this")]);
});
