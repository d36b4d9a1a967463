/** Walls that the compiler does not hold: no clock, no chance, no sockets in the pure rooms. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { importGraph, sourceFiles } from "./import-graph.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PURE_ROOMS = [
  "shared/coding",
  "shared/field",
  "shared/verify",
  "shared/random",
  "shared/protocol",
  "shared/coded",
  "shared/kinds",
  "shared/numbers",
  "shared/control",
  "server/checks",
  "server/coordinator",
  "server/rows",
  "server/coded/core",
  "server/kinds/inference/core",
  "server/kinds/inference/planner",
];
const FORBIDDEN =
  /\b(Date\.now|Math\.random|performance\.now|setTimeout|setInterval|setImmediate|process\.|await |fetch)\b/;

function sourcesIn(room: string): string[] {
  return readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/\.(test|contract)\.ts$/.test(file) && !file.startsWith("testing"))
    .map((file) => join(room, file));
}

test("pure rooms read no clock, draw no chance and never wait", () => {
  const files = PURE_ROOMS.flatMap(sourcesIn);
  expect(files.length).toBeGreaterThan(40);
  const offences = files.flatMap((file) => {
    const lines = readFileSync(join(ROOT, file), "utf8").split("\n");
    return lines.flatMap((line, n) => {
      const code = line
        .replace(/\/\/.*$/, "")
        .replace(/^\s*\*.*$/, "")
        .replace(/^\s*\/\*\*.*$/, "");
      return FORBIDDEN.test(code) ? [`${file}:${n + 1}: ${line.trim()}`] : [];
    });
  });
  expect(offences).toEqual([]);
});

test("the protocol imports nothing of the project, the coordinator neither web nor numerics nor shell", () => {
  const importsOf = (file: string) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(/from "(\.[^"]+)"/g)].map((match) => match[1]!);
  for (const file of sourcesIn("shared/protocol")) {
    expect(
      importsOf(file).filter((path) => path.startsWith("..")),
      file,
    ).toEqual([]);
  }
  for (const file of PURE_ROOMS.filter((room) => room.startsWith("server/")).flatMap(sourcesIn)) {
    expect(
      importsOf(file).filter((path) => /\/(web|numerics|shell)\//.test(path)),
      file,
    ).toEqual([]);
  }
});

test("the core imports no kind of job, and coded runs none either; neither names one", () => {
  const rooms = ["server/coordinator", "server/coded"];
  const files = rooms.flatMap(sourcesIn);
  expect(files.length).toBeGreaterThan(60);
  for (const file of files) {
    const text = readFileSync(join(ROOT, file), "utf8");
    const imports = [...text.matchAll(/from "(\.[^"]+)"/g)].map((match) => match[1]!);
    const isOfAKind = (path: string) => /(^|\/)kinds\/[a-z]+\//.test(path) && !path.includes("shared/kinds");
    expect(imports.filter(isOfAKind), file).toEqual([]);
    if (file.startsWith("server/coordinator"))
      expect(
        imports.filter((path) => path.includes("/coded/")),
        file,
      ).toEqual([]);
    const code = text.replaceAll(/^ *(\/\*\*|\*|\/\/).*$/gm, "");
    expect(/matmul|regression/i.test(code) ? file : null).toBeNull();
  }
});

test("the ledger of rows imports itself and shared alone", () => {
  const ledger = sourcesIn("server/rows").filter((file) => !isForTests(file));
  expect(ledger.length).toBeGreaterThan(15);
  const graph = importGraph(sourceFiles());
  const targets = ledger.flatMap((file) => graph.get(file) ?? []);
  expect(targets.filter((target) => !/^(server\/rows|shared)\//.test(target))).toEqual([]);
});

test("what serves every kind imports no kind's folder: desks, tasks, records and tellers come from lists", () => {
  const files = ["server/shell", "server/numerics", "server/store"].flatMap(sourcesIn);
  const offences = files
    .filter((file) => !isForTests(file))
    .flatMap((file) => {
      const imports = [...readFileSync(join(ROOT, file), "utf8").matchAll(/from "(\.[^"]+)"/g)].map(
        (match) => match[1]!,
      );
      return imports.filter((path) => /^\.\.\/(\.\.\/)?kinds\/[a-z]+\//.test(path)).map((path) => `${file} -> ${path}`);
    });
  expect(files.length).toBeGreaterThan(30);
  expect(offences).toEqual([]);
});

/** Which rooms of shared a room of shared may import. */
const SHARED_ARROWS: Readonly<Record<string, readonly string[]>> = {
  field: [],
  random: [],
  numbers: [],
  control: [],
  protocol: [],
  verify: ["field", "random"],
  coding: ["field", "random"],
  coded: ["protocol", "field"],
  inputs: ["protocol"],
  hub: ["protocol", "inputs", "compute"],
  compute: ["field", "protocol", "numbers", "control"],
  kinds: ["protocol", "coding", "verify", "compute", "coded", "numbers"],
  sdk: ["receipts", "kinds", "protocol"],
  receipts: ["kinds", "protocol", "verify"],
};

test("inside shared rooms import along the arrows alone, and nothing outside; a kind imports no other kind", () => {
  const graph = importGraph(sourceFiles());
  const roomOf = (file: string) => /^shared\/(\w+)\//.exec(file)?.[1] ?? "outside";
  const kindOf = (file: string) => /^shared\/kinds\/(\w+)\//.exec(file)?.[1] ?? null;
  const offences: string[] = [];
  for (const [file, targets] of graph) {
    if (roomOf(file) === "outside" || isForTests(file)) continue;
    for (const target of targets) {
      const [from, to] = [roomOf(file), roomOf(target)];
      const isAllowed = from === to || SHARED_ARROWS[from]?.includes(to) === true;
      const isOtherKind = kindOf(file) !== null && kindOf(target) !== null && kindOf(file) !== kindOf(target);
      if (!isAllowed || isOtherKind) offences.push(`${file} -> ${target}`);
    }
  }
  expect(offences).toEqual([]);
});

test("outside its folder no product file asks for a model runtime by its format or its files", () => {
  // Addresses of assets are kept by the runtime's name; the sample's own model is read from its files; an example is one to type; a regression
  // is exported as a file that people name.
  const mayName =
    /^(client\/compute|server\/numerics)\/runtime-assets\.ts$|^server\/samples\/|^server\/kinds\/inference\/cli\/submit-inference\.ts$|^shared\/kinds\/regression\/export-formats\.ts$/;
  const formats = /["'`](onnx|tfjs|layers-model|graph-model|model\.json)["'`]|\\?\.onnx\b(?!["\w .,;]*")/;
  const offences = [...sourceFiles()].flatMap(([file, content]) => {
    const isOutside = /^(shared|server|client)\//.test(file) && !file.startsWith("shared/compute/runtimes/");
    if (!isOutside || isForTests(file) || mayName.test(file)) return [];
    const code = content.replaceAll(/^ *(\/\*\*|\*|\/\/).*$/gm, "");
    return formats.test(code) ? [`${file}: ${formats.exec(code)![0]}`] : [];
  });
  expect(offences).toEqual([]);
});

test("whoever runs models asks nothing of the rooms above: not who submits, not what for", () => {
  const files = sourcesIn("server/trusted");
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) {
    const imports = [...readFileSync(join(ROOT, file), "utf8").matchAll(/from "(\.\.[^"]+)"/g)].map(
      (match) => match[1]!,
    );
    const isBelow = (path: string) => path.startsWith("../../shared/") || path === "../numerics/runtime-assets.ts";
    expect(
      imports.filter((path) => !isBelow(path)),
      file,
    ).toEqual([]);
  }
});

test("the checks of rows know nobody but shared and the ledger", () => {
  const files = sourcesIn("server/checks");
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) {
    const imports = [...readFileSync(join(ROOT, file), "utf8").matchAll(/from "(\.\.[^"]+)"/g)].map(
      (match) => match[1]!,
    );
    const isBelow = (path: string) => path.startsWith("../../shared/") || path.startsWith("../rows/");
    expect(
      imports.filter((path) => !isBelow(path)),
      file,
    ).toEqual([]);
  }
});

function isForTests(file: string): boolean {
  return /\.(test|contract)\.tsx?$|\/testing\//.test(file);
}
