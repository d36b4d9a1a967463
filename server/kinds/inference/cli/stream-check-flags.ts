/** How results of a stream are checked, as flags of the commands that open one or ask what it would cost. */
import type { Flag, FlagValues } from "../../../cli/command.ts";
import { UsageError } from "../../../cli/exit-codes.ts";

export const STREAM_CHECK_FLAGS: Readonly<Record<string, Flag>> = {
  "cross-checks": {
    help: "of a stream in rounds (PARITAB_ROW_LEDGER=off): volunteers check each other",
  },
  audits: {
    help: "of a stream: answers are final once all that was sent is answered (default with --accept final); the coordinator computes more rows",
  },
};

/** @returns of the source of a stream; nothing where neither is given @throws UsageError where both are */
export function streamChecks(flags: FlagValues): { readonly crossChecks?: "no" | "yes" } {
  if (flags.has("audits") && flags.has("cross-checks"))
    throw new UsageError("--audits: expected no --cross-checks beside it");
  if (flags.has("audits")) return { crossChecks: "no" };
  return flags.has("cross-checks") ? { crossChecks: "yes" } : {};
}
