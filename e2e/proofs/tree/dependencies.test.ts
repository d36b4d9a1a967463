/** What is installed: no version with a known hole that a stranger reaches, nothing that moves by itself, and few. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { PROGRAMS } from "../../../server/program.mjs";
import { importGraph, sourceFiles } from "./import-graph.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), "utf8"));
const direct: Readonly<Record<string, string>> = read("package.json").dependencies;
const locked = Object.entries<{ version: string; hasInstallScript?: boolean; dev?: boolean }>(
  read("package-lock.json").packages,
).filter(([path]) => path !== "");

/**
 * Two more than before the API was said once: they write OpenAPI from the schemas, in the place of 5,000 lines of ours. Three for what people
 * have: sharp reads JPEG, PNG and WebP (the command line, where it reads a picture), @huggingface/tokenizers what a model's folder says of its
 * tokens, hyparquet Parquet. One for a certificate authority on a local network: node-forge, which asks for no other package.
 * One for services of more than one machine: pg, which speaks to PostgreSQL; it is plain JavaScript, and is loaded where a database server is set.
 * One for graphics cards: @tensorflow/tfjs-backend-webgpu, which pages load where a browser gives a card; it asks for no package that is not here.
 * One that tsx asks for itself: esbuild, which compiles the coordinator (server/compiled.mjs).
 */
const DIRECT_MAX = 38;

/** Holes that need no account: anybody who reaches the port ends the process, or fills its memory. Closed from this version on. */
const HOLES = [
  { name: "socket.io", closedIn: "4.6.2", hole: "CVE-2024-38355: a packet without a listener ends the process" },
  { name: "engine.io", closedIn: "6.4.2", hole: "CVE-2022-41940, CVE-2023-31125: a crafted request ends the process" },
  { name: "socket.io-parser", closedIn: "4.2.7", hole: "CVE-2026-33151, CVE-2026-69185: attachments without bound" },
  { name: "ws", closedIn: "8.21.1", hole: "CVE-2026-48779, CVE-2026-62389: tiny fragments and unfinished messages" },
] as const;

/** Packages that run something of theirs when they are installed. */
const WITH_INSTALL_SCRIPT = ["better-sqlite3", "bufferutil", "core-js", "esbuild", "protobufjs"];

const nameOf = (path: string) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split(".").map(Number));
  const differs = want!.findIndex((part, i) => have![i] !== part);
  return differs < 0 || have![differs]! > want![differs]!;
}

test.each(HOLES)("[B5] [B7] every copy of $name has its known holes closed: $hole", ({ name, closedIn }) => {
  const copies = locked.filter(([path]) => nameOf(path) === name);
  expect(copies.length).toBeGreaterThan(0);
  for (const [path, { version }] of copies)
    expect([path, version, isAtLeast(version, closedIn)]).toEqual([path, version, true]);
});

test("versions are compared number by number", () => {
  const pairs = [
    ["4.2.7", "4.2.7"],
    ["4.2.10", "4.2.9"],
    ["5.0.0", "4.9.9"],
    ["4.2.6", "4.2.7"],
    ["4.1.9", "4.2.0"],
  ];
  expect(pairs.map(([have, want]) => isAtLeast(have!, want!))).toEqual([true, true, true, false, false]);
});

test("[E3] what we ask for is named to the last digit, and is no more than it was", () => {
  const asked = Object.entries<string>({ ...direct, ...read("package.json").devDependencies });
  expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  expect(Object.keys(direct).length).toBeLessThanOrEqual(DIRECT_MAX);
});

test("[E3] no other package runs something when it is installed", () => {
  const running = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => nameOf(path));
  expect([...new Set(running)].filter((name) => !WITH_INSTALL_SCRIPT.includes(name) && name !== "fsevents")).toEqual(
    [],
  );
});

test("[E3] what reads pictures is loaded by the command line alone, when it reads one", () => {
  const importing = [...sourceFiles()].flatMap(([file, content]) =>
    isForTests(file) ? [] : [...content.matchAll(/^.*["'](sharp)["'].*$/gm)].map(([line]) => `${file}: ${line.trim()}`),
  );
  expect(importing).toEqual([
    'server/cli/inputs/read-photo.ts: import type { default as Sharp } from "sharp";',
    'server/cli/inputs/read-photo.ts: loaded ??= import("sharp").then((module) => module.default);',
  ]);
});

test("[E3] commands for which no tools of tests are installed need none", () => {
  const contents = sourceFiles();
  const graph = importGraph(contents);
  const commands = [...contents.get("server/setup.mjs")!.matchAll(/^ {2}\S+: (\{.*program: "(\S+)" \}),$/gm)];
  const others = commands.flatMap(([, how, program]) => (how!.includes("development") ? [] : [program!]));
  const withoutTools = [...Object.values(PROGRAMS), ...others];
  expect(withoutTools.length).toBeGreaterThan(8);
  const reached = new Set(withoutTools);
  for (const file of reached) for (const target of graph.get(file) ?? []) reached.add(target);
  expect(reached.size).toBeGreaterThan(300);
  const tools = Object.keys(read("package.json").devDependencies);
  const needed = [...reached].flatMap((file) =>
    [...contents.get(file)!.matchAll(/(?:^(?:import|export) (?!type\b)[^;"']*|\bimport\()["']([^."'][^"']*)["']/gm)]
      .map(([, name]) =>
        name!
          .split("/")
          .slice(0, name!.startsWith("@") ? 2 : 1)
          .join("/"),
      )
      .filter((name) => tools.includes(name))
      .map((name) => `${file}: ${name}`),
  );
  expect(needed).toEqual([]);
});

const isForTests = (file: string) => file.startsWith("e2e/") || file.endsWith(".test.ts");
