/** Whoever wants no trial on this computer before a job is submitted says so. */
import type { Flag, FlagValues } from "../command.ts";

const NO_TRIAL = "no-trial";

export const HOME_TRIAL_FLAGS: Readonly<Record<string, Flag>> = {
  [NO_TRIAL]: { help: "do not measure first, for about a second, what this computer alone would need" },
};

/** @returns in the place of a measurement: why there is none; null: there is to be one */
export function whyNoTrial(flags: FlagValues): string | null {
  return flags.has(NO_TRIAL) ? `--${NO_TRIAL}` : null;
}
