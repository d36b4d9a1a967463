/** Help is text that is made from the commands' descriptions. */
import { COMMON_FLAGS, type Command, type Flag } from "./command.ts";
import { EXIT_MEANINGS } from "./exit-codes.ts";

const WIDTH = 96;

export function helpOf(command: Command): string {
  const flags = Object.entries({ ...command.flags, ...("handOn" in command ? {} : COMMON_FLAGS) });
  return [
    `usage: paritab ${command.name} ${command.usage}`.trimEnd(),
    "",
    wrapped(command.about, ""),
    "",
    ...(flags.length === 0 ? [] : ["flags:", ...flags.map(([name, flag]) => flagLine(name, flag)), ""]),
    "examples:",
    ...command.examples.flatMap(([line, what]) => [`  # ${what}`, `  ${line}`]),
    "",
  ].join("\n");
}

export function helpOfAll(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    "usage: paritab COMMAND [...]",
    "",
    "Spreads machine-learning work over browser tabs that nobody has to trust.",
    "",
    "commands:",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    `  ${"--version".padEnd(width)}  which version this is`,
    `  ${"help COMMAND".padEnd(width)}  all about one command; also \`help exit-codes\``,
    "",
    "`paritab COMMAND --help` tells what a command takes, with examples. Answers go to stdout, everything else to stderr.",
    "",
  ].join("\n");
}

export function helpOfExitCodes(): string {
  return `exit codes:\n${EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`).join("\n")}\n`;
}

function flagLine(name: string, { value, help, short }: Flag): string {
  const left = `  ${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  const text = wrapped(help, " ".repeat(28), WIDTH);
  return left.length <= 26 ? `${left.padEnd(28)}${text.trimStart()}` : `${left}\n${text}`;
}

/** Breaks at spaces; a line break in the text stays. */
function wrapped(text: string, indent: string, width = WIDTH): string {
  return text
    .split("\n")
    .flatMap((paragraph) => {
      const lines: string[] = [];
      let line = "";
      for (const word of paragraph.split(" ")) {
        if (line !== "" && indent.length + line.length + 1 + word.length > width) {
          lines.push(line);
          line = word;
        } else line = line === "" ? word : `${line} ${word}`;
      }
      return [...lines, line];
    })
    .map((line) => `${indent}${line}`.trimEnd())
    .join("\n");
}
