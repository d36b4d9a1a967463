/** What a shell needs to complete `paritab`: commands, flags, and the choices of flags that have a few. Bash; zsh by its bashcompinit. */
import { COMMON_FLAGS, type Command, type Flag } from "./command.ts";

export const SHELLS = ["bash", "zsh"] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * @example
 * completionScript("bash", COMMANDS) // to be sourced: source <(paritab completion bash)
 */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const firsts = [...new Set([...commands.map(({ name }) => name.split(" ")[0]!), "help"])];
  const seconds = firsts.flatMap((first) => {
    const words = commands.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []));
    return words.length === 0 ? [] : [`    ${first}) words="${words.join(" ")}" ;;`];
  });
  // Names of two words first: "submit" is a command too.
  const longestFirst = commands.toSorted((a, b) => b.name.split(" ").length - a.name.split(" ").length);
  const flags = longestFirst.map((command) => {
    const names = Object.keys(flagsOf(command)).map((name) => `--${name}`);
    // A name of one word stands before anything.
    const pattern = command.name.includes(" ") ? `"${command.name}"` : `"${command.name} "*`;
    return `    ${pattern}) flags="${names.join(" ")}" ;;`;
  });
  const choices = new Map(commands.flatMap((command) => Object.entries(flagsOf(command)).flatMap(choicesOf)));
  const chosen = [...choices].map(([name, words]) => {
    return `    --${name}) COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current")); return ;;`;
  });
  return [
    ...(shell === "zsh" ? ["autoload -U +X compinit && compinit", "autoload -U +X bashcompinit && bashcompinit"] : []),
    "_paritab() {",
    `  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words="" flags=""`,
    "  COMPREPLY=()",
    '  case "$previous" in',
    ...chosen,
    "  esac",
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${firsts.join(" ")} --help --version" -- "$current")); return`,
    "  fi",
    `  if [ "$COMP_CWORD" -eq 2 ]; then case "\${COMP_WORDS[1]}" in`,
    ...seconds,
    "  esac; fi",
    `  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in`,
    ...flags,
    "  esac",
    '  case "$current" in',
    '    -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) ;;',
    '    *) [ -n "$words" ] && COMPREPLY=($(compgen -W "$words" -- "$current")) ;;',
    "  esac",
    "}",
    // What it says nothing of is a file.
    "complete -o default -F _paritab paritab",
    "",
  ].join("\n");
}

function flagsOf(command: Command): Readonly<Record<string, Flag>> {
  return { ...command.flags, ...("handOn" in command ? {} : COMMON_FLAGS) };
}

/** Of "first|verified|final"; what is in capitals stands for something else. */
function choicesOf([name, { value = "" }]: [string, Flag]): [string, string[]][] {
  return /^[a-z0-9-]+(\|[a-z0-9-]+)+$/.test(value) ? [[name, value.split("|")]] : [];
}
