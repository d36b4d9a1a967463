/** One command: what it is called, what it takes, what it does. Help and parsing come from this description alone. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { CoordinatorNotes, ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { type ExitCode, UsageError } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

export interface Flag {
  /** What stands for the value in the help, e.g. "FILE"; absent: the flag takes none. */
  readonly value?: string;
  readonly help: string;
  readonly short?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
}

/** What the help says of a command. */
interface CommandText {
  /** One or two words: "submit inference". */
  readonly name: string;
  /** One line of the list of commands. */
  readonly summary: string;
  /** What stands behind the name, e.g. "JOB [--out FILE]". */
  readonly usage: string;
  /** A few sentences: what it does, what it prints. */
  readonly about: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Command line (without `paritab`) and what it is good for. */
  readonly examples: readonly (readonly [line: string, what: string])[];
}

/** Asks the coordinator, or works on files. */
export interface ClientCommand extends CommandText {
  /** At least and at most so many words that are no flags. */
  readonly words: readonly [least: number, most: number];
  run(call: Call): Promise<ExitCode>;
}

/** Starts another program of the project: everything behind the name is handed on as it is. */
export interface ProgramCommand extends CommandText {
  handOn(argv: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

export type Command = ClientCommand | ProgramCommand;

export interface Call {
  readonly terminal: Terminal;
  /** As it was typed, behind the program's name. */
  readonly argv: readonly string[];
  readonly words: readonly string[];
  readonly flags: FlagValues;
  readonly json: boolean;
  readonly url: string;
  /** Talks to the coordinator at `url`, with the token that was stored for it. */
  readonly client: ParitabClient;
  /** What was noted of coordinators, and of jobs when they began. */
  readonly notes: CoordinatorNotes;
}

export class FlagValues {
  readonly #values: Readonly<Record<string, string | boolean | string[] | undefined>>;
  constructor(values: Readonly<Record<string, string | boolean | string[] | undefined>>) {
    this.#values = values;
  }
  has(name: string): boolean {
    return this.#values[name] === true;
  }
  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }
  /** Of a flag that may be given more than once: as often as it was given. */
  texts(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value : [];
  }
  /** @throws UsageError where it is missing */
  required(name: string): string {
    return this.requiredAll([name])[name]!;
  }
  /** @throws UsageError that names all that are missing */
  requiredAll<Name extends string>(names: readonly Name[]): Readonly<Record<Name, string>> {
    const missing = names.filter((name) => this.text(name) === undefined).map((name) => `--${name}`);
    if (missing.length > 0) {
      const value = missing.length === 1 ? "a value" : "a value for each";
      throw new UsageError(`${missing.join(" and ")}: expected ${value}, got nothing`);
    }
    return Object.fromEntries(names.map((name) => [name, this.text(name)!])) as Record<Name, string>;
  }
  /** @throws UsageError that names each of the others that was given: nothing would come of it */
  refuseBeside(name: string, others: readonly string[]): void {
    const given = others.filter((other) => this.#isGiven(other)).map((other) => `no --${other}`);
    if (given.length > 0) throw new UsageError(`--${name}: expected ${given.join(" and ")} beside it`);
  }
  /** @throws UsageError that names each that was given: it means something beside that one alone */
  refuseWithout(name: string, others: readonly string[]): void {
    const given = others.filter((other) => this.#isGiven(other)).map((other) => `--${other}`);
    if (given.length > 0) throw new UsageError(`${given.join(" and ")}: expected --${name} beside it, got none`);
  }
  #isGiven(name: string): boolean {
    return this.has(name) || this.text(name) !== undefined || this.texts(name).length > 0;
  }
  /** @throws UsageError where it is not a whole number within the bounds */
  whole(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new UsageError(`--${name}: expected a whole number from ${least} to ${most}, got "${text}"`);
  }
  /** @throws UsageError where it is none of the choices */
  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const choice = choices.find((one) => one === text);
    if (choice !== undefined) return choice;
    throw new UsageError(`--${name}: expected ${choices.join(" or ")}, got "${text}"`);
  }
}

/** Every command has these. */
export const COMMON_FLAGS: Readonly<Record<string, Flag>> = {
  url: { value: "URL", help: "the coordinator's address; else PARITAB_URL, else the address of `paritab login`" },
  "coordinator-key": {
    value: "ID",
    help: "the coordinator's key, if you know it; else PARITAB_COORDINATOR_KEY, else the first key that it showed",
  },
  json: { help: "JSON instead of text for people: one object, or one object a line" },
  help: { short: "h", help: "this text" },
};

/** Programs take flags alone. */
const NO_WORDS = [0, 0] as const;

/** @throws UsageError where a flag is unknown, lacks its value, or words are too few or too many */
export function parseCommandLine(command: Command, argv: readonly string[]): { flags: FlagValues; words: string[] } {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  const isProgram = "handOn" in command;
  for (const [name, { value, short, multiple }] of Object.entries({
    ...(isProgram ? {} : COMMON_FLAGS),
    ...command.flags,
  })) {
    options[name] = {
      type: value === undefined ? "boolean" : "string",
      ...(short === undefined ? {} : { short }),
      ...(multiple === undefined ? {} : { multiple }),
    };
  }
  // A job id may begin with a minus: it is told from flags by its length.
  const isId = (arg: string) => /^-[\w-]{23}$/.test(arg) && !(arg.slice(2) in options);
  const ids = argv.filter(isId);
  const args = ids.length === 0 ? [...argv] : [...argv.filter((arg) => !isId(arg)), "--", ...ids];
  let parsed: ReturnType<typeof parseArgs>;
  try {
    const { tokens, ...rest } = parseArgs({ args, options, allowPositionals: true, tokens: true });
    parsed = rest;
    requireOnce(
      tokens.flatMap((token) => (token.kind === "option" ? [token.name] : [])),
      options,
    );
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // Its first sentence names the flag; the rest is advice about quoting.
    const message = (error as Error).message.split(/\.\s/)[0]!;
    throw new UsageError(`${message}${adviceOn(message, Object.keys(options))}`);
  }
  const { values, positionals } = parsed;
  const [least, most] = isProgram ? NO_WORDS : command.words;
  const flags = new FlagValues(values as ConstructorParameters<typeof FlagValues>[0]);
  if (!flags.has("help") && (positionals.length < least || positionals.length > most)) {
    const got = positionals.length === 0 ? "nothing" : positionals.map((word) => `"${word.slice(0, 80)}"`).join(" ");
    const expected = most === 0 ? "nothing but flags" : wordsOf(command);
    throw new UsageError(`expected ${expected} behind \`paritab ${command.name}\`, got ${got}`);
  }
  return { flags, words: positionals };
}

/** @throws UsageError that names what was given again: nothing would come of the first one */
function requireOnce(given: readonly string[], options: NonNullable<ParseArgsConfig["options"]>): void {
  const again = given.filter((name, i) => options[name]?.multiple !== true && given.indexOf(name) < i);
  if (again.length === 0) return;
  const names = [...new Set(again)].map((name) => `--${name}`).join(" and ");
  throw new UsageError(`${names}: expected once, got ${again.length === 1 ? "twice" : "several times"}`);
}

/** The words that stand first in how it is used: JOB, or NAME FOLDER. */
function wordsOf({ usage }: Command): string {
  return usage.replace(/ (\[|--).*$/, "");
}

/** What to write instead: the flag that was likely meant, or a value that begins with a minus. */
function adviceOn(message: string, flags: readonly string[]): string {
  const name = /'(?:-\w, )?--([\w-]+)/.exec(message)?.[1];
  if (name === undefined) return "";
  if (message.includes("ambiguous")) return `; write --${name}=VALUE where the value begins with a minus`;
  if (!message.startsWith("Unknown option")) return "";
  // A word of a flag's name is nearer than any other flag: --count for --sample-count.
  const distanceTo = (flag: string) => (flag.split("-").includes(name) ? 0 : editsBetween(name, flag));
  const near = flags.map((flag) => ({ flag, edits: distanceTo(flag) })).sort((a, b) => a.edits - b.edits)[0];
  return near !== undefined && near.edits <= EDITS_MAX ? `; did you mean --${near.flag}?` : "";
}

const EDITS_MAX = 2;

/** Levenshtein's distance: letters to insert, to leave out or to replace. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (from[i] === to[j] ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1)!;
}
