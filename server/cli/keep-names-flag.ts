/** What stays with a job of what its submitter's files are called, and how it was asked for. */
import { ASKED_BYTES_MAX, ASKED_WORDS_MAX } from "../../shared/protocol/limits.ts";
import type { Call, Flag, FlagValues } from "./command.ts";

export const KEEP_NAMES_FLAG: Readonly<Record<string, Flag>> = {
  "keep-names": {
    value: "yes|no",
    help: "no: names of files, texts, labels and this command line stay on this machine; elsewhere answers are numbers (default: they stay with the job, for whoever may read it)",
  },
};

export function keepsNames(flags: FlagValues): boolean {
  return flags.oneOf("keep-names", ["yes", "no"]) !== "no";
}

/** Where and as whom it was asked is nobody's business, and no use elsewhere. */
const LEFT_OUT = ["--url", "--coordinator-key"];

/** @returns the command line as it was typed, for the submission; nothing where it is not to stay with the job, or is too long */
export function askedOf({ argv, flags }: Pick<Call, "argv" | "flags">): { asked?: string[] } {
  if (!keepsNames(flags)) return {};
  const words: string[] = ["paritab"];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (LEFT_OUT.includes(word)) at++;
    else if (!LEFT_OUT.some((flag) => word.startsWith(`${flag}=`))) words.push(word);
  }
  const fits = words.length <= ASKED_WORDS_MAX && JSON.stringify(words).length <= ASKED_BYTES_MAX;
  return fits ? { asked: words } : {};
}
