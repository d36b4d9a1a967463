/**
 * A tab without a browser, for tests of what stands before the coordinator: the session and compute thread of the real
 * tab, the thread on the other end of a message channel instead of on a thread of its own, with tfjs's plain back-end.
 */
import * as Comlink from "comlink";
import { createComputeThread } from "../../client/compute/compute-thread-core.ts";
import type { ComputeThreadWorker } from "../../client/session/compute-thread-link.ts";
import { type SessionCore, startSession } from "../../client/session/session-core.ts";
import { VolunteerKey } from "./volunteer-key.ts";

export async function openNodeTab(url: string, nickname: string): Promise<SessionCore> {
  return startSession({
    createComputeThread: threadInProcess,
    identity: await VolunteerKey.make(),
    url,
    nickname,
    forcedBackend: "cpu",
    report: () => {},
  });
}

function threadInProcess(): ComputeThreadWorker {
  const { port1, port2 } = new MessageChannel();
  const thread = createComputeThread();
  // Without the lock by which a browser tells that a thread has ended: there is none here.
  Comlink.expose({ ...thread, start: (forced: Parameters<typeof thread.start>[0]) => thread.start(forced) }, port2);
  return Object.assign(port1, { terminate: () => port1.close() });
}
