/** How results of a stream are checked, as a flag of the commands that open one or ask what it would cost. */
import type { Flag, FlagValues } from "../../../cli/command.ts";

export const STREAM_CHECK_FLAGS: Readonly<Record<string, Flag>> = {
  audits: {
    help: "of a stream: answers are final once all that was sent is answered (default with --accept final); the coordinator computes more rows",
  },
};

/** @returns of the source of a stream; nothing where it is not given */
export function streamChecks(flags: FlagValues): { readonly crossChecks?: "no" } {
  return flags.has("audits") ? { crossChecks: "no" } : {};
}
