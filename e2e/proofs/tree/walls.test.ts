/** Walls that the compiler does not hold: no clock, no chance, no sockets in the pure rooms. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PURE_ROOMS = [
  "shared/coding",
  "shared/field",
  "shared/verify",
  "shared/random",
  "shared/protocol",
  "server/coordinator",
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
