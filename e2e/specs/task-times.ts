/** What the tasks of a page's own thread take of the processor: unlike times by the clock, the same on a busy machine. */
import type { Browser, Page } from "@playwright/test";

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly ph: string;
  /** Microseconds of the thread's processor time. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string; readonly data?: { readonly url?: string } };
}

/** @param visit opens the page and waits until it is there. @returns milliseconds of the longest tasks, the longest first */
export async function taskTimes(
  browser: Browser,
  page: Page,
  url: string,
  visit: () => Promise<void>,
): Promise<number[]> {
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"] });
  await visit();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  // A browser has renderers of its own beside the page's.
  const isOurs = ({ name, args }: TraceEvent) =>
    name === "ResourceSendRequest" && args?.data?.url?.startsWith(url) === true;
  const renderers = new Set(traceEvents.filter(isOurs).map(({ pid }) => pid));
  return traceEvents
    .filter(({ name, pid, ph }) => ph === "X" && renderers.has(pid) && name.endsWith("::RunTask"))
    .map(({ tdur = 0 }) => tdur / 1_000)
    .sort((a, b) => b - a)
    .slice(0, 5);
}
