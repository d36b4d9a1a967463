/** A copy of the project to break: sources alone, with the packages of the original. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "./patch-files.ts";

const ROOMS = ["client", "server", "shared", "e2e", "docs"];
const FILES = [
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.base.json",
  "vite.config.ts",
  "README.md",
];

export class TreeCopy {
  readonly path = mkdtempSync(join(tmpdir(), "paritab-mutant-"));

  constructor() {
    for (const entry of [...ROOMS, ...FILES]) cpSync(join(PROJECT, entry), join(this.path, entry), { recursive: true });
    symlinkSync(join(PROJECT, "node_modules"), join(this.path, "node_modules"));
  }

  /** @throws Error where the patch does not fit the tree any more */
  apply(patch: string): void {
    applyPatch(this.path, patch);
  }

  undo(patch: string): void {
    applyPatch(this.path, patch, "--reverse");
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** @param flags for instance --check: says whether it fits, and changes nothing */
export function applyPatch(directory: string, patch: string, ...flags: string[]): void {
  // Not as part of a repository: what is staged there is nobody's business.
  const env = { ...process.env, GIT_DIR: "/dev/null" };
  execFileSync("git", ["apply", ...flags, patch], { cwd: directory, stdio: "pipe", env });
}
