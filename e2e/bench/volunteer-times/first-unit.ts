/**
 * `npm run first-unit`: how long a newcomer waits. A fresh browser profile each time, so nothing is cached; a job waits. From the
 * opening of the page, with Start pressed as soon as it is there, to the first batch that the coordinator has verified and
 * the page shows as credit; and every task of the page's own thread over 50 ms on the way (Long Tasks).
 *
 *   --times N   so many visits (default 10)
 *   --json FILE writes the figures
 */
import { parseArgs } from "node:util";
import { launchChromium } from "../../crowd/browser/browser.ts";
import { sayUsageErrors } from "../../flags/usage-error.ts";
import { wholeNumber } from "../../flags/whole-number.ts";
import { ignorePressure } from "../../specs/device.ts";
import { digits, forOneTab } from "../../specs/digits.ts";
import { measure } from "../measure.ts";
import type { Measurement, Measurer } from "../measurement.ts";
import { withCoordinator } from "./with-coordinator.ts";

const VISIT_MS_MAX = 120_000;
const LONG_TASKS = `window.longTasks = [];
new PerformanceObserver((list) => {
  for (const { duration, startTime } of list.getEntries()) window.longTasks.push([Math.round(startTime), Math.round(duration)]);
}).observe({ type: "longtask", buffered: true });`;

interface Visit {
  readonly shownMs: number;
  readonly creditMs: number;
  /** When each began, and how long it took, ms. */
  readonly longTasks: readonly (readonly [number, number])[];
}

const firstUnit = (times: number): Measurer => ({
  name: "first-unit",
  title: "From the opening of the page to the first batch that is verified, in a fresh browser",
  async run({ progress }) {
    const rows = await withCoordinator(async ({ url, client }) => {
      const browser = await launchChromium(1);
      try {
        const rows: Measurement["rows"][number][] = [];
        for (let visit = 1; visit <= times; visit++) {
          progress(`visit ${visit} of ${times}`);
          const { jobId } = await client.submit(digits(2_000, forOneTab));
          const { shownMs, creditMs, longTasks } = await visitOnce(browser, url);
          rows.push({
            visit,
            shownMs,
            creditMs,
            longTasks: longTasks.length,
            longestTaskMs: longTasks.length === 0 ? null : Math.max(...longTasks.map(([, ms]) => ms)),
            tasks: longTasks.map(([at, ms]) => `${at}: ${ms} ms`).join(", "),
          });
          await client.cancel(jobId).catch(() => {});
        }
        return rows;
      } finally {
        await browser.close();
      }
    });
    return { name: this.name, title: this.title, columns: COLUMNS, rows, notes: NOTES };
  },
});

async function visitOnce(browser: Awaited<ReturnType<typeof launchChromium>>, url: string): Promise<Visit> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await ignorePressure(page);
    await page.addInitScript({ content: LONG_TASKS });
    const beganMs = performance.now();
    await page.goto(url, { waitUntil: "commit" });
    const button = page.getByRole("button", { name: "Start", exact: true });
    await button.waitFor({ timeout: VISIT_MS_MAX });
    const shownMs = performance.now() - beganMs;
    await button.click();
    await page.waitForFunction(
      () => /[1-9]/.test(document.querySelector('[data-testid="credit"]')?.textContent ?? ""),
      undefined,
      { timeout: VISIT_MS_MAX, polling: 20 },
    );
    const creditMs = performance.now() - beganMs;
    return {
      shownMs,
      creditMs,
      longTasks: await page.evaluate(() => (globalThis as { longTasks?: [number, number][] }).longTasks ?? []),
    };
  } finally {
    await context.close();
  }
}

const COLUMNS: Measurement["columns"] = [
  { key: "visit", title: "visit" },
  { key: "shownMs", title: "Start is there, ms" },
  { key: "creditMs", title: "first verified batch, ms" },
  { key: "tasks", title: "tasks over 50 ms (at, for)" },
];

const NOTES = ["A fresh profile each visit, nothing cached, a job waits; Start is pressed as soon as it is there."];

sayUsageErrors();
const { values } = parseArgs({ options: { times: { type: "string", default: "10" }, json: { type: "string" } } });
const times = wholeNumber("--times", values.times, 1, 100);
await measure(firstUnit(times), { seed: 1, jsonFile: values.json ?? null, script: "first-unit" });
