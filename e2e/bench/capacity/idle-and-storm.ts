/** What tabs cost that do nothing, and how soon all are back after the process was killed. */
import { setTimeout as sleep } from "node:timers/promises";
import { CROWD_PING_EVERY_MS } from "../../../shared/protocol/limits.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";
import { processFigures } from "./process-figures.ts";
import { VolunteerThreads } from "./volunteer-threads.ts";

const LOOK_MS = 100;
const BACK_MS_MAX = 300_000;

/** Two rounds of heartbeats. */
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
  const volunteers = await VolunteerThreads.open({ url, sessions, muteShare: 0 });
  try {
    const welcome = await processFigures(url, adminToken);
    await sleep(CROWD_PING_EVERY_MS / 4);
    const held = await shareOfCore();
    return {
      coreShare: held.share - empty.share,
      rssMb: held.rssMb - empty.rssMb,
      loopP99Ms: held.loopP99Ms,
      cpuMsPerSession: (welcome.cpuMs - empty.cpuMs) / sessions,
    };
  } finally {
    await volunteers.close();
  }
}

/**
 * kill -9, a start on the same address, and every tab comes again by itself.
 * @returns seconds from the start's first line to the last tab's welcome, and what that cost
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
      const startMs = performance.now();
      while ((await volunteers.connected()) < sessions) {
        if (performance.now() - startMs > BACK_MS_MAX) break;
        await sleep(LOOK_MS);
      }
      const backSeconds = (performance.now() - startMs) / 1e3;
      const { cpuMs, loopP99Ms } = await processFigures(again.url, coordinator.adminToken);
      return {
        backSeconds,
        cpuMsPerSession: cpuMs / sessions,
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
