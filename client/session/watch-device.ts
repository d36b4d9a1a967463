/** What a worker is told of its device, where the browser tells it at all. */
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

/** @returns ends the watch. Where the browser does not tell, nothing is ever told. */
export function watchPressure(tell: (state: PressureState) => void): () => void {
  const Observer = (globalThis as { PressureObserver?: PressureObserverClass }).PressureObserver;
  if (Observer === undefined) return () => undefined;
  const observer = new Observer((records) => {
    const latest = records.at(-1);
    if (latest !== undefined) tell(latest.state);
  });
  // Some machines have the interface and no telemetry behind it.
  observer.observe("cpu", { sampleInterval: PRESSURE_SAMPLE_MS }).catch(() => undefined);
  return () => observer.disconnect();
}
