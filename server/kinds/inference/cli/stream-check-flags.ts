/** How results of a stream are checked, as flags of the commands that open one or ask what it would cost. */
import type { Flag, FlagValues } from "../../../cli/command.ts";
import { UsageError } from "../../../cli/exit-codes.ts";

export const STREAM_CHECK_FLAGS: Readonly<Record<string, Flag>> = {
  "cross-checks": {
    help: "of a stream: volunteers check each other (default, but with --accept final); answers are final some thousand rows later, or at its end",
  },
  audits: {
    help: "of a stream: the coordinator computes a row of each batch at least; answers of volunteers with a record are final at once",
  },
};

/** @returns of the source of a stream; nothing where neither is given @throws UsageError where both are */
export function streamChecks(flags: FlagValues): { readonly crossChecks?: "no" | "yes" } {
  if (flags.has("audits") && flags.has("cross-checks"))
    throw new UsageError("--audits: expected no --cross-checks beside it");
  if (flags.has("audits")) return { crossChecks: "no" };
  return flags.has("cross-checks") ? { crossChecks: "yes" } : {};
}
