/** What a command sees of the world around it: three streams, the environment, and whether somebody wants it to stop. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Resolves once there is room for more. @throws ReaderGoneError where nobody reads any more (`| head`) */
  out(text: string | Uint8Array): Promise<void>;
  /** Does `out` write to a terminal, and not into a pipe or a file? */
  readonly showsOutput: boolean;
  /** One line for people; never part of what a pipe carries. */
  say(line: string): void;
  /** Is there somebody to look at progress? */
  readonly showsProgress: boolean;
  /** Overwrites its last line on a terminal, and is silent elsewhere. */
  progress(line: string): void;
  /** Asks a question; null where there is nobody to ask. */
  ask(question: string): Promise<string | null>;
  /** The same for something that is not shown while it is typed. */
  askSecret(question: string): Promise<string | null>;
  /** Aborted by the first signal to end (Ctrl-C, SIGTERM), and where nobody reads the output any more. */
  readonly signal: AbortSignal;
  nowMs(): number;
}

/** SIGTERM came: somebody else than who sits at the terminal ends the command. */
export class TerminatedError extends Error {
  override readonly name = "TerminatedError";
  constructor() {
    super("terminated");
  }
}

/** The other end of the pipe was closed: nothing is wrong, there is just nobody to write for. */
export class ReaderGoneError extends Error {
  override readonly name = "ReaderGoneError";
  constructor() {
    super("nobody reads the output any more");
  }
}
