/** The runtimes whose models lie on the Hub. */
import type { HubRules, RuntimeDescription } from "../compute/runtimes/runtime-description.ts";
import { RUNTIMES } from "../compute/runtimes/runtimes.ts";

export type HubRuntime = RuntimeDescription & { readonly hub: HubRules };

export const HUB_RUNTIMES = RUNTIMES.filter((runtime): runtime is HubRuntime => runtime.hub !== undefined);

/** Where models lie in folders of the Hub, in words. */
export const HUB_PLACES = HUB_RUNTIMES.flatMap(({ hub }) => hub.places).join(" or ");
