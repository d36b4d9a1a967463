/** The terminal of this process. */
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { EXIT, exitCodeOfSignal } from "./exit-codes.ts";
import { interruptible } from "./interruptible.ts";
import { ReaderGoneError, type Terminal, TerminatedError } from "./terminal.ts";

/** Longer than any last word to a coordinator takes (SDK_LAST_WORD_MS_MAX, to submit and to cancel). */
const ENDING_MS_MAX = 6_000;

export function nodeTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const interrupted = new AbortController();
  process.once("SIGINT", () => {
    interrupted.abort(new Error("interrupted"));
    // Whoever presses it again means it.
    process.once("SIGINT", () => process.exit(EXIT.interrupted));
  });
  process.once("SIGTERM", () => interrupted.abort(new TerminatedError()));

  // The first signal ends a command, whatever it may be held up by.
  const { signal } = interrupted;
  signal.addEventListener("abort", () =>
    setTimeout(() => process.exit(exitCodeOfSignal(signal)), ENDING_MS_MAX).unref(),
  );

  let readerGone = false;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    readerGone = true;
    interrupted.abort(new ReaderGoneError());
  });

  let hasProgress = false;
  const clear = () => {
    if (hasProgress) stderr.write("\r\x1b[K");
    hasProgress = false;
  };
  return {
    environment: env,
    stdin: interruptible(stdin, signal),
    async out(text) {
      if (readerGone) throw new ReaderGoneError();
      if (stdout.isTTY) clear();
      if (!stdout.write(text)) await Promise.race([once(stdout, "drain"), once(stdout, "error")]);
    },
    say(line) {
      clear();
      stderr.write(`${line}\n`);
    },
    showsProgress: stderr.isTTY === true,
    progress(line) {
      if (!stderr.isTTY) return;
      clear();
      stderr.write(line.slice(0, (stderr.columns || 80) - 1));
      hasProgress = true;
    },
    askSecret: async (question) => (stdin.isTTY ? askHidden(question, signal) : null),
    signal,
    nowMs: () => performance.now(),
  };
}

/** The terminal echoes nothing: readline writes into the void, and the question goes out by hand. */
async function askHidden(question: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // readline takes Ctrl-C out of the terminal's hands.
  lines.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    const [answer] = (await once(lines, "line", { signal })) as [string];
    return answer;
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
