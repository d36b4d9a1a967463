import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { notesInFolder } from "./noted-coordinators.ts";

const place = mkdtempSync(join(tmpdir(), "paritab-noted-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const KEY = "a".repeat(32);
const NOTED = { keyId: KEY, commitment: "c".repeat(64), nonce: "mine" };
const environmentOf = (name: string) => ({ XDG_CONFIG_HOME: join(place, name) });
const idsOf = (who: string, count: number) => Array.from({ length: count }, (_, i) => `${who}-${i}`);

test("jobs that are noted at the same moment, by one program and by several, are all noted", async () => {
  const environment = environmentOf("at-once");
  const ids = idsOf("here", 60);
  const other = (who: string) => notingElsewhere(environment.XDG_CONFIG_HOME, who, 30);
  const elsewhere = [other("left"), other("right")];
  const notes = notesInFolder(environment);
  await Promise.all(ids.flatMap((id) => [notes.noteJob(id, NOTED), notes.noteKey(`http://${id}`, KEY)]));
  await Promise.all(elsewhere);
  for (const id of [...ids, ...idsOf("left", 30), ...idsOf("right", 30)]) expect(await notes.job(id)).toEqual(NOTED);
  for (const id of ids) expect(await notes.key(`http://${id}`)).toBe(KEY);
  const left = readdirSync(environment.XDG_CONFIG_HOME, { recursive: true }).filter((name) =>
    /\.part$/.test(`${name}`),
  );
  expect(left).toEqual([]);
}, 60_000);

test("what an earlier version noted in one file is known", async () => {
  const environment = environmentOf("former");
  mkdirSync(join(environment.XDG_CONFIG_HOME, "paritab"), { recursive: true });
  const former = { keys: { "http://localhost:8787": KEY }, jobs: [["job-1", NOTED]] };
  writeFileSync(join(environment.XDG_CONFIG_HOME, "paritab", "coordinators.json"), JSON.stringify(former));
  const notes = notesInFolder(environment);
  expect(await notes.key("http://localhost:8787")).toBe(KEY);
  expect(await notes.job("job-1")).toEqual(NOTED);
  await notes.noteKey("http://localhost:8787", "b".repeat(32));
  expect(await notes.key("http://localhost:8787")).toBe("b".repeat(32));
});

test("an id that a coordinator chose to be a path writes nothing outside the folder, and two that a disk takes for one are two", async () => {
  const environment = environmentOf("ids");
  const notes = notesInFolder(environment);
  const ids = ["../../../out", "/tmp/out", "con", "a", "A", ""];
  for (const id of ids) await notes.noteJob(id, { ...NOTED, nonce: `of ${id}` });
  for (const id of ids) expect((await notes.job(id))?.nonce).toBe(`of ${id}`);
  expect(readdirSync(join(environment.XDG_CONFIG_HOME, "paritab", "noted", "jobs"))).toHaveLength(ids.length);
});

test("the earliest jobs are forgotten beyond a thousand", async () => {
  const environment = environmentOf("many");
  const notes = notesInFolder(environment);
  for (const id of idsOf("job", 1_003)) await notes.noteJob(id, NOTED);
  expect(readdirSync(join(environment.XDG_CONFIG_HOME, "paritab", "noted", "jobs"))).toHaveLength(1_000);
  expect(await notes.job("job-1002")).toEqual(NOTED);
}, 60_000);

test("a note that cannot be written is an error that names it and the place", async () => {
  const environment = environmentOf("no-folder");
  // A file in the place of the folder: root may write into any folder.
  mkdirSync(join(environment.XDG_CONFIG_HOME, "paritab"), { recursive: true });
  writeFileSync(join(environment.XDG_CONFIG_HOME, "paritab", "noted"), "");
  const noting = notesInFolder(environment).noteJob("job-1", NOTED);
  await expect(noting).rejects.toThrow(/^job-1 could not be noted in .*noted.jobs: /);
});

/** Another program that notes jobs meanwhile. */
async function notingElsewhere(configHome: string, who: string, count: number): Promise<void> {
  const script = `
    const { notesInFolder } = await import("./server/cli/noted-coordinators.ts");
    const notes = notesInFolder({ XDG_CONFIG_HOME: ${JSON.stringify(configHome)} });
    const noted = ${JSON.stringify(NOTED)};
    await Promise.all(Array.from({ length: ${count} }, (_, i) => notes.noteJob(${JSON.stringify(who)} + "-" + i, noted)));`;
  const args = ["--import", "tsx", "--input-type=module", "-e", script];
  await promisify(execFile)(process.execPath, args, { cwd: fileURLToPath(new URL("../..", import.meta.url)) });
}
