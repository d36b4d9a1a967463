/**
 * What a page is told of its device, said by Chromium itself over its debugging protocol: nothing of the page is replaced.
 * The battery alone has no such override; there the browser's answer is injected.
 */
import type { CDPSession, Page } from "@playwright/test";

export type Pressure = "nominal" | "fair" | "serious" | "critical";

export interface Device {
  /** As the Compute Pressure API tells it, instead of what this machine is going through. From the first call on. */
  pressure(state: Pressure): Promise<void>;
  /** Lets the page know whether somebody is there, as a click on "Allow" would. */
  allowIdleDetection(): Promise<void>;
  user(state: "active" | "idle"): Promise<void>;
  savesData(saves: boolean): Promise<void>;
  /** Chromium 156 may crash where a context is closed under an override of its pressure. */
  end(): Promise<void>;
}

export async function deviceOf(page: Page): Promise<Device> {
  const session: CDPSession = await page.context().newCDPSession(page);
  // Newer than the types of the protocol that Playwright ships.
  const send = session.send.bind(session) as (method: string, parameters?: object) => Promise<unknown>;
  let overridesPressure = false;
  const overridePressure = async (enabled: boolean) => {
    if (enabled === overridesPressure) return;
    overridesPressure = enabled;
    await send("Emulation.setPressureSourceOverrideEnabled", { enabled, source: "cpu" });
  };
  return {
    async pressure(state) {
      await overridePressure(true);
      await send("Emulation.setPressureStateOverride", { source: "cpu", state });
    },
    async allowIdleDetection() {
      const { targetInfo } = (await send("Target.getTargetInfo")) as { targetInfo: { browserContextId: string } };
      const browser = await page.context().browser()!.newBrowserCDPSession();
      // The session stays open: what it granted goes with it.
      await browser.send("Browser.grantPermissions", {
        origin: new URL(page.url()).origin,
        browserContextId: targetInfo.browserContextId,
        permissions: ["idleDetection"],
      });
    },
    user: async (state) =>
      void (await send("Emulation.setIdleOverride", { isUserActive: state === "active", isScreenUnlocked: true })),
    savesData: async (saves) => void (await send("Emulation.setDataSaverOverride", { dataSaverEnabled: saves })),
    async end() {
      await overridePressure(false);
      await session.detach();
    },
  };
}

/**
 * Call before the page is opened. Its volunteer does not mind a busy machine: what else runs beside a test would else hold
 * its work back. It has one thread, on machines of any size. Settings that the page has kept stand.
 */
export async function ignorePressure(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const stored = JSON.stringify({ version: 2, settings: { easesUnderPressure: false, threads: 1 } });
    if (localStorage.getItem("paritab-settings") === null) localStorage.setItem("paritab-settings", stored);
  });
}

/** Call before the page is opened. The page then has `paritabBattery.unplug()` and `.plugIn()`. */
export async function injectBattery(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const battery = Object.assign(new EventTarget(), { charging: true, level: 1 });
    const set = (charging: boolean) => {
      battery.charging = charging;
      battery.dispatchEvent(new Event("chargingchange"));
    };
    Object.assign(navigator, { getBattery: async () => battery });
    Object.assign(window, { paritabBattery: { unplug: () => set(false), plugIn: () => set(true) } });
  });
}
