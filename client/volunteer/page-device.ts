/** The device as the page knows it, as a signal. Use is watched only while a rule asks for it. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { DeviceState } from "../session/rules-keeper.ts";
import { watchConnection, watchPower, watchUse } from "./watch-page-device.ts";

export interface PageDevice {
  readonly state: ReadonlySignal<DeviceState>;
  watchUse(wanted: boolean): void;
}

export function createPageDevice(onChange: (state: DeviceState) => void): PageDevice {
  const connection = watchConnection((now) => set(now));
  const state = signal<DeviceState>({ power: "unknown", user: "unknown", ...connection });
  let watching: AbortController | null = null;

  function set(change: Partial<DeviceState>): void {
    state.value = { ...state.value, ...change };
    onChange(state.value);
  }

  void watchPower((power) => set({ power }));
  return {
    state,
    watchUse(wanted) {
      if (wanted === (watching !== null)) return;
      watching?.abort();
      watching = null;
      if (!wanted) return;
      watching = new AbortController();
      void watchUse((user) => set({ user }), watching.signal);
    },
  };
}
