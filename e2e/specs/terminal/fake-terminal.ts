/** A terminal that remembers what was written to it, for running commands in this process. */

import { runCli } from "../../../server/cli/cli.ts";
import type { ExitCode } from "../../../server/cli/exit-codes.ts";
import type { Terminal } from "../../../server/cli/terminal.ts";

export interface CliOutcome {
  readonly code: ExitCode;
  readonly out: string;
  readonly bytes: Buffer;
  /** What was said on stderr. */
  readonly said: string;
}

export interface CliWorld {
  readonly environment?: Record<string, string>;
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** To questions; absent: there is nobody to ask. */
  readonly answer?: string;
  readonly secret?: string | null;
  readonly signal?: AbortSignal;
  /** What is written goes to a terminal. */
  readonly showsOutput?: boolean;
  /** Called with each piece that is written. */
  onOut?(text: string): void;
  /** Called with each word on how far something is; absent: nobody looks at progress. */
  onProgress?(line: string): void;
  /** Called with each line that is said. */
  onSay?(line: string): void;
}

export async function cli(argv: readonly string[], world: CliWorld = {}): Promise<CliOutcome> {
  const pieces: Buffer[] = [];
  let said = "";
  const terminal: Terminal = {
    environment: world.environment ?? {},
    stdin: streamOf(world.stdin ?? ""),
    async out(text) {
      const piece = Buffer.from(text);
      pieces.push(piece);
      world.onOut?.(piece.toString());
    },
    say: (line) => {
      said += `${line}\n`;
      world.onSay?.(line);
    },
    showsOutput: world.showsOutput ?? false,
    showsProgress: world.onProgress !== undefined,
    progress: (line) => world.onProgress?.(line),
    ask: async (question) => {
      said += `${question}\n`;
      return world.answer ?? null;
    },
    askSecret: async () => world.secret ?? null,
    signal: world.signal ?? new AbortController().signal,
    nowMs: () => performance.now(),
  };
  const code = await runCli(argv, terminal);
  const bytes = Buffer.concat(pieces);
  return { code, out: bytes.toString(), bytes, said };
}

function streamOf(stdin: NonNullable<CliWorld["stdin"]>): AsyncIterable<Uint8Array> {
  if (typeof stdin !== "string" && !(stdin instanceof Uint8Array)) return stdin;
  const bytes = Buffer.from(stdin);
  return (async function* () {
    // In pieces that break lines and letters: that is how pipes come.
    for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
  })();
}
