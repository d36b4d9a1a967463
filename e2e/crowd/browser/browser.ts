/** The Chromium that tabs of a crowd are opened in. */
import { type Browser, chromium } from "playwright";
import { chromiumPath } from "../../../server/join/chromium-path.ts";

/** Measured: near 124 tabs with a WebAssembly instance each, one renderer process gives no more. */
const TABS_PER_PROCESS_MAX = 100;

/**
 * The address bar's suggestions are pages of their own, two beside each window, and what they draw where nobody sees it took more processor time
 * than a page that computes nothing.
 */
const UNSEEN_PAGES = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"];

/** What Playwright 1.65 does without: of several such lists Chromium reads the last. */
const LIKE_PLAYWRIGHT = [
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsUpgrades",
  "HttpsFirstBalancedModeAutoEnable",
  "LensOverlay",
  "MediaRouter",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "TcpPortRandomizationWin",
  "OptimizationHints",
  "NetworkTimeServiceQuerying",
  "AimEnabled",
  "PreconnectToSearch",
];

const FLAGS = [
  // Containers have no user namespaces for the sandbox; the pages are our own.
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--disable-features=${[...LIKE_PLAYWRIGHT, ...UNSEEN_PAGES].join(",")}`,
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
