/** What a worker is told of its device, where the browser tells it at all. */
import { TAB_PRESSURE_ASK_MS } from "../../shared/protocol/limits.ts";
import type { PressureState } from "./pressure.ts";

const PRESSURE_SAMPLE_MS = 2_000;

/** Not in TypeScript's library yet. */
interface PressureObserverLike {
  observe(source: "cpu", options: { sampleInterval: number }): Promise<void>;
  disconnect(): void;
}
type PressureObserverClass = new (
  callback: (records: readonly { state: PressureState }[]) => void,
) => PressureObserverLike;

/**
 * Tells again what has not changed, as long as the browser tells this page at all.
 * @returns ends the watch. Where the browser does not tell, nothing is ever told.
 */
export function watchPressure(tell: (state: PressureState) => void): () => void {
  const Observer = (globalThis as { PressureObserver?: PressureObserverClass }).PressureObserver;
  if (Observer === undefined) return () => undefined;
  let timer: ReturnType<typeof setTimeout>;
  const observer = new Observer((records) => {
    const latest = records.at(-1);
    if (latest === undefined) return;
    askLater();
    tell(latest.state);
  });
  function ask(): void {
    askLater();
    observer.disconnect();
    // Some machines have the interface and no telemetry behind it.
    observer.observe("cpu", { sampleInterval: PRESSURE_SAMPLE_MS }).catch(() => undefined);
  }
  function askLater(): void {
    clearTimeout(timer);
    timer = setTimeout(ask, TAB_PRESSURE_ASK_MS);
  }
  ask();
  return () => {
    clearTimeout(timer);
    observer.disconnect();
  };
}
