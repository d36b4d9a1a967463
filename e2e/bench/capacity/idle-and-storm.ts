/** What tabs cost that do nothing, and how soon all are back after the process was killed. */
import { setTimeout as sleep } from "node:timers/promises";
import { PING_EVERY_MS } from "../../../shared/protocol/limits.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";
import { processFigures } from "./process-figures.ts";
import { VolunteerThreads } from "./volunteer-threads.ts";

const LOOK_MS = 100;
const BACK_MS_MAX = 300_000;

/** Two rounds of heartbeats. */
export async function idle({ url, adminToken }: CoordinatorProcess, sessions: number) {
  const empty = await processFigures(url, adminToken);
  const volunteers = await VolunteerThreads.open({ url, sessions, muteShare: 0 });
  try {
    await sleep(PING_EVERY_MS / 4);
    const before = await processFigures(url, adminToken);
    const startMs = performance.now();
    await sleep(2 * PING_EVERY_MS);
    const after = await processFigures(url, adminToken);
    return {
      coreShare: (after.cpuMs - before.cpuMs) / (performance.now() - startMs),
      rssMb: before.rssMb - empty.rssMb,
      loopP99Ms: after.loopP99Ms,
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
      return { backSeconds, cpuMs, loopP99Ms, lost: sessions - (await volunteers.connected()) };
    } finally {
      await again.end("SIGKILL");
    }
  } finally {
    await volunteers.close();
  }
}
