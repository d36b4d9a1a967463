/** From a command line to an exit code. */
import { readFileSync } from "node:fs";
import { currentKind } from "../../shared/kinds/kinds.ts";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";
import { type Command, parseCommandLine } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { EXIT, type ExitCode, exitCodeOf, exitCodeOfSignal, UsageError } from "./exit-codes.ts";
import { helpOf, helpOfAll, helpOfExitCodes } from "./help.ts";
import { keyGiven, notesInFolder } from "./noted-coordinators.ts";
import { requireOutPlaces } from "./outputs/out-place.ts";
import { waitingNotice } from "./outputs/waiting-notice.ts";
import { plainTerminal } from "./plain-terminal.ts";
import { whereTo } from "./settings.ts";
import { ReaderGoneError, type Terminal } from "./terminal.ts";

/** @param argv what stands behind the program's name */
export async function runCli(argv: readonly string[], world: Terminal): Promise<ExitCode> {
  const terminal = plainTerminal(world);
  try {
    return await run(argv, terminal);
  } catch (error) {
    // `paritab ... | head` is no error; Ctrl-C is one only for whoever asks for the code.
    if (error instanceof ReaderGoneError || terminal.signal.reason instanceof ReaderGoneError) return EXIT.ok;
    if (terminal.signal.aborted) return exitCodeOfSignal(terminal.signal);
    const code = exitCodeOf(error);
    explain(error, code, argv, terminal);
    return code;
  }
}

async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  if (argv.length === 0 || ["--help", "-h"].includes(argv[0]!)) {
    await terminal.out(helpOfAll(COMMANDS));
    return argv.length === 0 ? EXIT.usage : EXIT.ok;
  }
  if (argv[0] === "--version") {
    await terminal.out(`${version()}\n`);
    return EXIT.ok;
  }
  if (argv[0] === "help") return help(argv.slice(1), terminal);
  const { command, rest } = commandOf(argv);
  if ("handOn" in command) {
    const wantsHelp = rest.includes("--help") || rest.includes("-h");
    if (wantsHelp) return help(command.name.split(" "), terminal);
    // Before packages are installed, or pages built.
    parseCommandLine(command, rest);
    return command.handOn(rest, terminal);
  }
  const { flags, words } = parseCommandLine(command, rest);
  if (flags.has("help")) return help(command.name.split(" "), terminal);
  await requireOutPlaces(command, flags);
  const { url, token } = await whereTo(terminal.environment, flags.text("url"));
  const notes = notesInFolder(terminal.environment);
  const coordinatorKey = keyGiven(flags.text("coordinator-key"), terminal.environment);
  const client = createParitabClient({
    ...{ baseUrl: url, token, notes, coordinatorKey },
    onWaiting: waitingNotice(terminal),
    onNoteLost: ({ message }) => terminal.say(`paritab: ${message}; \`paritab verify\` will have less to compare with`),
  });
  return command.run({ terminal, argv, words, flags, json: flags.has("json"), url, client, notes });
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return version;
}

async function help(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  if (words.length === 0) await terminal.out(helpOfAll(COMMANDS));
  else if (words[0] === "exit-codes") await terminal.out(helpOfExitCodes());
  else {
    const whole = COMMANDS.find(({ name }) => name === words.join(" "));
    await terminal.out(helpOf(whole ?? commandOf(words).command));
  }
  return EXIT.ok;
}

/** @throws UsageError that names the commands which begin alike */
function commandOf(argv: readonly string[]): { command: Command; rest: readonly string[] } {
  const alike = COMMANDS.map(({ name }) => name).filter((name) => name.startsWith(`${argv[0]} `));
  for (const length of [2, 1]) {
    const name = argv.slice(0, length).map(currentKind).join(" ");
    const command = COMMANDS.find((one) => one.name === name);
    // `paritab submit FLAGS` is a command, `paritab submit everything` one of two words that is misspelt.
    const isMisspelt = command?.name === argv[0] && alike.length > 0 && argv[1]?.startsWith("-") !== true;
    if (command !== undefined && !isMisspelt) return { command, rest: argv.slice(length) };
  }
  const itself = COMMANDS.some(({ name }) => name === argv[0]) ? [`${argv[0]} with flags`] : [];
  const expected = alike.length > 0 ? [...itself, ...alike].join(" or ") : "a command (`paritab help` lists them)";
  throw new UsageError(`expected ${expected}, got "${argv.slice(0, 2).join(" ")}"`);
}

function explain(error: unknown, code: ExitCode, argv: readonly string[], terminal: Terminal): void {
  const message = error instanceof Error ? error.message : String(error);
  if (argv.includes("--json")) {
    const name =
      error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : nameOf(code);
    terminal.say(JSON.stringify({ error: { code: name, message, exitCode: code } }));
    return;
  }
  terminal.say(`paritab: ${message}`);
  if (code === EXIT.usage) terminal.say(usageOf(argv));
  if (code === EXIT.notAllowed) terminal.say("`paritab login` stores a token");
  if (code === EXIT.internal && error instanceof Error) terminal.say(error.stack ?? "");
}

/** How the command that was meant is used; where none is to be seen, where to read on. */
function usageOf(argv: readonly string[]): string {
  const named = COMMANDS.filter(({ name }) => name === argv.slice(0, name.split(" ").length).join(" "));
  // "submit inference" before "submit"
  const command = named.sort((a, b) => b.name.length - a.name.length)[0];
  if (command === undefined) return "`paritab help` lists the commands; flags come after the command";
  const usage = `usage: paritab ${command.name} ${command.usage}`.trimEnd();
  return `${usage}\n\`paritab ${command.name} --help\` tells more`;
}

function nameOf(code: ExitCode): string {
  const entry = Object.entries(EXIT).find(([, value]) => value === code);
  return entry![0].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
