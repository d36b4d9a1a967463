/** The Chromium that tabs of a crowd are opened in. */
import { type Browser, chromium } from "playwright";
import { chromiumPath } from "../../../server/join/chromium-path.ts";

/** Measured: near 124 tabs with a WebAssembly instance each, one renderer process gives no more. */
const TABS_PER_PROCESS_MAX = 100;

const FLAGS = [
  // Containers have no user namespaces for the sandbox; the pages are our own.
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // WebGL without a graphics card.
  "--enable-unsafe-swiftshader",
  // WebGPU without one.
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];

/** What Playwright is to start it with. @param tabCount up to a hundred share one renderer process, which saves memory */
export function chromiumOptions(tabCount: number) {
  const executablePath = chromiumPath();
  return {
    headless: true,
    args: tabCount <= TABS_PER_PROCESS_MAX ? [...FLAGS, "--process-per-site"] : FLAGS,
    ...(executablePath === undefined ? {} : { executablePath }),
  };
}

/** @throws Error that says what to do where no Chromium starts */
export async function launchChromium(tabCount: number): Promise<Browser> {
  const options = chromiumOptions(tabCount);
  try {
    // Whoever opened it closes it, also on Ctrl-C: a crowd is told apart from its coordinator by who goes first.
    return await chromium.launch({ ...options, handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false });
  } catch (error) {
    const tried = options.executablePath ?? "Playwright's own";
    const advice = "set PARITAB_CHROMIUM to one, or run `npx playwright install --with-deps chromium`";
    throw new Error(`chromium: expected ${tried} to start, got ${firstLine(error)}; ${advice}`, { cause: error });
  }
}

function firstLine(error: unknown): string {
  return String((error as Error).message ?? error).split("\n")[0]!;
}
