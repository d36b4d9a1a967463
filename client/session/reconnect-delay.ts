import { TAB_RECONNECT_MS_MAX, TAB_RECONNECT_MS_MIN } from "../../shared/protocol/limits.ts";

/**
 * Doubles from TAB_RECONNECT_MS_MIN to TAB_RECONNECT_MS_MAX; the upper half of each wait is random, so that the tabs of a
 * coordinator that restarts do not all come back in the same instant.
 *
 * @param attempt 0 for the first new connection
 * @param uniform in [0, 1)
 */
export function reconnectDelayMs(attempt: number, uniform: number): number {
  const longest = Math.min(TAB_RECONNECT_MS_MAX, TAB_RECONNECT_MS_MIN * 2 ** attempt);
  return Math.round(longest / 2 + (uniform * longest) / 2);
}
