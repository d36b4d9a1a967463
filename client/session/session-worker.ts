/** The worker that owns the session; its compute thread is a worker of its own, below this one. */

import { atMostEvery } from "./at-most-every.ts";
import { InsecureContextError, loadIdentity } from "./identity.ts";
import { type Session, startSession } from "./session-core.ts";
import type { PageToSession, SessionToPage } from "./session-messages.ts";
import { NOT_STARTED, type SessionStatus } from "./session-status.ts";

/** Small batches change the status many times a second; nobody reads faster than this. */
const REPORT_MS_MIN = 100;

const post = (status: SessionStatus) => self.postMessage({ kind: "status", status } satisfies SessionToPage);
const report = atMostEvery(REPORT_MS_MIN, post);

let session: Session | null = null;
/** Counts starts and stops, so that a start which still waits for its key notices that it was stopped. */
let turn = 0;

async function start({ url, keyName, forcedBackend }: Extract<PageToSession, { kind: "start" }>): Promise<void> {
  const mine = ++turn;
  session?.stop();
  session = null;
  try {
    const identity = await loadIdentity(keyName);
    if (mine !== turn) return;
    session = startSession({ createComputeThread, identity, url, forcedBackend, report });
  } catch (error) {
    const problem = error instanceof InsecureContextError ? "insecure-context" : "no-identity";
    const { message } = error as Error;
    report({ ...NOT_STARTED, activity: { kind: "broken", problem, message }, lastError: message });
  }
}

function createComputeThread(): Worker {
  return new Worker(new URL("../compute/compute-thread.ts", import.meta.url), { type: "module", name: "compute" });
}

function stop(): void {
  turn++;
  if (session !== null) session.stop();
  else report({ ...NOT_STARTED, activity: { kind: "off", why: "stopped" } });
}

self.addEventListener("message", ({ data }: MessageEvent<PageToSession>) => {
  switch (data.kind) {
    case "start":
      void start(data);
      break;
    case "pause":
      session?.pause();
      break;
    case "resume":
      session?.resume();
      break;
    case "stop":
      stop();
      break;
    default:
      data satisfies never;
  }
});
