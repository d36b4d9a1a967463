/** [PR102] How much memory a tab gives one model, and how many compute threads it has where nobody chose. */
import {
  TAB_FURTHER_THREAD_MIB,
  TAB_LARGE_MEMORY_BYTES_MAX,
  TAB_MEMORY_BY_DEVICE,
  TAB_MEMORY_BYTES_MAX,
  TAB_THREADS_IN_THE_DARK_MAX,
  TAB_THREADS_UNASKED_MAX,
} from "../../shared/protocol/limits.ts";

const MIB = 2 ** 20;
const MIB_PER_GIB = 1024;

/** What is known of the device. */
export interface TabDevice {
  readonly cores: number;
  /** As its browser tells: coarsely, at most 8 of many, and Firefox and Safari not at all (undefined). */
  readonly deviceGib: number | undefined;
  /** What one model may take, as the volunteer said it; null: nothing was said. */
  readonly wantedGib: number | null;
}

/** Not every browser tells. */
export function deviceMemoryGib(): number | undefined {
  return (navigator as { deviceMemory?: number }).deviceMemory;
}

/**
 * Half of the cores, as far as the first thread keeps the memory of any tab. Who says how much one model may take has large models in mind:
 * one thread has it all.
 */
export function threadsUnasked({ cores, deviceGib, wantedGib }: TabDevice): number {
  if (wantedGib !== null) return 1;
  const half = Math.max(1, Math.floor(cores / 2));
  const fitting =
    deviceGib === undefined
      ? TAB_THREADS_IN_THE_DARK_MAX
      : 1 + Math.floor((memoryOf(deviceGib) - TAB_MEMORY_BYTES_MAX / MIB) / TAB_FURTHER_THREAD_MIB);
  return Math.max(1, Math.min(half, TAB_THREADS_UNASKED_MAX, fitting));
}

/**
 * Of the first thread: what the others are counted with is taken from it, unless an equal share is more.
 * @returns MiB; undefined: as any tab, which nobody needs to be told
 */
export function tabMemoryMib({ deviceGib, wantedGib }: Omit<TabDevice, "cores">, threads: number): number | undefined {
  const together = Math.min(
    wantedGib === null ? memoryOf(deviceGib ?? 0) : wantedGib * MIB_PER_GIB,
    TAB_LARGE_MEMORY_BYTES_MAX / MIB,
  );
  const first = Math.floor(Math.max(together - (threads - 1) * TAB_FURTHER_THREAD_MIB, together / threads));
  const isSaid = wantedGib !== null || first > TAB_MEMORY_BYTES_MAX / MIB;
  return isSaid && first >= 1 ? first : undefined;
}

function memoryOf(deviceGib: number): number {
  return TAB_MEMORY_BY_DEVICE.find(([fromGib]) => deviceGib >= fromGib)?.[1] ?? 0;
}
