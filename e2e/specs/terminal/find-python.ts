/** A Python with numpy; installed with apt-get where that is possible, as Chromium is. */
import { spawnSync } from "node:child_process";

const CANDIDATES = ["python3", "/usr/bin/python3"];
const INSTALL_MS_MAX = 300_000;

/** @returns its path; null: there is none, and none can be installed here */
export function findPython(): string | null {
  const found = CANDIDATES.find(hasNumpy);
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return null;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "python3", "python3-numpy"]]) {
    spawnSync("apt-get", args, { env, timeout: INSTALL_MS_MAX });
  }
  return CANDIDATES.find(hasNumpy) ?? null;
}

function hasNumpy(python: string): boolean {
  return spawnSync(python, ["-c", "import numpy"]).status === 0;
}
