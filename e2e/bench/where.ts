/** On which machine and from which commit a figure comes. */
import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

/** For instance "8 x Some CPU 2.4 GHz, 16 GiB, linux x64, Node 20.20.0" */
export function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() || "unknown processor";
  const memoryGib = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} x ${model}, ${memoryGib} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

/** The commit of the working tree, with "+" where it was changed since; null outside of a repository. */
export function commit(): string | null {
  const git = (...args: string[]) =>
    execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], cwd: import.meta.dirname });
  try {
    const hash = git("rev-parse", "HEAD").trim();
    return git("status", "--porcelain").trim() === "" ? hash : `${hash}+`;
  } catch {
    return null;
  }
}
