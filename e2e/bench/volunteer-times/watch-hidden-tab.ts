/** A worker page that computes, first in front, then behind another tab of its window: how fast it is in each phase. */
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { digits, forOneTab } from "../../specs/digits.ts";
import { launchRawChromium, type RawTab } from "./raw-chromium.ts";

export interface Phase {
  readonly name: string;
  readonly ms: number;
}

export interface PhaseFigures {
  readonly name: string;
  readonly seconds: number;
  /** As the page itself says: "visible" or "hidden". */
  readonly visibility: string;
  /** Batches of the tab that the coordinator verified, a second. */
  readonly verifiedPerSecond: number;
  /** Of a chained timer and of animation frames in the page: what the browser takes from a hidden tab. */
  readonly pageTimersPerSecond: number;
  readonly framesPerSecond: number;
}

const START_MS_MAX = 120_000;
const LOOK_MS = 1_000;
/** Always more work than the tab can do before the next look. */
const QUERIES_PER_JOB = 10_000;

const TICKS = `(() => {
  window.ticks = { timers: 0, frames: 0 };
  const timer = () => { window.ticks.timers++; setTimeout(timer, 0); };
  const frame = () => { window.ticks.frames++; requestAnimationFrame(frame); };
  timer();
  frame();
})()`;

/**
 * @param phases the first with the page in front, the others hidden, one after the other
 * @param onPhase hears of each as it ends
 */
export async function watchHiddenTab(
  coordinator: { readonly url: string; readonly client: ParitabClient },
  phases: readonly Phase[],
  onPhase: (figures: PhaseFigures) => void = () => {},
): Promise<PhaseFigures[]> {
  const browser = await launchRawChromium();
  const work = keepBusy(coordinator.client);
  try {
    const tab = await browser.openTab(coordinator.url);
    await tab.activate();
    await start(tab);
    await until(async () => (await verified(coordinator.client)) > 0, "a batch is verified");
    await tab.evaluate(TICKS);
    const figures: PhaseFigures[] = [];
    for (const [i, phase] of phases.entries()) {
      if (i === 1) await (await browser.openTab("about:blank")).activate();
      figures.push(await measure(tab, coordinator.client, phase));
      onPhase(figures.at(-1)!);
    }
    return figures;
  } finally {
    await browser.close();
    await work.stop();
  }
}

/** Full intensity and no rule about busy machines: what is measured is the browser, not the volunteer's wishes. */
async function start(tab: RawTab): Promise<void> {
  const settings = JSON.stringify({ version: 2, settings: { intensity: 1, easesUnderPressure: false, threads: 1 } });
  const isLoaded = `location.protocol === "http:" && document.readyState === "complete"`;
  await until(() => tab.evaluate<boolean>(isLoaded).catch(() => false), "the page is loaded");
  await tab.evaluate(
    `localStorage.setItem("paritab-settings", ${JSON.stringify(settings)}); setTimeout(() => location.reload(), 50)`,
  );
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  const button = `[...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Start")`;
  await until(() => tab.evaluate<boolean>(`${button} !== undefined`).catch(() => false), "there is a Start button");
  await tab.evaluate(`${button}.click()`);
}

async function measure(tab: RawTab, client: ParitabClient, { name, ms }: Phase): Promise<PhaseFigures> {
  const read = async () => ({
    atMs: performance.now(),
    verified: await verified(client),
    ticks: await tab.evaluate<{ timers: number; frames: number }>("({ ...window.ticks })"),
  });
  const before = await read();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = await read();
  const seconds = (after.atMs - before.atMs) / 1_000;
  return {
    name,
    seconds,
    visibility: await tab.evaluate("document.visibilityState"),
    verifiedPerSecond: (after.verified - before.verified) / seconds,
    pageTimersPerSecond: (after.ticks.timers - before.ticks.timers) / seconds,
    framesPerSecond: (after.ticks.frames - before.ticks.frames) / seconds,
  };
}

async function verified(client: ParitabClient): Promise<number> {
  const sessions = await client.sessions();
  return sessions.reduce((sum, { verifiedAssignments }) => sum + verifiedAssignments, 0);
}

/** Sees to it that there is a job with work left, until it is stopped; then says whether anything went wrong. */
function keepBusy(client: ParitabClient): { stop(): Promise<void> } {
  let stopped = false;
  async function look(): Promise<void> {
    const jobs = await client.jobs();
    const left = jobs.filter((job) => job.kind === "inference" && job.roundsDone < job.roundCount / 2);
    if (left.length === 0) await client.submit(digits(QUERIES_PER_JOB, { ...forOneTab }));
  }
  const running = (async () => {
    while (!stopped) {
      // A coordinator on a busy machine may turn a job away for a while: it is asked again.
      await look().catch((error: unknown) => {
        if (!(error instanceof ParitabApiError && error.status === 503)) throw error;
      });
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    for (const { jobId, finishedMs } of await client.jobs()) if (finishedMs === null) await client.cancel(jobId);
  })();
  // Told when it is stopped, and not before: the browser has to be closed first.
  const outcome = running.then(
    () => null,
    (error: unknown) => error,
  );
  return {
    async stop() {
      stopped = true;
      const error = await outcome;
      if (error !== null) throw error;
    },
  };
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const giveUpMs = performance.now() + START_MS_MAX;
  while (!(await holds())) {
    if (performance.now() > giveUpMs) throw new Error(`hidden tab: expected that ${what}, waited ${START_MS_MAX} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
