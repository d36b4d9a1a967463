/** Opens a crowd of real tabs against a coordinator, each a volunteer of its own, with faults from one seed. */
import type { Browser, Page } from "playwright";
import { NOT_STARTED, type SessionStatus } from "../../../client/session/session-status.ts";
import type { BackendName } from "../../../shared/compute/model-runtime.ts";
import { launchChromium } from "./browser.ts";
import { assignFaults } from "./fault-assignment.ts";
import type { Fault, FaultProfile } from "./fault-profile.ts";
import { printTabSettings, tabName } from "./tab-settings.ts";

export interface CrowdOptions {
  /** Origin of a coordinator that was started with --allow-faults. */
  readonly url: string;
  readonly tabs: number;
  readonly profile: FaultProfile;
  readonly seed: number;
  /** Tabs of another crowd are other volunteers. */
  readonly crowd: string;
  /** Of tab 0, 1, ...; the last one holds for all further tabs. null: the tab chooses. */
  readonly backends: readonly (BackendName | null)[];
  /** Whether tabs keep the names of the kernels that the model library ran (kernelsOf). */
  readonly reportsKernels?: boolean;
  /** Compute threads of each tab; by default one, for all tabs share this machine. */
  readonly threads?: number;
  /** In which it opens a window of its own; by default a browser of its own. */
  readonly browser?: Browser;
  /** To a T-private job: of tab 0, 1, ...; further tabs have none. */
  readonly invitations?: readonly string[];
  /** Codes from a sheet of seats: of tab 0, 1, ...; further tabs have none. */
  readonly seats?: readonly string[];
}

export interface CrowdTab {
  readonly tab: number;
  /** Its nickname in the coordinator's tables. */
  readonly name: string;
  readonly faults: readonly Fault[];
  readonly backend: BackendName | null;
  readonly page: Page;
}

export interface Crowd {
  readonly tabs: readonly CrowdTab[];
  /** Resolves once every tab is connected and has proved its key. @throws Error that names a tab that cannot, and why */
  connected(timeoutMs: number): Promise<void>;
  /** In the order of the tabs; null: that tab is gone. */
  status(): Promise<(SessionStatus | null)[]>;
  close(): Promise<void>;
}

const PAGE_LOAD_MS_MAX = 120_000;
const POLL_MS = 100;

/** @throws Error where Chromium does not start, or the coordinator does not serve the swarm's page */
export async function openCrowd(options: CrowdOptions): Promise<Crowd> {
  const { url, profile, seed, crowd, backends, reportsKernels = false, threads = 1 } = options;
  const { invitations = [], seats = [] } = options;
  const faultsOf = assignFaults(profile, options.tabs, seed);
  const browser = options.browser ?? (await launchChromium(options.tabs));
  // One context: the tabs share its process, and IndexedDB keeps a key pair for each.
  const context = await browser.newContext();
  const close = () => (options.browser === undefined ? browser.close() : context.close());
  try {
    const tabs: CrowdTab[] = [];
    for (const [tab, faults] of faultsOf.entries()) {
      const backend = backends[Math.min(tab, backends.length - 1)] ?? null;
      const page = await context.newPage();
      const invitation = invitations[tab] ?? null;
      const seat = seats[tab] ?? null;
      const query = printTabSettings({ tab, seed, crowd, faults, backend, threads, reportsKernels, invitation, seat });
      const address = new URL(`/swarm/swarm.html?${query}`, url);
      const response = await page.goto(address.href, { waitUntil: "domcontentloaded", timeout: PAGE_LOAD_MS_MAX });
      if (response?.status() !== 200) {
        const got = `status ${response?.status() ?? "unknown"}`;
        throw new Error(`crowd: expected ${url} to serve the swarm's page (--allow-faults), got ${got}`);
      }
      tabs.push({ tab, name: tabName({ crowd, tab }), faults, backend, page });
    }
    return {
      tabs,
      connected: (timeoutMs) => connected(tabs, timeoutMs),
      status: () => Promise.all(tabs.map(statusOf)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connected(tabs: readonly CrowdTab[], timeoutMs: number): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  for (const tab of tabs) {
    for (;;) {
      const status = await statusOf(tab);
      const kind = status?.activity.kind;
      if (kind === "waiting" || kind === "computing") break;
      if (status === null || kind === "broken" || kind === "refused" || kind === "upgrade-needed") {
        throw new Error(
          `crowd: expected "${tab.name}" to connect, got ${kind ?? "a closed tab"}: ${whatIsWrong(status)}`,
        );
      }
      if (performance.now() > endMs) {
        throw new Error(`crowd: expected "${tab.name}" to connect within ${timeoutMs} ms, but it is ${kind}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

function whatIsWrong(status: SessionStatus | null): string {
  const activity = status?.activity;
  return (activity !== undefined && "message" in activity ? activity.message : status?.lastError) ?? "no reason given";
}

async function statusOf({ page }: CrowdTab): Promise<SessionStatus | null> {
  if (page.isClosed()) return null;
  // As text: a function would carry the names that a compiler gave its parts. Null: the page's script has not run yet.
  return page.evaluate("window.paritabStatus ?? null").then(
    (status) => (status as SessionStatus | null) ?? NOT_STARTED,
    () => null,
  );
}

/** Of the latest batch of a tab that was opened with reportsKernels; null before any. */
export interface KernelReport {
  /** As tfjs's profiler tells them, with the back-end whose implementation ran: "wasm:_FusedMatMul". */
  readonly names: string[];
  /** Draw calls to WebGL meanwhile. */
  readonly drawCalls: number;
}

export async function kernelsOf({ page }: CrowdTab): Promise<KernelReport | null> {
  return page.evaluate("window.paritabKernels ?? null");
}
