/** What every simulated coordinator finds around it: no samples, no engines beyond inference, and tokens that a seed repeats. */
import { type CoordinatorSettings, SETTINGS_DEFAULT } from "../../../server/coordinator/state.ts";
import type { ShellOptions } from "../../../server/shell/coordinator-shell.ts";

/** Simulated coordinators crash several times a second, and their tabs are back within milliseconds. */
const COME_BACK_MS = 20;
/** They look at each other thirty times a second. */
const SHARE_KEPT_MS = 80;

export const SIMULATED_SETTINGS: CoordinatorSettings = {
  ...SETTINGS_DEFAULT,
  comeBackMs: COME_BACK_MS,
  shareKeptMs: SHARE_KEPT_MS,
};

/** @param nextToken counts tokens of all coordinators of a run */
export function shellSurroundings(nextToken: () => number) {
  const noSample = () => Promise.reject(new Error("the simulator has no samples"));
  return {
    makeToken: () => `token-${String(nextToken()).padStart(20, "0")}`,
    regressionSample: noSample,
    resolveSample: noSample,
    openEngine: () => {
      throw new Error("the simulator: expected inference jobs alone");
    },
    buildHash: "simulated",
    faultsAllowed: true,
  } satisfies Partial<ShellOptions>;
}
