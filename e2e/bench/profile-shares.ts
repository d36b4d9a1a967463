/** What the threads of a process did, by V8's own samples: `node --cpu-prof` leaves a file for each of them. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  /** Of the monotonic clock, in microseconds. */
  readonly startTime: number;
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** The first that fits. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ["models (WebAssembly)", /^wasm:|tfjs|onnxruntime|xnnpack/],
  ["messages, read and written", /socket\.io-parser|zod|shared\/protocol|shared\/kinds/],
  ["HTTP", /fastify|find-my-way|helmet|node:_http|prom-client|pino/],
  ["sockets", /socket\.io|engine\.io|[/\\]ws[/\\]|node:internal\/stream|node:net/],
  ["database", /better-sqlite3|node:sqlite|kysely|server\/store/],
  ["between threads", /piscina|comlink|node:internal\/worker/],
  ["decisions", /server\/coordinator\/|kinds\/[a-z]+\/core\//],
  ["numerics", /server\/numerics|shared\/coding|shared\/verify|kinds\/[a-z]+\/engine\//],
  ["hashes and signatures", /node:internal\/crypto|noble|shared\/receipts/],
  ["desk, shell, web", /server\//],
  ["loading of code", /node:internal\/modules|tsx|esbuild/],
];

/** From when to when, by the monotonic clock of the machine. */
export type ClockSpan = readonly [fromMicros: number, toMicros: number];

/**
 * @param spans what lies outside of them is left out; null: nothing is
 * @returns shares of what was not idle, the largest first
 */
export async function profileShares(
  directory: string,
  spans: readonly ClockSpan[] | null = null,
): Promise<{ readonly part: string; readonly share: number }[]> {
  const spent = new Map<string, number>();
  for (const name of (await readdir(directory)).filter((file) => file.endsWith(".cpuprofile"))) {
    const profile = JSON.parse(await readFile(join(directory, name), "utf8")) as CpuProfile;
    const partOf = new Map(profile.nodes.map(({ id, callFrame }) => [id, partOfFrame(callFrame)]));
    let atMicros = profile.startTime;
    profile.samples.forEach((id, i) => {
      atMicros += profile.timeDeltas[i]!;
      const isWithin = spans === null || spans.some(([from, to]) => atMicros >= from && atMicros <= to);
      const part = isWithin ? partOf.get(id) : null;
      if (part != null) spent.set(part, (spent.get(part) ?? 0) + profile.timeDeltas[i]!);
    });
  }
  const total = [...spent.values()].reduce((sum, micros) => sum + micros, 0);
  if (total === 0) throw new Error(`profileShares: expected profiles in ${directory}, got none with a sample`);
  return [...spent].map(([part, micros]) => ({ part, share: micros / total })).sort((a, b) => b.share - a.share);
}

/** @returns null: nothing was done */
function partOfFrame({ functionName, url }: CpuProfile["nodes"][number]["callFrame"]): string | null {
  if (functionName === "(idle)" || functionName === "(root)") return null;
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "(program)") return "native code";
  return PARTS.find(([, pattern]) => pattern.test(url))?.[0] ?? (url === "" ? "native code" : "other");
}
