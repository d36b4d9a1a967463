/**
 * `npm run screenshots`: the pages in their main states, light or dark, on a desktop or a phone, into docs/screenshots.
 * A coordinator of its own, a small slow crowd, and a volunteer whose history of the weeks before is made up.
 *
 *   --full DIR   every state in every way, whole pages instead of what fits the window, into DIR: to look them over
 *   moving       docs/screenshots/moving.webp instead: a volunteer beside the dashboard, for some seconds
 *   icons        draws the app's icons instead
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Page } from "playwright";
import { dayOf } from "../../client/session/schedule.ts";
import { readConfig } from "../../server/config.ts";
import { startCoordinator } from "../../server/start-coordinator.ts";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";
import { chromiumOptions } from "../crowd/browser/browser.ts";
import { parseFaultProfile } from "../crowd/browser/fault-profile.ts";
import { openCrowd } from "../crowd/browser/open-crowd.ts";
import { drawIcons } from "./icons.ts";
import { recordMoving } from "./moving.ts";
import { VOLUNTEER_STATES } from "./volunteer-states.ts";

const DEVICES = [
  { name: "desktop", viewport: { width: 1180, height: 860 } },
  { name: "phone", viewport: { width: 390, height: 780 } },
] as const;
/** Of a moving picture: two pages stand beside each other. */
const HALF = { width: 760, height: 860 };
/** Few and small, for they are kept with the code. */
const IN_DOCS = new Set(["start-light-desktop", "computing-dark-phone", "dashboard-light-desktop"]);
/** Chromium takes this name for the coordinator's machine, so that the pages look as they do at a public address. */
const NAME = "paritab.example.org";
const DAYS_MADE_UP = 27;
/** Several, so that there is work for as long as the pictures take. */
const JOBS = [
  ["Birds at the feeder", "Ornithology club", "Counting who came in winter, in two hundred thousand pictures."],
  ["Weather diaries", "Institute of meteorology", "Reading the temperatures of a hundred years ago."],
  ["House numbers", "Fire brigade", "Checking the numbers on a map against photographs."],
  ["Postcodes on old letters", "City archive", "Sorting letters of the last century by the place they were sent to."],
] as const;
/** Beside them, with words that are there once the page is. */
const OTHER_PAGES = [
  ["jobs", "/dashboard", JOBS[3][0]],
  ["new-job", "/dashboard#new", "Built-in MNIST sample"],
  ["operator", "/operator", "Back-ends and speeds"],
] as const;
const SETTLE_MS = 1_500;

interface Target {
  readonly directory: string;
  readonly fullPage: boolean;
  /** Whether this picture is one of those that are wanted. */
  wants(name: string): boolean;
}

const IN_DOCS_FOLDER = join(import.meta.dirname, "../../docs/screenshots");

/** A coordinator, its crowd, and a browser in which it has a public address. */
interface Stage {
  readonly browser: Browser;
  readonly address: string;
  readonly url: string;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { full: { type: "string" } }, allowPositionals: true });
  if (positionals[0] === "icons") return drawIcons();
  if (positionals[0] === "moving") {
    return onStage(async ({ browser, address, url }) => {
      const pages = {
        volunteer: await openPage(browser, HALF, "light"),
        dashboard: await openPage(browser, HALF, "light"),
      };
      await recordMoving({
        ...pages,
        address,
        submit: () => submitJob(url, { name: JOBS[3][0], submitter: JOBS[3][1], purpose: JOBS[3][2] }),
        path: join(IN_DOCS_FOLDER, "moving.webp"),
      });
    });
  }
  const target: Target = {
    directory: resolve(values.full ?? IN_DOCS_FOLDER),
    fullPage: values.full !== undefined,
    wants: (name) => values.full !== undefined || IN_DOCS.has(name),
  };
  await mkdir(target.directory, { recursive: true });
  await onStage((stage) => shootAll(stage, target));
}

async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-screenshots-"));
  const environment = { PARITAB_LOG_LEVEL: "error", PARITAB_PUBLIC_URL: `http://${NAME}` };
  const config = { ...readConfig(environment, ["--allow-faults"]), port: 0, dataDirectory, tokensNeeded: false };
  const coordinator = await startCoordinator(config);
  const crowd = await openCrowd({
    url: coordinator.url,
    tabs: 3,
    // Slow on purpose: a job that is over in a moment shows nothing.
    profile: parseFaultProfile("slow:3(x10,floor=300)"),
    seed: 1,
    crowd: "Neighbour",
    backends: ["wasm"],
  });
  const { port } = new URL(coordinator.url);
  const address = `http://${NAME}:${port}`;
  const options = chromiumOptions(1);
  const browser = await chromium.launch({
    ...options,
    args: [
      ...options.args,
      `--host-resolver-rules=MAP ${NAME} 127.0.0.1`,
      `--unsafely-treat-insecure-origin-as-secure=${address}`,
    ],
  });
  try {
    await play({ browser, address, url: coordinator.url });
  } finally {
    await browser.close();
    await crowd.close();
    await coordinator.close();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

async function shootAll({ browser, address, url }: Stage, target: Target): Promise<void> {
  for (const { name, viewport } of DEVICES) {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await openPage(browser, viewport, colorScheme);
      const jobIds = [];
      for (const [name, submitter, purpose] of JOBS) jobIds.push(await submitJob(url, { name, submitter, purpose }));
      await page.goto(address);
      for (const state of VOLUNTEER_STATES) {
        await state.reach(page);
        await shoot(page, `${state.name}-${colorScheme}-${name}`, target);
      }
      const client = createParitabClient({ baseUrl: url });
      const running = (await client.jobs()).find(({ state }) => state === "running");
      const jobId = running?.jobId ?? jobIds[0]!;
      await page.goto(`${address}/dashboard#jobs/${jobId}`);
      const { name: jobName } = await client.job(jobId);
      await page.getByRole("heading", { name: jobName }).first().waitFor();
      await shoot(page, `dashboard-${colorScheme}-${name}`, target);
      for (const [other, path, ready] of OTHER_PAGES) {
        if (!target.wants(`${other}-${colorScheme}-${name}`)) continue;
        await page.goto(`${address}${path}`);
        await page.getByText(ready).first().waitFor();
        await page.waitForTimeout(SETTLE_MS);
        await shoot(page, `${other}-${colorScheme}-${name}`, target);
      }
      // One that has ended by now refuses, and that is well.
      await Promise.all(jobIds.map((jobId) => client.cancel(jobId).catch(() => undefined)));
      await page.context().close();
    }
  }
}

async function submitJob(
  baseUrl: string,
  told: { readonly name: string; readonly submitter: string; readonly purpose: string },
): Promise<string> {
  const { jobId } = await createParitabClient({ baseUrl }).submit({
    kind: "inference",
    ...told,
    source: { kind: "sample", sample: "mnist", queryCount: 10_000 },
    queriesPerGroup: 4,
    stragglers: 1,
    liars: 1,
  });
  return jobId;
}

async function openPage(
  browser: Browser,
  viewport: { width: number; height: number },
  colorScheme: "light" | "dark",
): Promise<Page> {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.addInitScript({ content: memoriesScript() });
  return page;
}

/** As text, for a function would carry the names that a compiler gave its parts. */
function memoriesScript(): string {
  const settings = { nickname: "Ada", easesUnderPressure: false, threads: 1 };
  const memories = {
    "paritab-contributions": { version: 1, creditMacs: null, days: madeUpDays() },
    // The machine that draws the pictures is busy with them.
    "paritab-settings": { version: 2, settings },
  };
  const keep = Object.entries(memories).map(([key, value]) => {
    const text = JSON.stringify(JSON.stringify(value));
    return `if (localStorage.getItem("${key}") === null) localStorage.setItem("${key}", ${text});`;
  });
  return keep.join("\n");
}

/** Calm week-ends, busy Wednesdays. */
function madeUpDays() {
  return Array.from({ length: DAYS_MADE_UP }, (_, i) => {
    const atMs = Date.now() - (DAYS_MADE_UP - i) * 86_400_000;
    const weekday = [0.25, 0.7, 0.8, 1, 0.65, 0.75, 0.3][new Date(atMs).getDay()]!;
    const share = weekday * (0.75 + 0.25 * Math.sin(i * 2.4));
    return {
      day: dayOf(atMs),
      macs: Math.round(9e9 * share),
      batches: Math.round(900 * share),
      computedMs: Math.round(5_400_000 * share),
      bytes: Math.round(60e6 * share),
    };
  });
}

async function shoot(page: Page, name: string, { directory, fullPage, wants }: Target): Promise<void> {
  if (!wants(name)) return;
  await page.evaluate(() => scrollTo(0, 0));
  const png = await page.screenshot({ path: join(directory, `${name}.png`), fullPage });
  console.log(`${name}.png: ${Math.round(png.length / 1_000)} kB`);
}

await main();
