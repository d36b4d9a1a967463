/** A moving picture of the real pages: a volunteer's, and beside it the dashboard of whoever submitted the job that it works for. */
import { stat } from "node:fs/promises";
import type { Page } from "playwright";
import sharp from "sharp";

interface MovingOptions {
  readonly volunteer: Page;
  readonly dashboard: Page;
  readonly address: string;
  /** @returns the job's id */
  submit(): Promise<string>;
  readonly path: string;
}

const FRAMES = 16;
const FRAME_MS = 800;
const FRAMES_BEFORE_START = 2;
/** Of each page in the picture. */
const WIDTH = 420;
const QUALITY = 55;
const READY_MS_MAX = 60_000;

export async function recordMoving({ volunteer, dashboard, address, submit, path }: MovingOptions): Promise<void> {
  const jobId = await submit();
  await volunteer.goto(address);
  await dashboard.goto(`${address}/dashboard#jobs/${jobId}`);
  await dashboard.getByRole("progressbar").first().waitFor({ timeout: READY_MS_MAX });
  const start = volunteer.getByRole("button", { name: "Start", exact: true });
  await start.waitFor({ timeout: READY_MS_MAX });
  const frames: Buffer[] = [];
  for (let n = 0; n < FRAMES; n++) {
    if (n === FRAMES_BEFORE_START) await start.click();
    const nextMs = performance.now() + FRAME_MS;
    frames.push(await frame(volunteer, dashboard));
    await volunteer.waitForTimeout(Math.max(0, nextMs - performance.now()));
  }
  const delay = frames.map((_, n) => (n === FRAMES - 1 ? 3 * FRAME_MS : FRAME_MS));
  await sharp(frames, { join: { animated: true } })
    .webp({ loop: 0, delay, quality: QUALITY, effort: 6 })
    .toFile(path);
  console.log(`${path}: ${Math.round((await stat(path)).size / 1_000)} kB`);
}

async function frame(...pages: Page[]): Promise<Buffer> {
  const pictures = await Promise.all(
    pages.map(async (page) => {
      const png = await page.screenshot();
      return sharp(png).resize({ width: WIDTH }).png().toBuffer();
    }),
  );
  return sharp(pictures, { join: { across: pages.length, shim: 8, background: "#ffffff" } })
    .png()
    .toBuffer();
}
