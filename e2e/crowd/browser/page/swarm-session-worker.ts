/** The session worker of a swarm tab: the production session, with a compute thread that has faults. */
import "../../../../client/session/own-scripts.ts";
import { loadIdentity } from "../../../../client/session/identity.ts";
import type { SessionCore } from "../../../../client/session/session-core.ts";
import { NOT_STARTED, type SessionStatus } from "../../../../client/session/session-status.ts";
import { startSessions } from "../../../../client/session/several-sessions.ts";
import { readTabSettings, tabName } from "../tab-settings.ts";
import type { FromFaultyThread, PageToSwarmSession, SwarmSessionToPage } from "./swarm-messages.ts";

let session: SessionCore | null = null;

const tell = (message: SwarmSessionToPage) => self.postMessage(message);
const report = (status: SessionStatus) => tell({ kind: "status", status });

async function start(url: string, settingsText: string): Promise<void> {
  const settings = readTabSettings(settingsText);
  const name = tabName(settings);
  await holdName(name);
  session = startSessions({
    threadsOn: () => settings.threads,
    createComputeThread: () => createFaultyThread(settingsText),
    identity: await loadIdentity(name),
    url,
    forcedBackend: settings.backend,
    nickname: name,
    ...(settings.invitation === null ? {} : { invitation: settings.invitation }),
    ...(settings.seat === null ? {} : { seat: settings.seat }),
    report,
  });
}

/** Two tabs with one identity would share a record: the second one does not start. */
async function holdName(name: string): Promise<void> {
  const isFree = await new Promise<boolean>((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise(() => undefined);
      })
      .catch(reject);
  });
  if (!isFree) throw new Error(`swarm tab: expected to be the only "${name}" of this browser, got another one`);
}

/** A thread hears its settings through its name, so that a thread started in its place has them from the start too. */
function createFaultyThread(settingsText: string): Worker {
  const worker = new Worker(new URL("./faulty-compute-thread.ts", import.meta.url), {
    type: "module",
    name: settingsText,
  });
  worker.addEventListener("message", ({ data }: MessageEvent<FromFaultyThread>) => {
    if (data.kind === "paritab-leaves") session?.stop();
    if (data.kind === "paritab-kernels") tell(data);
  });
  return worker;
}

self.addEventListener("message", ({ data }: MessageEvent<PageToSwarmSession>) => {
  if (data.kind === "stop") return session?.stop();
  start(data.url, data.settings).catch(({ message }: Error) => {
    report({ ...NOT_STARTED, activity: { kind: "broken", problem: "no-identity", message }, lastError: message });
  });
});
