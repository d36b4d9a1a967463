/** [PR102] How much memory a tab gives one model. */
import {
  TAB_LARGE_MEMORY_BYTES_MAX,
  TAB_MEMORY_BY_DEVICE,
  TAB_MEMORY_BYTES_MAX,
} from "../../shared/protocol/limits.ts";

const MIB = 2 ** 20;
const MIB_PER_GIB = 1024;

/**
 * @param deviceGib of the device, as its browser tells: coarsely, at most 8 of many, and Firefox and Safari not at all (undefined)
 * @param wantedGib as the volunteer said it; null: nothing was said
 * @param threads that compute beside each other, each with a model of its own
 * @returns MiB; undefined: as any tab, which nobody needs to be told
 */
export function tabMemoryMib(
  deviceGib: number | undefined,
  wantedGib: number | null,
  threads: number,
): number | undefined {
  const ofDevice = TAB_MEMORY_BY_DEVICE.find(([fromGib]) => (deviceGib ?? 0) >= fromGib)?.[1] ?? 0;
  const together = Math.min(wantedGib === null ? ofDevice : wantedGib * MIB_PER_GIB, TAB_LARGE_MEMORY_BYTES_MAX / MIB);
  const each = Math.floor(together / threads);
  const isSaid = wantedGib !== null || each > TAB_MEMORY_BYTES_MAX / MIB;
  return isSaid && each >= 1 ? each : undefined;
}
