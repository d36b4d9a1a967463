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
    showsOutput: stdout.isTTY === true,
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
    ask: async (question) => (stdin.isTTY ? lineTyped(stderr, question, signal) : null),
    askSecret: async (question) => (stdin.isTTY ? hiddenAnswerTo(question, signal) : null),
    signal,
    nowMs: () => performance.now(),
  };
}

/** The terminal echoes nothing: readline writes into the void, and the question goes out by hand. */
async function hiddenAnswerTo(question: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    return await lineTyped(nowhere, "", signal);
  } finally {
    process.stderr.write("\n");
  }
}

/** @param echo where readline shows the prompt and what is typed. @returns what stands before Ctrl-D where no line was ended */
async function lineTyped(echo: Writable, prompt: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: echo, prompt, terminal: true });
  // readline takes Ctrl-C out of the terminal's hands.
  lines.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    lines.prompt();
    const [answer = ""] = (await Promise.race([once(lines, "line", { signal }), once(lines, "close", { signal })])) as [
      string?,
    ];
    return answer;
  } finally {
    lines.close();
  }
}
