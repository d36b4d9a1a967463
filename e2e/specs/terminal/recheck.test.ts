/** `paritab recheck`: is what a job answered what the model's own files give? */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { digitsAtHand, MODEL } from "./digits-at-hand.ts";

const COUNT = 24;
const { path, paritab, computed } = digitsAtHand(COUNT);
let jobId: string;

beforeAll(async () => {
  jobId = await computed();
});

test("rows of a job that answered what the files say agree, each drawn once", async () => {
  const { code, out } = await paritab("recheck", jobId, "--model", MODEL, "--sample", "10");
  expect([code, out]).toEqual([EXIT.ok, expect.stringMatching(/^10 rows agree with the model's own files: at most /)]);
  const all = await paritab("recheck", jobId, "--model", MODEL, "--json");
  expect(JSON.parse(all.out)).toMatchObject({ jobId, rows: COUNT, differing: [] });
});

test("rows that are not what the files give are named, with how far off they are, and the exit code says so", async () => {
  mkdirSync(path("other"));
  for (const name of readdirSync(MODEL)) copyFileSync(join(MODEL, name), path("other", name));
  const weights = readdirSync(path("other")).find((name) => name.endsWith(".bin"))!;
  const bytes = readFileSync(path("other", weights));
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
  writeFileSync(path("other", weights), new Uint8Array(numbers.map((number) => 1.05 * number).buffer));
  const { code, out } = await paritab("recheck", jobId, "--model", path("other"));
  expect(out).toMatch(
    /^24 of 24 rows are not what the model's own files give: row \d+ \([\d.e-]+ of its size\), .* more; submit/,
  );
  expect(code).toBe(EXIT.notSo);
});

test("a job that is none, a model of another shape and a missing flag are said", async () => {
  expect((await paritab("recheck", jobId)).code).toBe(EXIT.usage);
  expect((await paritab("recheck", "no-such-job", "--model", MODEL)).code).toBe(EXIT.unknownJob);
  const missing = await paritab("recheck", jobId, "--model", path("nowhere"));
  expect([missing.code, missing.said]).toEqual([EXIT.input, expect.stringContaining("there is no such file")]);
});
