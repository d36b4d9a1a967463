/**
 * `node prune.mjs FOLDER`: takes out of FOLDER/node_modules what no running coordinator reads, once the pages are built: source maps, types,
 * programs that build, files for browsers, and WebAssembly of back-ends that Node does not have. Prints the megabytes before and after.
 */
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** Whole packages: they build pages, are computed with in pages alone, or drive a browser. */
const PACKAGES =
  /^(@tensorflow\/tfjs-backend-webgpu|vite|rolldown|@rolldown\/.*|lightningcss.*|postcss|playwright|playwright-core|core-js|@types\/.*)$/;
const FILES = [
  /\.map$/,
  /\.d\.[cm]?ts$/,
  /\.tsbuildinfo$/,
  /\.md$/,
  /^better-sqlite3\/(deps|src)\//,
  /^better-sqlite3\/build\/(?!Release\/better_sqlite3\.node$)/,
  /^onnxruntime-web\/dist\/ort(?!\.node\.|\.wasm\.[\w.]*min\.|-wasm-simd-threaded\.(mjs|wasm)$).*\.(js|mjs|wasm)$/,
  /^onnxruntime-web\/lib\//,
  /^@tensorflow\/.*\.(min|es2017|fesm)[.\w]*\.js(\.html)?$/,
  /^@tensorflow\/.*\.js\.html$/,
  /^@tensorflow\/tfjs\/dist\/tf\.js$/,
  /^@tensorflow\/[\w-]+\/(src|scripts|demos?)\//,
  /^@img\/sharp(-libvips)?-(?!linux-).*/,
];

const folder = process.argv[2];
if (folder === undefined) {
  console.error("usage: node prune.mjs FOLDER");
  process.exit(2);
}
const modules = join(folder, "node_modules");
const files = readdirSync(modules, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) =>
    join(entry.parentPath ?? entry.path, entry.name)
      .slice(modules.length + 1)
      .replaceAll("\\", "/"),
  );
const bytes = new Map(files.map((file) => [file, statSync(join(modules, file)).size]));
const packageOf = (file) =>
  file
    .split("/")
    .slice(0, file.startsWith("@") ? 2 : 1)
    .join("/");
const needless = files.filter((file) => PACKAGES.test(packageOf(file)) || FILES.some((pattern) => pattern.test(file)));
for (const file of needless) rmSync(join(modules, file));
const megabytes = (some) => Math.round(some.reduce((sum, file) => sum + bytes.get(file), 0) / 1e6);
console.log(`node_modules: ${megabytes(files)} MB before, ${megabytes(files) - megabytes(needless)} MB after`);
