/** The worker that owns the session; its compute threads are workers of their own, below this one. */

import "./own-scripts.ts";
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import { atMostEvery } from "./at-most-every.ts";
import { InsecureContextError, loadIdentity } from "./identity.ts";
import { createRulesKeeper, type RulesKeeper } from "./rules-keeper.ts";
import type { SessionCore } from "./session-core.ts";
import type { PageToSession, SessionToPage, StartMessage } from "./session-messages.ts";
import { NOT_STARTED, type SessionStatus } from "./session-status.ts";
import { startSessions } from "./several-sessions.ts";
import { deviceMemoryGib, tabMemoryMib, threadsUnasked } from "./tab-memory.ts";
import { choiceOf } from "./volunteer-settings.ts";
import { watchPressure } from "./watch-device.ts";

/** Small batches change the status many times a second; nobody reads faster than this. */
const REPORT_MS_MIN = 100;

let session: SessionCore | null = null;
let rules: RulesKeeper | null = null;
let unwatchPressure: () => void = () => undefined;
/** Counts starts and stops, so that a start which still waits for its key notices that it was stopped. */
let turn = 0;

const post = (message: SessionToPage) => self.postMessage(message);
const report = atMostEvery(REPORT_MS_MIN, (status: SessionStatus) => {
  rules?.traffic(status.trafficBytes);
  rules?.computing(status.underWay.length > 0);
  post({ kind: "status", status });
});

async function start(message: StartMessage): Promise<void> {
  const mine = ++turn;
  end();
  const { settings, device, pause, dataBytesToday } = message;
  // It loads while the key is found, or made.
  let first: Worker | null = createComputeThread();
  try {
    const identity = await loadIdentity(message.keyName);
    if (mine !== turn) return first.terminate();
    rules = createRulesKeeper({
      settings,
      device,
      pause,
      dataBytesToday,
      nowMs: Date.now,
      onDecision({ because, intensity, eased }) {
        session?.hold(because);
        session?.pace(intensity, eased);
      },
      onPauseOver: () => post({ kind: "pauseOver" }),
      onSlept: () => session?.reconnect(),
    });
    unwatchPressure = watchPressure((state) => rules?.pressure(state));
    const { because, intensity } = rules.decision;
    const wantedGib = message.memoryGib;
    const tabDevice = { cores: navigator.hardwareConcurrency, deviceGib: deviceMemoryGib(), wantedGib };
    const threads = settings.threads ?? threadsUnasked(tabDevice);
    session = startSessions({
      createComputeThread() {
        const thread = first ?? createComputeThread();
        first = null;
        return thread;
      },
      identity,
      url: message.url,
      forcedBackend: message.forcedBackend,
      // A graphics card is one, however many threads ask it: further ones are somebody's choice.
      threadsOn: (backend) => (settings.threads === null && isOfCard(backend) ? 1 : threads),
      memoryMib: tabMemoryMib(tabDevice, threads),
      intensity,
      held: because,
      ...(settings.nickname === "" ? {} : { nickname: settings.nickname }),
      ...(settings.team === "" ? {} : { team: settings.team }),
      ...(message.invitation === null ? {} : { invitation: message.invitation }),
      ...(message.seat === null ? {} : { seat: message.seat }),
      ...(message.admission === null ? {} : { admission: message.admission }),
      ...(message.deviceLink === null ? {} : { device: message.deviceLink }),
      choice: choiceOf(settings),
      report,
    });
  } catch (error) {
    first?.terminate();
    const problem = error instanceof InsecureContextError ? "insecure-context" : "no-identity";
    const text = (error as Error).message;
    report({ ...NOT_STARTED, activity: { kind: "broken", problem, message: text }, lastError: text });
  }
}

function isOfCard(backend: BackendName): boolean {
  return backend !== "wasm" && backend !== "cpu";
}

function createComputeThread(): Worker {
  return new Worker(new URL("../compute/compute-thread.ts", import.meta.url), { type: "module", name: "compute" });
}

function end(): void {
  unwatchPressure();
  rules?.stop();
  rules = null;
  session?.stop();
  session = null;
}

function stop(): void {
  turn++;
  if (session === null) report({ ...NOT_STARTED, activity: { kind: "off", why: "stopped" } });
  end();
}

self.addEventListener("online", () => session?.retryNow());
self.addEventListener("message", ({ data }: MessageEvent<PageToSession>) => {
  switch (data.kind) {
    case "start":
      void start(data);
      break;
    case "settings":
      rules?.settings(data.settings);
      session?.choose(choiceOf(data.settings));
      break;
    case "device":
      rules?.device(data.device);
      break;
    case "pause":
      rules?.pause(data.pause);
      break;
    case "seat":
      session?.sit(data.code);
      break;
    case "finish":
      if (session === null) stop();
      else session.finishThenStop();
      break;
    case "retry":
      session?.retryNow();
      break;
    case "stop":
      stop();
      break;
    default:
      data satisfies never;
  }
});
