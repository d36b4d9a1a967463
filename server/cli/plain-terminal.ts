/** The terminal as commands get it: whatever they print, and whosever words those are, nothing of it steers the terminal. */
import { plainLines, plainText } from "../../shared/protocol/plain-text.ts";
import type { Terminal } from "./terminal.ts";

/** Bytes for a pipe or a file are left as they are: they are data there. */
export function plainTerminal(terminal: Terminal): Terminal {
  // Bytes may be cut within a letter.
  const decoder = new TextDecoder();
  const textOf = (text: string | Uint8Array) =>
    typeof text === "string" ? text : decoder.decode(text, { stream: true });
  return {
    ...terminal,
    out: terminal.showsOutput ? (text) => terminal.out(plainLines(textOf(text))) : (text) => terminal.out(text),
    say: (line) => terminal.say(plainLines(line)),
    progress: (line) => terminal.progress(plainText(line)),
    ask: (question) => terminal.ask(plainLines(question)),
    askSecret: (question) => terminal.askSecret(plainLines(question)),
  };
}
