/** What looks for a planted bug: the simulator, then the tests that its patch names. */
import { spawn } from "node:child_process";
import { join } from "node:path";

/** Of one finder. A bug that makes it run for ever is found; seconds of processor time mean the same on a busy machine. */
const CPU_SECONDS_MAX = 120;

/** The rooms' tests are pure: they need no process of their own each. */
const VITEST_FLAGS = ["--bail=1", "--pool=threads", "--maxWorkers=1", "--no-isolate", "--reporter=tap-flat"];

export type Finder = "simulator" | "tests";

export interface Found {
  readonly by: Finder;
  /** The first thing that it said. */
  readonly evidence: string;
}

export async function findWithSimulator(tree: string): Promise<Found | null> {
  const { failed, output } = await run(tree, ["--import", "tsx", "e2e/proofs/mutants/simulate-mutant.ts"]);
  return failed ? { by: "simulator", evidence: lastLine(output) } : null;
}

export async function findWithTests(tree: string, tests: readonly string[]): Promise<Found | null> {
  const vitest = join("node_modules", "vitest", "vitest.mjs");
  const { failed, output } = await run(tree, [vitest, "run", ...VITEST_FLAGS, ...tests]);
  // With --bail those that were not run are "not ok" too: the one that failed has its error below it.
  const first = /^not ok \d+ - (.+?)( # time.*)?\n {4}---/m.exec(output)?.[1];
  return failed ? { by: "tests", evidence: first ?? lastLine(output) } : null;
}

function run(cwd: string, args: readonly string[]): Promise<{ failed: boolean; output: string }> {
  const limited = `ulimit -t ${CPU_SECONDS_MAX}; exec "$0" "$@"`;
  const child = spawn("sh", ["-c", limited, process.execPath, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1" },
  });
  let output = "";
  const keep = (chunk: Buffer) => {
    output += chunk;
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (signal !== null) output += `\nended by ${signal} after at most ${CPU_SECONDS_MAX} s of processor time`;
      resolve({ failed: code !== 0, output });
    });
  });
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
}
