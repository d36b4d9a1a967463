/** The same parsers under jazzer.js, which watches which branches an input takes and keeps what finds new ones. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import type { FuzzTarget } from "./fuzz-target.ts";
import type { FuzzRow } from "./run-fuzz.ts";

const ROOT = join(import.meta.dirname, "../../..");
const OUT = join(ROOT, "build/fuzz");
const SCRIPT = "targets.cjs";

/** @returns runs one target for so long */
export async function openJazzer(): Promise<
  (target: FuzzTarget, options: { seed: number; msMax: number }) => Promise<FuzzRow>
> {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: "error",
    build: {
      ssr: join(import.meta.dirname, "jazzer-entry.ts"),
      outDir: OUT,
      minify: false,
      rollupOptions: { output: { format: "cjs", entryFileNames: SCRIPT } },
    },
    ssr: { noExternal: true },
  });
  return (target, options) => watched(target, options);
}

async function watched(target: FuzzTarget, { seed, msMax }: { seed: number; msMax: number }): Promise<FuzzRow> {
  const corpus = join(OUT, "corpus", target.name.replace(/\W+/g, "-"));
  mkdirSync(corpus, { recursive: true });
  for (const input of target.seeds) writeFileSync(join(corpus, createHash("sha1").update(input).digest("hex")), input);
  const seconds = Math.max(1, Math.round(msMax / 1000));
  const libfuzzer = [`-max_total_time=${seconds}`, `-seed=${seed}`, `-artifact_prefix=${OUT}/`, "-print_final_stats=1"];
  const args = [
    join(ROOT, "node_modules/.bin/jazzer"),
    join(OUT, SCRIPT),
    "--sync",
    "-i",
    SCRIPT,
    corpus,
    "--",
    ...libfuzzer,
  ];
  const { status, output } = await run(args, { ...process.env, FUZZ_TARGET: target.name });
  const inputs = Number(/^(?:Done|stat::number_of_executed_units:) (\d+)/m.exec(output)?.[1] ?? 0);
  const crashes = status === 0 ? [] : [`jazzer.js ended with ${status}:\n${output.slice(-2_000)}`];
  return { target: `${target.name} (by coverage)`, inputs, crashes };
}

function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, args, { cwd: OUT, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, output }));
  });
}
