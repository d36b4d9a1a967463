/**
 * A tab of the test crowd: as the worker page, but it starts at once, each tab is a volunteer of its own, and its compute
 * thread misbehaves as the address says (tab-settings.ts). Whoever drives the browser reads `paritabStatus`, and may call
 * `paritabStop`.
 */
import "../../../../client/session/own-scripts.ts";
import { NOT_STARTED, type SessionStatus } from "../../../../client/session/session-status.ts";
import type { KernelReport, PageToSwarmSession, SwarmSessionToPage } from "./swarm-messages.ts";

declare global {
  interface Window {
    paritabStatus: SessionStatus;
    /** Of the latest batch, where the address asks for them. */
    paritabKernels?: KernelReport;
    paritabStop(): void;
  }
}

const line = document.querySelector("#status")!;
const worker = new Worker(new URL("./swarm-session-worker.ts", import.meta.url), { type: "module", name: "session" });
const send = (message: PageToSwarmSession) => worker.postMessage(message);

function show(status: SessionStatus): void {
  window.paritabStatus = status;
  const { activity, backend, counts, lastError } = status;
  const done = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`);
  line.textContent = [activity.kind, backend ?? "no back-end", ...done, lastError ?? ""].join(" | ");
}

show(NOT_STARTED);
window.paritabStop = () => send({ kind: "stop" });
worker.addEventListener("message", ({ data }: MessageEvent<SwarmSessionToPage>) => {
  if (data.kind === "status") show(data.status);
  else window.paritabKernels = data.report;
});
worker.addEventListener("error", ({ message }) => {
  show({ ...NOT_STARTED, activity: { kind: "broken", problem: "compute-thread", message }, lastError: message });
});
send({ kind: "start", url: location.origin, settings: location.search });
