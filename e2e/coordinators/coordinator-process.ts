/** A coordinator as operators run it: a process of its own, its settings as environment, its output kept. */
import { type ChildProcess, spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT_ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface CoordinatorProcess {
  readonly url: string;
  readonly pid: number;
  /** The first administrator's, where it was printed. */
  readonly adminToken: string | null;
  /** Everything that it has written so far. */
  output(): string;
  /** @returns its exit code, null where the signal ended it */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface ProcessOptions {
  readonly dataDirectory: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly port?: number;
  /** Of Node itself. */
  readonly nodeFlags?: readonly string[];
  /** No file may grow beyond this many KiB: what a full disk looks like. */
  readonly fileKibMax?: number;
  /** How long it may take until it listens; without it, as long as whoever asks. */
  readonly startMsMax?: number;
  /** It has begun to start: for whoever ends it before it listens, and has to be told what ended it. */
  readonly onSpawn?: (child: ChildProcess) => void;
}

export async function startProcess(options: ProcessOptions): Promise<CoordinatorProcess> {
  const { dataDirectory, environment = {}, flags = [], port = 0, fileKibMax } = options;
  const node = [
    process.execPath,
    ...(options.nodeFlags ?? []),
    "server/start.mjs",
    "--port",
    String(port),
    "--data-dir",
    dataDirectory,
  ];
  const command = [...node, ...flags];
  const [program, args] =
    fileKibMax === undefined
      ? [command[0]!, command.slice(1)]
      : ["bash", ["-c", `ulimit -S -f ${fileKibMax}; exec "$@"`, "bash", ...command]];
  const child = spawn(program, args, {
    cwd: PROJECT_ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  options.onSpawn?.(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  // Not its exit: what it said last may still be on its way.
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  await listening(child, () => output, options.startMsMax);
  return {
    url: /listens on (\S+)/.exec(output)![1]!,
    pid: child.pid!,
    adminToken: /shown this once: (\S+)/.exec(output)?.[1] ?? null,
    output: () => output,
    end(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

async function listening(child: ChildProcess, output: () => string, msMax?: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`coordinator: expected it to listen, ${why}\n${output()}`));
    const timer = msMax === undefined ? undefined : setTimeout(() => fail(`it did not within ${msMax} ms`), msMax);
    const look = () => {
      // The last line of what it says of itself: a token, where there is one, follows it in the same breath.
      if (!/submitters: \S+\n/.test(output())) return;
      clearTimeout(timer);
      setImmediate(resolve);
    };
    child.stdout!.on("data", look);
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(`it ended with ${code}`);
    });
  });
}
