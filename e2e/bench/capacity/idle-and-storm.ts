/** What tabs cost that do nothing, and how soon all are back after the process was killed. */
import { setTimeout as sleep } from "node:timers/promises";
import { CROWD_PING_EVERY_MS } from "../../../shared/protocol/limits.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";
import { type ProcessFigures, processFigures } from "./process-figures.ts";
import { VolunteerThreads } from "./volunteer-threads.ts";

const LOOK_MS = 100;
const BACK_MS_MAX = 300_000;
const CLEARED_LOOK_MS = 5_000;
const CLEARED_MS_MAX = 600_000;

/** Two rounds of heartbeats; and what it costs that a tab comes, with what that leaves behind. */
export async function idle({ url, adminToken }: CoordinatorProcess, sessions: number) {
  const shareOfCore = async () => {
    const before = await processFigures(url, adminToken);
    const startMs = performance.now();
    await sleep(2 * CROWD_PING_EVERY_MS);
    const after = await processFigures(url, adminToken);
    return { ...after, share: (after.cpuMs - before.cpuMs) / (performance.now() - startMs) };
  };
  await sleep(CROWD_PING_EVERY_MS / 4);
  const empty = await shareOfCore();
  const openMs = performance.now();
  const volunteers = await VolunteerThreads.open({ url, sessions, muteShare: 0 });
  try {
    const settled = await cleared(url, adminToken);
    const settledMs = performance.now();
    const held = await shareOfCore();
    const atRestMs = held.share * (settledMs - openMs);
    return {
      coreShare: held.share - empty.share,
      rssMb: held.rssMb - empty.rssMb,
      loopP99Ms: held.loopP99Ms,
      cpuMsPerSession: (settled.cpuMs - empty.cpuMs - atRestMs) / sessions,
    };
  } finally {
    await volunteers.close();
  }
}

/**
 * A minute or two after so many have come V8 looks through the whole heap, several times, and gives memory back: that is what an arrival leaves, and no
 * heartbeat. Resolves when it has not for two rounds of heartbeats, or goes on and on.
 */
async function cleared(url: string, adminToken: string | null): Promise<ProcessFigures> {
  const startMs = performance.now();
  for (let [calmMs, seen] = [startMs, -1]; ; await sleep(CLEARED_LOOK_MS)) {
    const nowMs = performance.now();
    const figures = await processFigures(url, adminToken);
    if (figures.majorCollections !== seen) [calmMs, seen] = [nowMs, figures.majorCollections];
    if (nowMs - calmMs > 2 * CROWD_PING_EVERY_MS || nowMs - startMs > CLEARED_MS_MAX) return figures;
  }
}

/**
 * kill -9, a start on the same address, and every tab comes again by itself.
 * @returns seconds from the start's first line to the last tab's welcome, what that cost, and what it cost the tabs, which share its machine
 */
export async function storm(coordinator: CoordinatorProcess, dataDirectory: string, sessions: number) {
  const { url } = coordinator;
  const volunteers = await VolunteerThreads.open({ url, sessions, muteShare: 0 });
  try {
    await coordinator.end("SIGKILL");
    const port = Number(new URL(url).port);
    const environment = { PARITAB_LOG_LEVEL: "error" };
    const again = await startProcess({ dataDirectory, port, environment });
    try {
      // Its figures of itself begin with the first look at them.
      const before = await processFigures(again.url, coordinator.adminToken);
      const tabsBefore = process.cpuUsage();
      const startMs = performance.now();
      while ((await volunteers.connected()) < sessions) {
        if (performance.now() - startMs > BACK_MS_MAX) break;
        await sleep(LOOK_MS);
      }
      const backSeconds = (performance.now() - startMs) / 1e3;
      const tabs = process.cpuUsage(tabsBefore);
      const { cpuMs, loopP99Ms } = await processFigures(again.url, coordinator.adminToken);
      return {
        backSeconds,
        cpuMsPerSession: (cpuMs - before.cpuMs) / sessions,
        tabsMsPerSession: (tabs.user + tabs.system) / 1e3 / sessions,
        loopP99Ms,
        lost: sessions - (await volunteers.connected()),
      };
    } finally {
      await again.end("SIGKILL");
    }
  } finally {
    await volunteers.close();
  }
}
