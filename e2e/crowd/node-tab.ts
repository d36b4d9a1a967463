/**
 * A tab without a browser, for tests of what stands before the coordinator: the session and compute thread of the real
 * tab, the thread on the other end of a message channel instead of on a thread of its own, with tfjs's plain back-end.
 */
import * as Comlink from "comlink";
import { createComputeThread } from "../../client/compute/compute-thread-core.ts";
import type { ComputeThreadWorker } from "../../client/session/compute-thread-link.ts";
import { type SessionCore, startSession } from "../../client/session/session-core.ts";
import { VolunteerKey } from "./volunteer-key.ts";

/** @param spoil changes the outputs of a batch before they are sent; absent: it is honest */
export async function openNodeTab(url: string, nickname: string, spoil?: Spoil): Promise<SessionCore> {
  return startSession({
    createComputeThread: () => threadInProcess(spoil),
    identity: await VolunteerKey.make(),
    url,
    nickname,
    forcedBackend: "cpu",
    report: () => {},
  });
}

/** @param rowCount rows that the outputs are of */
export type Spoil = (outputs: Float32Array, rowCount: number) => void;

function threadInProcess(spoil?: Spoil): ComputeThreadWorker {
  const { port1, port2 } = new MessageChannel();
  const thread = createComputeThread();
  // Without the lock by which a browser tells that a thread has ended: there is none here.
  const start = (forced: Parameters<typeof thread.start>[0]) => thread.start(forced);
  const run = async (task: Parameters<typeof thread.run>[0]) => {
    const answer = await thread.run(task);
    if (!task.isProbe) spoil?.(answer.outputs, task.rowCount);
    return answer;
  };
  Comlink.expose({ ...thread, start, run }, port2);
  return Object.assign(port1, { terminate: () => port1.close() });
}
