/** Files that each thread needs for its calibration come while the session still looks for its key, and all at the same time. */
import { loadLibrary } from "../../shared/compute/runtimes/start-runtimes.ts";
import { tfjs } from "../../shared/compute/runtimes/tfjs/tfjs.ts";
import { assetsInBrowser, usualAsset } from "./runtime-assets.ts";

/** What cannot be fetched now is asked for again by whoever needs it, who says then what is wrong. */
export function fetchAhead(): void {
  loadLibrary(tfjs.name).catch(() => undefined);
  intoCache().catch(() => undefined);
}

/** Of the browser, where the library finds it. */
async function intoCache(): Promise<void> {
  const address = usualAsset(await assetsInBrowser(tfjs.name));
  if (address !== undefined) await (await fetch(address)).arrayBuffer();
}
