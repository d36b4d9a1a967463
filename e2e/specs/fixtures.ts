/** What the browser tests share: a coordinator of their own, on a free port with an empty data folder, and crowds. */
import { readFile } from "node:fs/promises";
import { type Browser, test as base, expect, type Page } from "@playwright/test";
import type { InferenceJobView } from "../../shared/kinds/inference/job-view.ts";
import { createParitabClient, type ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { CoordinatorHost } from "../coordinators/coordinator-host.ts";
import { launchChromium } from "../crowd/browser/browser.ts";
import { parseFaultProfile } from "../crowd/browser/fault-profile.ts";
import { type Crowd, type CrowdOptions, openCrowd } from "../crowd/browser/open-crowd.ts";
import { coordinatorState } from "./coordinator-state.ts";
import { type Device, deviceOf, ignorePressure } from "./device.ts";

const CONNECT_MS_MAX = 120_000;
/** Of one crowd; such a crowd's tabs share a process. */
const TABS_MAX = 20;

/** A coordinator that nobody else has, and that can be killed as a power cut would. */
export interface CoordinatorUnderTest {
  /** On localhost; the same after a restart. */
  readonly url: string;
  readonly client: ParitabClient;
  /** kill -9, then a new process on the same port and data. */
  restart(): Promise<void>;
  /** Of a test that failed: how the coordinator stands now is told beside the error. The first note counts. */
  noteState(): Promise<void>;
}

export interface CrowdRequest extends Partial<Omit<CrowdOptions, "url" | "profile">> {
  readonly tabs: number;
  readonly profile?: string;
}

interface Fixtures {
  /** test.use({ allowFaults: false }) starts it as operators do. */
  allowFaults: boolean;
  /** Settings of the coordinator, as operators give them. */
  environment: Readonly<Record<string, string>>;
  coordinator: CoordinatorUnderTest;
  /** Whether the volunteer's rule about busy machines is on, as it is by default. */
  mindsPressure: boolean;
  device: Device;
  /** Resolves once all of them have answered their probe. */
  openTabs(request: CrowdRequest): Promise<Crowd>;
}

interface WorkerFixtures {
  coordinators: CoordinatorHost;
  /** In which crowds are opened, each in a window of its own with its own keys. */
  crowdBrowser: Browser;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  allowFaults: [true, { option: true }],
  environment: [{}, { option: true }],
  mindsPressure: [false, { option: true }],

  page: async ({ page, mindsPressure }, use) => {
    if (!mindsPressure) await ignorePressure(page);
    await use(page);
  },

  device: async ({ page }, use) => {
    const device = await deviceOf(page);
    await use(device);
    await device.end();
  },

  coordinators: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it which fixtures are wanted.
    async ({}, use) => {
      const coordinators = new CoordinatorHost();
      await use(coordinators);
      await coordinators.close();
    },
    { scope: "worker" },
  ],

  crowdBrowser: [
    // biome-ignore lint/correctness/noEmptyPattern: as above.
    async ({}, use) => {
      const browser = await launchChromium(TABS_MAX);
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],

  coordinator: async ({ allowFaults, environment, coordinators }, use, testInfo) => {
    const { url, restart, end } = await coordinators.start({
      flags: allowFaults ? ["--allow-faults"] : [],
      environment: { PARITAB_LOG_LEVEL: "error", ...environment },
    });
    const client = createParitabClient({ baseUrl: url });
    let state: string | null = null;
    const noteState = async () => {
      if (testInfo.status !== testInfo.expectedStatus) state ??= await coordinatorState(client);
    };
    await use({ url, client, restart, noteState });
    await noteState();
    await end();
    // The test's own error stands before this one.
    if (state !== null) throw new Error(`The coordinator as the test failed:\n${state}`);
  },

  openTabs: async ({ coordinator, crowdBrowser }, use) => {
    const crowds: Crowd[] = [];
    await use(async ({ profile = "honest", ...request }) => {
      const crowd = await openCrowd({
        url: coordinator.url,
        profile: parseFaultProfile(profile),
        seed: 1,
        crowd: `spec-${crowds.length}`,
        backends: ["wasm"],
        browser: crowdBrowser,
        ...request,
      });
      crowds.push(crowd);
      await crowd.connected(CONNECT_MS_MAX);
      await expect.poll(() => readyTabs(coordinator.client, crowd)).toBe(request.tabs);
      return crowd;
    });
    await coordinator.noteState();
    for (const crowd of crowds) await crowd.close();
  },
});

export { digits, forOneTab } from "./digits.ts";
export { expect };

async function readyTabs(client: ParitabClient, crowd: Crowd): Promise<number> {
  const names = new Set(crowd.tabs.map(({ name }) => name));
  const sessions = await client.sessions();
  return sessions.filter(({ nickname, state }) => names.has(nickname) && (state === "idle" || state === "working"))
    .length;
}

/** Opens the worker page, presses Start unless its last visit goes on, and waits until it has passed its entrance test. */
export async function startOn(page: Page, url: string): Promise<void> {
  await page.goto(url);
  const start = page.getByRole("button", { name: "Start", exact: true });
  await expect(start.or(page.getByRole("button", { name: "Stop at once" }))).toBeVisible();
  if (await start.isVisible()) await start.click();
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
}

/** The job once it has ended. */
export async function ended(client: ParitabClient, jobId: string): Promise<InferenceJobView> {
  const hasEnded = async () => (await client.inferenceJob(jobId)).finishedMs !== null;
  await expect.poll(hasEnded, { message: `job ${jobId} ends` }).toBe(true);
  return client.inferenceJob(jobId);
}

/** The file that a button with this label saves. */
export async function saved(page: Page, label: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByLabel(label).click()]);
  return readFile(await download.path());
}
