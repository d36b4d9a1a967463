/** The pages in build/: built again where a source is younger. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loggedStep } from "./logged-step.mjs";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** @returns whether they are there and up to date */
export function buildPages() {
  const shared = ["client", "shared", "vite.config.ts", "package-lock.json"];
  const builds = [
    { directory: "client", sources: shared, args: ["build"] },
    { directory: "swarm", sources: [...shared, "e2e/crowd/browser/page"], args: ["build", "--mode", "swarm"] },
  ];
  for (const { directory, sources, args } of builds) {
    const builtMs = modifiedMs(join(ROOT, "build", directory, "build.json"));
    if (Math.max(...sources.map((source) => newestMs(join(ROOT, source)))) <= builtMs) continue;
    const steps = [[join(ROOT, "node_modules", ".bin", "vite"), args]];
    if (!loggedStep(`Building the pages (build/${directory})`, `build-${directory}.log`, steps)) return false;
  }
  return true;
}

function newestMs(path) {
  if (!existsSync(path)) return 0;
  if (!statSync(path).isDirectory()) return modifiedMs(path);
  // The folder's own time too: it changes when a file is taken away.
  const inside = readdirSync(path)
    .filter((name) => !/\.(test|contract)\.tsx?$|\.tsbuildinfo$/.test(name))
    .map((name) => newestMs(join(path, name)));
  return Math.max(modifiedMs(path), ...inside);
}

const modifiedMs = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
