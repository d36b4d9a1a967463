/**
 * `npm run proofs -- --only journeys`: how many files a reader meets on three journeys, one job each: product files of `shared`
 * and `server` of which more functions ran than in a coordinator with the same tabs and no job. Threads and processes count.
 * It fails where a journey has become longer than it was. `-- --list NAME` prints the files.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** Files, at most. */
const JOURNEYS = { inference: 245, product: 175, submission: 170 };
export type JourneyName = keyof typeof JOURNEYS | "idle";

const PROJECT = fileURLToPath(new URL("../../../", import.meta.url));
const COUNTED = /^(shared|server)\//;

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
    }[];
  }[];
}

/** Calls of functions by file, without the one that loads it. */
function callsOf(journey: JourneyName): Map<string, number> {
  const folder = mkdtempSync(join(tmpdir(), "paritab-journey-"));
  try {
    const program = fileURLToPath(new URL("journey.ts", import.meta.url));
    const env = { ...process.env, NODE_V8_COVERAGE: folder };
    const { status } = spawnSync(process.execPath, ["--import", "tsx", program, journey], { env, stdio: "inherit" });
    if (status !== 0) throw new Error(`the journey "${journey}" ended with ${status}`);
    const calls = new Map<string, number>();
    for (const name of readdirSync(folder)) {
      const { result } = JSON.parse(readFileSync(join(folder, name), "utf8")) as Coverage;
      for (const { url, functions } of result) {
        if (!url.startsWith("file:")) continue;
        const file = relative(PROJECT, fileURLToPath(url));
        if (!COUNTED.test(file)) continue;
        const own = functions.flatMap(({ ranges: [whole] }) => (whole!.startOffset === 0 ? [] : whole!.count));
        calls.set(
          file,
          own.reduce((sum, count) => sum + count, calls.get(file) ?? 0),
        );
      }
    }
    return calls;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: { list: { type: "string" } } });
const idle = callsOf("idle");
for (const [name, filesMax] of Object.entries(JOURNEYS) as [keyof typeof JOURNEYS, number][]) {
  const files = [...callsOf(name)].flatMap(([file, calls]) => (calls > (idle.get(file) ?? 0) ? file : [])).sort();
  console.log(`${name}: ${files.length} files, at most ${filesMax}`);
  if (values.list === name) console.log(files.join("\n"));
  if (files.length > filesMax) process.exitCode = 1;
}
