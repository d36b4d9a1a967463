/** A Python with numpy; installed with apt-get where that is possible, as Chromium is. */
import { spawnSync } from "node:child_process";

const CANDIDATES = ["python3", "/usr/bin/python3"];
const INSTALL_MS_MAX = 300_000;

/** @returns its path; null: there is none, and none can be installed here */
export function findPython(): string | null {
  const found = pythonWith("numpy");
  if (found !== null) return found;
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return null;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "python3", "python3-numpy"]]) {
    spawnSync("apt-get", args, { env, timeout: INSTALL_MS_MAX });
  }
  return pythonWith("numpy");
}

/** @returns its path; null: there is none that has these modules */
export function pythonWith(...modules: string[]): string | null {
  const has = (python: string) => spawnSync(python, ["-c", `import ${modules.join(", ")}`]).status === 0;
  return CANDIDATES.find(has) ?? null;
}
