import type { ClientCommand, Command } from "../command.ts";
import { completionScript, SHELLS } from "../completion-script.ts";
import { EXIT, UsageError } from "../exit-codes.ts";

/** @param commands all of them, itself among them */
export const completion = (commands: () => readonly Command[]): ClientCommand => ({
  name: "completion",
  summary: "print a script that lets a shell complete this command",
  usage: "bash|zsh",
  about: "Commands, flags, and the choices of flags that have a few. Everything else completes as a file.",
  flags: {},
  words: [1, 1],
  examples: [
    ["source <(paritab completion bash)", "for this shell; put it into ~/.bashrc for all new shells"],
    ["source <(paritab completion zsh)", "the same in ~/.zshrc"],
  ],
  async run({ terminal, words: [given] }) {
    const shell = SHELLS.find((one) => one === given);
    if (shell === undefined) throw new UsageError(`expected ${SHELLS.join(" or ")}, got "${given}"`);
    await terminal.out(completionScript(shell, commands()));
    return EXIT.ok;
  },
});
