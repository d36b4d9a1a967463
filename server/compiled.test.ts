/** The coordinator's code as plain JavaScript: as its sources say, never older than they are, and without it a start that is only slower. */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PROGRAMS } from "./program.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "paritab-compiled-"));
  for (const name of ["compiled.mjs", "program.mjs", "source-lines.mjs", "start.mjs", "run-program.ts"])
    write(`server/${name}`, readFileSync(join(ROOT, "server", name), "utf8"));
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  write("package.json", JSON.stringify({ type: "module", imports: { "#table": "./shared/table.ts" } }));
  write("shared/table.ts", "export const table: readonly number[] = [1, 2];\n");
  write("server/note.txt", "a note");
  write(
    "server/main.ts",
    `import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { table } from "#table";

const note = readFileSync(new URL("./note.txt", import.meta.url), "utf8");
const [name] = ["table"];
const again: { table: readonly number[] } = await import(\`../shared/\${name}.ts\`);
const isLoaded = process.execArgv.concat(process.argv).join(" ").includes("tsx") || import.meta.url.endsWith(".ts");
new Worker(new URL("./deep/thread.mjs", import.meta.url), { execArgv: [] }).on("message", (said: string) => {
  console.log(isLoaded ? "loader" : "compiled", note, table.length + again.table.length, said);
});
`,
  );
  write(
    "server/deep/thread.mjs",
    'import { register } from "tsx/esm/api";\n\nregister();\nawait import("./thread.ts");\n',
  );
  write(
    "server/deep/thread.ts",
    `import { parentPort } from "node:worker_threads";

interface Broken {
  readonly at: string;
}

const where: Broken = { at: new Error("here").stack!.split("\\n")[1]! };
parentPort!.postMessage(where.at.trim());
`,
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

function start(): string {
  return execFileSync(process.execPath, [join(root, "server/start.mjs")], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

/** Runs it by its name; what it says of itself is how it was loaded. */
function runNamed(...args: string[]) {
  write(
    "server/operator/doctor.ts",
    `import { runProgram } from "../run-program.ts";

runProgram(import.meta.filename, async () => {
  console.log(import.meta.filename.endsWith(".ts") ? "loader" : "compiled", process.argv.slice(2).join("+"));
  return 3;
});
`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "server/program.mjs"), ...args], {
    encoding: "utf8",
  });
  return { status, said: stdout.trim(), complaint: stderr.trim() };
}

/** In a process of its own: the compiler is a program that its library starts, and no thread that tests share shall depend on it. */
function compiled(askers = 1): string[] {
  const code = `
    import { compiledServer } from ${JSON.stringify(pathToFileURL(join(ROOT, "server/compiled.mjs")))};
    const asked = Array.from({ length: ${askers} }, () => compiledServer(${JSON.stringify(root)}));
    console.log(JSON.stringify(await Promise.all(asked)));`;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "--eval", code], { encoding: "utf8" }));
}

const folders = () => readdirSync(join(root, "build/compiled"));

test("whoever asks while the code is made waits for it, and gets the same", () => {
  for (let n = 0; n < 400; n++) write(`shared/many/${n}.ts`, `export const number${n}: number = ${n};\n`);
  const folders = compiled(3);
  expect([folders.length, new Set(folders).size]).toEqual([3, 1]);
  expect(readFileSync(join(folders[0]!, "shared/table.js"), "utf8")).toContain("[1, 2]");
  // Nothing of a second making is left beside it.
  expect(readdirSync(dirname(folders[0]!))).toEqual([basename(folders[0]!)]);
});

test("compiled code and its threads run without the loader, find files beside the sources, and name their lines", () => {
  const said = start();
  expect(said).toMatch(/^compiled a note 4 at .*server\/deep\/thread\.ts:7:\d+\)?$/);
  expect(said).not.toContain("build");
});

test("an edit is compiled at the next start; what is as it was before needs nothing new", async () => {
  start();
  expect(start()).toContain("a note 4");
  expect(folders()).toHaveLength(1);
  write("shared/table.ts", "export const table: readonly number[] = [1, 2, 3];\n");
  expect(start()).toContain("a note 6");
  write("shared/table.ts", "export const table: readonly number[] = [1, 2];\n");
  expect(start()).toContain("a note 4");
  expect(folders()).toHaveLength(2);
});

test("starts at the same time share one folder, and leave nothing half made", async () => {
  const compile = () => promisify(execFile)(process.execPath, [join(root, "server/compiled.mjs")], { cwd: root });
  const made = await Promise.all([compile(), compile(), compile()]);
  expect(new Set(made.map(({ stdout }) => stdout.trim()))).toEqual(new Set([`build/compiled/${folders()[0]}`]));
  expect(folders()).toHaveLength(1);
});

test("what a crash left empty is made anew, and what is old goes only behind ten newer ones", () => {
  const folder = compiled()[0]!;
  writeFileSync(join(folder, "server/deep/thread.js"), "");
  const old = Array.from({ length: 12 }, (_, n) => join(root, "build/compiled", `old-${n}`));
  for (const [n, path] of old.entries()) {
    mkdirSync(path);
    utimesSync(path, n + 1, n + 1);
  }
  expect(start()).toMatch(/^compiled a note 4 at .*thread\.ts:7:/);
  // Ten, and the new one.
  const kept = old.slice(2).map((path) => basename(path));
  expect(folders().sort()).toEqual([basename(folder), ...kept].sort());
});

test("a tree that was moved with its build needs nothing new", () => {
  compiled();
  const before = root;
  root = `${before}-moved`;
  cpSync(before, root, { recursive: true });
  rmSync(before, { recursive: true });
  expect(start()).toContain("compiled a note 4");
  expect(folders()).toHaveLength(1);
});

test("where nothing can be written the coordinator starts with the loader", () => {
  write("build/compiled", "a file where a folder belongs");
  expect(start()).toMatch(/^loader a note 4 at .*thread\.ts:7:/);
});

test("operators' programs run by their names, from compiled code or with the loader, with their flags and exit code", () => {
  expect(runNamed("doctor", "list", "--offline")).toEqual({
    status: 3,
    said: "compiled list+--offline",
    complaint: "",
  });
  rmSync(join(root, "build"), { recursive: true });
  write("build/compiled", "a file where a folder belongs");
  expect(runNamed("doctor", "list")).toEqual({ status: 3, said: "loader list", complaint: "" });
  expect(runNamed("docter")).toMatchObject({ status: 2, complaint: expect.stringMatching(/expected one of .*doctor/) });
});

test("every program that has a name is there", () => {
  for (const source of Object.values(PROGRAMS))
    expect([source, existsSync(join(ROOT, source))]).toEqual([source, true]);
});

test("code names files in forms that compiled code keeps", () => {
  const kept =
    /new URL\((?:"[^"\n]*"|`[^`\n]*`), import\.meta\.url\)|createRequire\(import\.meta\.url\)|TASKS_MODULE = import\.meta\.url|\(import\.meta\.filename, |(?:=== |\b)import\.meta\.filename\b/g;
  const files = ["server", "shared"].flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" }).map((name) => join(ROOT, room, name)),
  );
  const code = files.filter((file) => /\.ts$/.test(file) && !/\.(test|contract)\.ts$|\/testing\//.test(file));
  expect(code.length).toBeGreaterThan(500);
  const others = code.filter((file) => readFileSync(file, "utf8").replaceAll(kept, "").includes("import.meta"));
  expect(others).toEqual([]);
});
