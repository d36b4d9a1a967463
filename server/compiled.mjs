/**
 * The coordinator's code as plain JavaScript, file by file, in build/compiled/HASH/. A program that starts from it needs no TypeScript loader: that
 * takes longer than all the rest of the start of a thread or process, and gives each function its name anew wherever one is made.
 *
 * HASH is of all sources, so that what runs is never older than they are: an edit or a pull has another folder, made at the next start. Threads
 * and processes start from the folder of the coordinator that starts them, whatever has changed since. The tree may be moved, with its build.
 *
 *     node server/compiled.mjs    compiles, and prints the folder: for whoever builds a tree that cannot be written to later
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const ROOMS = ["server", "shared"];
/** These run as they are: before anything is compiled, or by the loader. */
const AS_THEY_ARE = [
  "server/compiled.mjs",
  "server/program.mjs",
  "server/start.mjs",
  "server/setup.mjs",
  "server/source-lines.mjs",
  "server/cli/paritab.mjs",
];
/** What threads and processes register: in compiled code there is nothing to load otherwise, but errors still name lines of the sources. */
const LOADER = "server/no-loader.js";
const LOADER_CODE = 'export { nameSourceLines as register } from "../../../../server/source-lines.mjs";\n';
/** What each of its files is long. */
const SIZES = "sizes.json";
/** A folder goes when no start has used it for so long, and so many newer ones are there: a coordinator may still run from an old one. */
const UNUSED_MS_MAX = 30 * 24 * 3600 * 1000;
const NEWEST_KEPT = 10;

/**
 * @param root of the project
 * @returns the folder: the code of server/main.ts is server/main.js in it
 * @throws Error where it is not there yet and cannot be made
 */
export async function compiledServer(root = ROOT) {
  const sources = sourcesOf(root);
  const folder = join(root, "build", "compiled", hashOf(sources));
  if (isWhole(folder)) {
    markUsed(folder);
    return folder;
  }
  if (!underWay.has(folder)) {
    rmSync(folder, { recursive: true, force: true });
    underWay.set(
      folder,
      compile(sources, folder).finally(() => underWay.delete(folder)),
    );
  }
  await underWay.get(folder);
  return folder;
}

/** By folders that this process is making: whoever asks for one meanwhile waits for it. A second compiler would be stopped by the first one's end. */
const underWay = new Map();

/** Files of a folder that was made right before the power failed may be empty. */
function isWhole(folder) {
  try {
    const sizes = Object.entries(JSON.parse(readFileSync(join(folder, SIZES), "utf8")));
    return sizes.every(([name, size]) => statSync(join(folder, name)).size === size);
  } catch {
    return false;
  }
}

/** @returns texts by paths from the root, with slashes */
function sourcesOf(root) {
  const names = ROOMS.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" }).map((name) =>
      posix.join(room, name.split(sep).join("/")),
    ),
  );
  const code = names.filter(
    (name) =>
      /\.(ts|mjs)$/.test(name) && !/\.(test|contract|d)\.ts$|\/testing\//.test(name) && !AS_THEY_ARE.includes(name),
  );
  // This file too: what it makes of the same sources may change.
  const all = [...code.sort(), "package.json", "server/compiled.mjs"];
  return new Map(all.map((name) => [name, readFileSync(join(root, name), "utf8")]));
}

function hashOf(sources) {
  const hash = createHash("sha256");
  for (const [name, text] of sources) hash.update(`${name} ${Buffer.byteLength(text)}\n`).update(text);
  return hash.digest("hex").slice(0, 20);
}

async function compile(sources, folder) {
  const { stop, transform } = await import("esbuild");
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true });
  removeUnused(parent);
  // Another start may be at the same: each has a folder of its own, and one of them gets the name.
  const made = `${folder}.${process.pid}.making`;
  rmSync(made, { recursive: true, force: true });
  const files = [...sources.keys()].filter((name) => name !== "package.json" && !AS_THEY_ARE.includes(name));
  const isCode = (name) => files.includes(name);
  const sizes = {};
  for (const name of [...files, LOADER]) mkdirSync(join(made, dirname(name)), { recursive: true });
  try {
    await Promise.all(
      files.map(async (name) => {
        const { code, map } = await transform(compiledText(name, sources.get(name), isCode), {
          loader: name.endsWith(".ts") ? "ts" : "js",
          target: "node20",
          sourcemap: "external",
          sourcesContent: false,
          sourcefile: posix.join(upToRoot(name), name),
          tsconfigRaw: { compilerOptions: { target: "ES2023", verbatimModuleSyntax: true } },
        });
        const path = join(made, compiledName(name));
        const text = `${code}//# sourceMappingURL=${posix.basename(compiledName(name))}.map\n`;
        sizes[compiledName(name)] = Buffer.byteLength(text);
        await writeFile(path, text);
        await writeFile(`${path}.map`, map);
      }),
    );
    await writeFile(join(made, LOADER), LOADER_CODE);
    const imports = JSON.parse(sources.get("package.json")).imports ?? {};
    const compiledImports = JSON.parse(JSON.stringify(imports), (_, value) =>
      typeof value === "string" ? compiledName(value) : value,
    );
    await writeFile(join(made, "package.json"), JSON.stringify({ type: "module", imports: compiledImports }));
    await writeFile(join(made, SIZES), JSON.stringify(sizes));
    renameSync(made, folder);
  } catch (error) {
    if (!isWhole(folder)) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
    await stop();
  }
}

const compiledName = (name) => name.replace(/\.ts$/, ".js");

/** From the folder of a compiled file to the root: build/compiled/HASH/, and the folders of its own path. */
const upToRoot = (name) => "../".repeat(name.split("/").length + 2);

/**
 * A source as its compiled code is made from, line by line: what it names of other code is compiled, what it names of anything else lies where
 * it lay.
 * @param name from the root, with slashes
 * @param isCode of a name: is it compiled?
 */
export function compiledText(name, text, isCode) {
  const target = (path) => posix.join(posix.dirname(name), path);
  const source = `new URL("${upToRoot(name)}${name}", import.meta.url)`;
  return text
    .replace(/((?:\bfrom|\bimport)\s*\(?\s*)(["`])(\.[^"`\n]*\.ts)\2/g, (_, before, quote, path) => {
      return before + quote + compiledName(path) + quote;
    })
    .replaceAll('"tsx/esm/api"', () => `"${relativeTo(name, LOADER)}"`)
    .replace(/(\bnew URL\(\s*)("[^"\n]*"|`[^`\n]*`)(,\s*)import\.meta\.url/g, (_, before, path, comma) => {
      const said = path.slice(1, -1);
      const isOfCode = path.startsWith('"') && isCode(target(said));
      return isOfCode ? `${before}"${compiledName(said)}"${comma}import.meta.url` : `${before}${path}${comma}${source}`;
    });
}

function relativeTo(name, other) {
  const path = posix.relative(posix.dirname(name), other);
  return path.startsWith(".") ? path : `./${path}`;
}

function markUsed(folder) {
  try {
    const now = new Date();
    utimesSync(folder, now, now);
  } catch {
    // Not ours to write to: then it was not ours to make either, and nobody removes it.
  }
}

function removeUnused(parent) {
  const usedMs = (name) => statSync(join(parent, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const all = readdirSync(parent).map((name) => ({ name, usedMs: usedMs(name) }));
  const others = all.sort((a, b) => b.usedMs - a.usedMs).slice(NEWEST_KEPT);
  for (const other of others) {
    const isUnused = Date.now() - other.usedMs > UNUSED_MS_MAX;
    if (isUnused) rmSync(join(parent, other.name), { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(relative(process.cwd(), await compiledServer()));
