/** Whose work is next on a thread, by what ends before what: no time is asserted but that of works that never end. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { FairThreads } from "./fair-threads.ts";

const NEVER_MS = 3_600_000;

interface Busy {
  readonly ms: number;
  readonly name: string;
}

let threads: FairThreads<Busy, string>;
let begun: string[];

const open = (workMsMax: number) => {
  const filename = new URL("./testing/busy-thread.mjs", import.meta.url).href;
  return new FairThreads<Busy, string>({ filename, idleMs: 1_000, workMsMax, quickMsMax: 200 });
};

beforeEach(() => {
  begun = [];
  threads = open(60_000);
});
afterEach(() => threads.close());

function run(party: string, name: string, ms = 1): Promise<string | null> {
  const work = () => {
    begun.push(name);
    return { ms, name };
  };
  return threads.run({ party, work });
}

test("beside works that never end, however many, another's first one has its turn, and a third one's", async () => {
  const endless = Array.from({ length: 15 }, (_, n) => run("mallory", `endless ${n}`, NEVER_MS));
  for (const one of endless) one.catch(() => {});
  expect(await Promise.all([run("ada", "hers"), run("bob", "his")])).toEqual(["hers", "his"]);
  // Of hers no more than two had the thread before: each was taken back.
  expect(begun.filter((name) => name.startsWith("endless")).length).toBeLessThanOrEqual(4);
}, 60_000);

test("what is taken back is done from its beginning, and nothing of it is lost", async () => {
  const long = run("mallory", "long", 6_000);
  expect(await run("ada", "hers")).toBe("hers");
  expect(await long).toBe("long");
  expect(begun.filter((name) => name === "long")).toHaveLength(2);
}, 60_000);

test("who is alone keeps the thread for as long as it takes, with all that it asks for", async () => {
  expect(await Promise.all([run("mallory", "long", 600), run("mallory", "next", 600)])).toEqual(["long", "next"]);
  expect(begun).toEqual(["long", "next"]);
}, 60_000);

test("what takes longer than any work may is ended, among the slow ones too, and the next one begins", async () => {
  await threads.close();
  threads = open(800);
  const endless = run("mallory", "endless", NEVER_MS);
  expect(await run("ada", "hers")).toBe("hers");
  expect(await endless).toBeNull();
  expect(await run("mallory", "next")).toBe("next");
}, 60_000);

test("submitters take turns: of many asked for by one, another's waits for one at most", async () => {
  const order: string[] = [];
  const noted = (party: string, name: string) => run(party, name, 20).then(() => order.push(name));
  await Promise.all([...Array.from({ length: 9 }, (_, n) => noted("mallory", `m${n}`)), noted("ada", "a")]);
  expect(order.indexOf("a")).toBeLessThanOrEqual(2);
}, 60_000);

test("an answer that is known takes no thread", async () => {
  const known = () => "known";
  expect(await threads.run({ party: "ada", work: () => ({ ms: NEVER_MS, name: "never" }), known })).toBe("known");
});
