/** What a page costs whoever opens it: bytes and moving parts are held, times are printed (on a busy machine they say little). */
import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { lastingSource } from "./dense-files.ts";
import { expect, forOneTab, startOn, test } from "./fixtures.ts";
import { taskTimes } from "./task-times.ts";

const SHIFT_MAX = 0.05;
/** Of a page that changes jobs every few seconds. Longer with WATCHED_MS=60000 `npx playwright test page-speed`. */
const WATCHED_MS = Number(process.env.WATCHED_MS ?? 20_000);
const ROWS = 20_000;
const SLOWER = 4;
/** What is drawn and asked for later comes in so long. */
const SETTLE_MS = 1_500;

/** Runs before the page's own scripts. */
const WATCH = `window.paritabSeen = { shift: 0, longTasks: [], shifted: [] };
const seen = window.paritabSeen;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    seen.shift += entry.value;
    for (const { node } of entry.sources) seen.shifted.push((node?.className ?? node?.parentElement?.className ?? "") + " " + entry.value.toFixed(4));
  }
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => seen.longTasks.push(...list.getEntries().map(({ duration }) => Math.round(duration)))).observe({ type: "longtask", buffered: true });`;

interface Seen {
  readonly shift: number;
  readonly shifted: readonly string[];
  readonly longTasks: readonly number[];
}

const seen = (page: Page) => page.evaluate<Seen>("window.paritabSeen");

async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
}

/** What stands on each page once it is drawn. */
const READY: Readonly<Record<string, RegExp>> = {
  "/": /^Start$/,
  "/dashboard": /^No jobs yet/,
  "/operator": /^Back-ends and speeds$/,
};

for (const [name, path, bytesMax] of [
  ["volunteer's", "/", 150_000],
  ["submitter's", "/dashboard", 200_000],
  ["operator's", "/operator", 200_000],
] as const) {
  test(`the ${name} page: scripts of less than ${bytesMax / 1_000} kB as they are sent, paint and long tasks on a slow processor`, async ({
    page,
    coordinator,
    browser,
  }) => {
    await page.addInitScript({ content: WATCH });
    await slowDown(page);
    let bytes = 0;
    const scripts: Promise<void>[] = [];
    page.on("response", (response) => {
      if (!/javascript/.test(response.headers()["content-type"] ?? "")) return;
      // What goes over the wire; Playwright's body is unpacked.
      const isPacked = response.headers()["content-encoding"] === "gzip";
      scripts.push(
        response.body().then((body) => {
          bytes += isPacked ? gzipSync(body).length : body.length;
        }),
      );
    });
    const visit = async (by: Page) => {
      await by.goto(`${coordinator.url}${path}`);
      await expect(by.getByText(READY[path]!).first()).toBeVisible();
      await by.waitForTimeout(SETTLE_MS);
    };
    await visit(page);
    await Promise.all(scripts);
    const paintMs = await page.evaluate(() =>
      Math.round(performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN),
    );
    const { longTasks } = await seen(page);
    console.log(
      `${path}: ${bytes} bytes of scripts, first paint after ${paintMs} ms, long tasks ${JSON.stringify(longTasks)} ms`,
    );
    const fresh = await (await browser.newContext()).newPage();
    const times = await taskTimes(browser, fresh, coordinator.url, () => visit(fresh));
    await fresh.context().close();
    const slowed = times.map((ms) => Math.round(SLOWER * ms));
    console.log(`${path}: processor time of the longest tasks, ${SLOWER} times as long: ${slowed.join(", ")} ms`);
    expect(times.length).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(bytesMax);
  });
}

test("each page shows its frame and heading before any script is read, and drawing it keeps them in place", async ({
  browser,
  coordinator,
}) => {
  for (const path of ["/", "/dashboard", "/operator"]) {
    const places: unknown[] = [];
    for (const javaScriptEnabled of [false, true]) {
      const context = await browser.newContext({ javaScriptEnabled });
      const page = await context.newPage();
      await page.goto(`${coordinator.url}${path}`);
      if (javaScriptEnabled) await expect(page.getByText(READY[path]!).first()).toBeVisible();
      places.push([
        await page.getByRole("heading", { level: 1 }).boundingBox(),
        await page.locator("nav").allInnerTexts(),
      ]);
      await context.close();
    }
    expect(places[0]).toEqual(places[1]);
  }
});

test("nothing jumps while three jobs take turns, and the button of the job's card stays where it is", async ({
  page,
  coordinator,
}) => {
  test.setTimeout(240_000);
  const { client, url } = coordinator;
  await page.addInitScript({ content: WATCH });
  await startOn(page, url);
  const source = await lastingSource(client, ROWS);
  for (const name of ["Letters", "Birds", "Stars"]) {
    const purpose = `Reading ${name.toLowerCase()}.`;
    await client.submit({ kind: "inference", task: "regression", source, ...forOneTab, name, purpose });
  }
  const refuse = page.getByRole("button", { name: "No to this job" });
  await expect(refuse).toBeVisible();
  const places = new Set<string>();
  const endMs = Date.now() + WATCHED_MS;
  while (Date.now() < endMs) {
    const box = await refuse.boundingBox();
    places.add(box === null ? "gone" : `${Math.round(box.x)}, ${Math.round(box.y)}`);
    await page.waitForTimeout(250);
  }
  const { shift, shifted, longTasks } = await seen(page);
  console.log(`layout shift ${shift.toFixed(4)}; places of the button: ${[...places].join("; ")}`);
  console.log(`long tasks ${JSON.stringify(longTasks)} ms; shifts ${JSON.stringify(shifted.slice(0, 40))}`);
  expect(shift).toBeLessThan(SHIFT_MAX);
  expect(places.has("gone")).toBe(false);
  expect(places.size).toBe(1);
});
