/** What a page is told of its device: power, use, and whether to save data. Where the browser does not tell, it is "unknown". */
import type { DeviceState } from "../session/rules-keeper.ts";

/** None of these is in TypeScript's library. */
interface BatteryLike extends EventTarget {
  readonly charging: boolean;
}
interface IdleDetectorLike extends EventTarget {
  readonly userState: "active" | "idle" | null;
  readonly screenState: "locked" | "unlocked" | null;
  start(options: { threshold: number; signal: AbortSignal }): Promise<void>;
}
interface IdleDetectorClass {
  new (): IdleDetectorLike;
  requestPermission(): Promise<PermissionState>;
}
interface NetworkInformationLike extends EventTarget {
  readonly saveData?: boolean;
  /** Phones and Chromebooks tell it: "cellular", "wifi", "ethernet". */
  readonly type?: string;
}
interface DeviceNavigator {
  getBattery?(): Promise<BatteryLike>;
  connection?: NetworkInformationLike;
}

/** The least that browsers allow. */
const IDLE_AFTER_MS = 60_000;

const idleDetector = () => (globalThis as { IdleDetector?: IdleDetectorClass }).IdleDetector;
const device = () => navigator as DeviceNavigator;

/** Which rules this browser can tell enough for. */
export function browserTells() {
  return {
    power: device().getBattery !== undefined,
    use: idleDetector() !== undefined,
    pressure: "PressureObserver" in globalThis,
    saveData: device().connection?.saveData !== undefined,
    network: device().connection?.type !== undefined,
  };
}
export type BrowserTells = ReturnType<typeof browserTells>;

export async function watchPower(tell: (power: DeviceState["power"]) => void): Promise<void> {
  try {
    const battery = await device().getBattery?.();
    if (battery === undefined) return;
    const say = () => tell(battery.charging ? "mains" : "battery");
    battery.addEventListener("chargingchange", say);
    say();
  } catch {
    // A browser that has the interface and refuses it does not tell.
  }
}

/** @returns whether the browser asks sites to save data, and whether it is on a mobile network; `tell` hears of changes */
export function watchConnection(tell: (now: ConnectionState) => void): ConnectionState {
  const { connection } = device();
  const state = () => ({ savesData: connection?.saveData === true, isCellular: connection?.type === "cellular" });
  connection?.addEventListener("change", () => tell(state()));
  return state();
}
type ConnectionState = Pick<DeviceState, "savesData" | "isCellular">;

/** @returns whether the browser will tell. Asks the person, so it has to be called from a click. */
export async function askToWatchUse(): Promise<boolean> {
  const Detector = idleDetector();
  return Detector !== undefined && (await Detector.requestPermission()) === "granted";
}

/** Watches until the signal ends it. Without permission, or where the browser cannot, nothing is ever told. */
export async function watchUse(tell: (user: DeviceState["user"]) => void, signal: AbortSignal): Promise<void> {
  const Detector = idleDetector();
  if (Detector === undefined) return;
  const detector = new Detector();
  const say = () => tell(detector.userState === "idle" || detector.screenState === "locked" ? "idle" : "active");
  detector.addEventListener("change", say);
  signal.addEventListener("abort", () => tell("unknown"));
  try {
    await detector.start({ threshold: IDLE_AFTER_MS, signal });
    say();
  } catch {
    // Not permitted (any more): the rule holds nothing back, and the page says so.
  }
}
