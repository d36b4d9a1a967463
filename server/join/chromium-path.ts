import { existsSync } from "node:fs";

const SYSTEM_CHROMIUM = "/usr/bin/chromium";

/** PARITAB_CHROMIUM, the system's, or else Playwright's own (undefined). */
export function chromiumPath(): string | undefined {
  return process.env.PARITAB_CHROMIUM || (existsSync(SYSTEM_CHROMIUM) ? SYSTEM_CHROMIUM : undefined);
}
