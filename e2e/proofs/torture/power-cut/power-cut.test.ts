import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { noPowerCut, PowerCut } from "./power-cut.ts";

let root: string;
let powerCut: PowerCut;
const problem = noPowerCut();

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "paritab-disk-")));
});
afterEach(() => {
  powerCut?.close();
  rmSync(root, { recursive: true, force: true });
});

/** Runs a program in the directory and pulls the plug as it ends. @returns what was at risk */
function run(program: string, seed: number): number {
  powerCut = new PowerCut(root);
  const env = { ...process.env, ...powerCut.environment() };
  const { stderr } = spawnSync(process.execPath, ["-e", program], { cwd: root, env });
  expect(`${stderr}`, "the program").toBe("");
  return powerCut.pull(simulationRandom(seed));
}

const SEEDS = [1, 2, 3, 4, 5, 6];
const SYNCED = `const fs = require("fs"); const fd = fs.openSync("a", "w"); fs.writeSync(fd, "synced"); fs.fsyncSync(fd);`;
const DIRECTORY = `const d = fs.openSync(".", "r"); fs.fsyncSync(d);`;
const sqlite = (synchronous: string) => `
  const db = require(${JSON.stringify(join(import.meta.dirname, "../../../../node_modules/better-sqlite3"))})("db");
  db.pragma("locking_mode = EXCLUSIVE"); db.pragma("journal_mode = WAL"); db.pragma("synchronous = ${synchronous}");
  db.exec("create table t (n)");
  for (let n = 0; n < 50; n++) db.prepare("insert into t values (?)").run(n);
  process.kill(process.pid, "SIGKILL");`;

/** @returns rows that are there after the cut; null: not even the table is */
function rowsAfter(): number | null {
  const db = new SqliteDatabase(join(root, "db"));
  try {
    return (db.prepare("select count(*) as n from t").get() as { n: number }).n;
  } catch {
    return null;
  } finally {
    db.close();
  }
}

describe.skipIf(problem !== null)(`a power cut${problem === null ? "" : ` (${problem})`}`, () => {
  test.each(SEEDS)("keeps what was synced, with its directory: seed %i", (seed) => {
    run(`${SYNCED} ${DIRECTORY} fs.writeSync(fd, " and more");`, seed);
    expect(readFileSync(join(root, "a"), "utf8")).toMatch(/^synced/);
  });

  test("takes what was not synced, and a name whose directory was not", () => {
    const left = SEEDS.map((seed) => {
      rmSync(root, { recursive: true });
      mkdirSync(root);
      expect(run(`${SYNCED} fs.writeFileSync("b", "lost");`, seed)).toBeGreaterThan(0);
      powerCut.close();
      return [
        existsSync(join(root, "a")),
        existsSync(join(root, "b")) && readFileSync(join(root, "b"), "utf8") === "lost",
      ];
    });
    expect(left.map(([a]) => a)).toContain(false);
    expect(left.map(([, b]) => b)).toContain(false);
  });

  test("what was there before the life began is there after it, and a rename is whole", () => {
    writeFileSync(join(root, "old"), "old");
    run(`${SYNCED} fs.renameSync("a", "c"); ${DIRECTORY} fs.appendFileSync("old", " and new");`, 3);
    expect(readFileSync(join(root, "c"), "utf8")).toBe("synced");
    expect(readFileSync(join(root, "old"), "utf8")).toMatch(/^old/);
  });

  test.each(SEEDS)("leaves every committed transaction of a database with synchronous=FULL: seed %i", (seed) => {
    run(sqlite("FULL"), seed);
    expect(rowsAfter()).toBe(50);
  });

  test("takes committed transactions where synchronous is not FULL: the shim finds what a kill cannot", () => {
    const rows = SEEDS.map((seed) => {
      rmSync(root, { recursive: true });
      mkdirSync(root);
      run(sqlite("NORMAL"), seed);
      powerCut.close();
      return rowsAfter();
    });
    expect(rows.some((count) => count !== 50)).toBe(true);
  });
});
