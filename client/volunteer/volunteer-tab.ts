/** What this tab does, as signals, and the commands. The page draws it; the session worker does the work. */
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import { REFUSED_JOBS_MAX } from "../../shared/protocol/limits.ts";
import type { DeviceLink } from "../session/device-link.ts";
import type { Pause } from "../session/may-work.ts";
import type { DeviceState } from "../session/rules-keeper.ts";
import type { PageToSession, SessionToPage } from "../session/session-messages.ts";
import { hasEnded, NOT_STARTED, type SessionStatus } from "../session/session-status.ts";
import { deviceMemoryGib, threadsUnasked } from "../session/tab-memory.ts";
import type { RefusedJob, VolunteerSettings } from "../session/volunteer-settings.ts";
import { createScreenWake, type ScreenWakeState } from "../ui/screen-wake.ts";
import { calmStatus } from "./calm-status.ts";
import { createContributionLog } from "./contribution-log.ts";
import type { Contributions } from "./contributions.ts";
import { createHelpedLog, type HelpedJobs } from "./helped-jobs.ts";
import { keepTypedCode } from "./invitation.ts";
import { keepVisit, keptVisit } from "./kept-visit.ts";
import { createPageDevice } from "./page-device.ts";
import type { WentOn } from "./page-notes.ts";
import { shouldReload, takeGoOn, versionAgrees } from "./reload-once.ts";
import { keepSettings, readSettings } from "./stored-settings.ts";

export interface VolunteerTab {
  readonly status: ReadonlySignal<SessionStatus>;
  readonly settings: ReadonlySignal<VolunteerSettings>;
  readonly device: ReadonlySignal<DeviceState>;
  readonly screen: ReadonlySignal<ScreenWakeState>;
  readonly contributions: ReadonlySignal<Contributions>;
  readonly helped: HelpedJobs;
  /** The code for a seat that the address brought, or somebody typed; null: none. */
  readonly seatCode: ReadonlySignal<string | null>;
  /** Another tab of this browser is the one that works. */
  readonly elsewhere: ReadonlySignal<boolean>;
  /** An update was found and the page reloads, or has just done so. */
  readonly reloadsItself: ReadonlySignal<boolean>;
  /** Compute threads where nobody chose how many. */
  readonly threadsUnasked: number;
  /** Why it goes on without a Start of this load; null: it does not. */
  readonly wentOn: ReadonlySignal<WentOn | null>;
  start(): Promise<void>;
  pause(pause: Pause): void;
  resume(): void;
  finishThenStop(): void;
  stop(): void;
  /** Takes effect at once, but for nickname, team and the number of threads: those at the next start. */
  change(settings: Partial<VolunteerSettings>): void;
  /** Uses a code from a sheet of seats: at once where the tab runs, else at the next start. */
  sit(code: string): void;
  /** Says no to a job: at once, and for as long as it is at work. */
  refuse(job: RefusedJob): void;
}

export interface VolunteerTabOptions {
  readonly forcedBackend: BackendName | null;
  /** That one model may take; null: as the browser tells of the device. */
  readonly memoryGib?: number | null;
  readonly invitation: string | null;
  readonly seatCode?: string | null;
  readonly admission?: string | null;
  readonly deviceLink?: DeviceLink | null;
  readonly lockName?: string;
  readonly keyName?: string;
}

const STARTING: SessionStatus = { ...NOT_STARTED, activity: { kind: "calibrating" } };
/** How long a stopped session may take to say goodbye before its worker is ended. */
const GOODBYE_MS_MAX = 500;

export function createVolunteerTab(options: VolunteerTabOptions): VolunteerTab {
  const {
    forcedBackend,
    memoryGib = null,
    invitation,
    admission = null,
    deviceLink = null,
    lockName = "paritab-volunteer",
    keyName = "volunteer",
  } = options;
  const settings = signal(readSettings(localStorage));
  const afterUpdate = takeGoOn(sessionStorage);
  const goOn = afterUpdate ?? (settings.value.goesOn ? keptVisit(localStorage) : null);
  // A page that goes on never shows Start, for a button must not go away under a finger.
  const status = signal<SessionStatus>(goOn === null ? NOT_STARTED : STARTING);
  const wentOn = signal<WentOn | null>(goOn === null ? null : afterUpdate === null ? "visit" : "update");
  const seatCode = signal(options.seatCode ?? null);
  const elsewhere = signal(false);
  const reloadsItself = signal(true);
  const log = createContributionLog(localStorage);
  const helped = createHelpedLog(localStorage);
  const device = createPageDevice((state) => send({ kind: "device", device: state }));
  const show = calmStatus((next) => {
    status.value = next;
  });
  let worker: Worker | null = null;
  let giveBackPlace: (() => void) | null = null;
  /** A Start that still waits for the lock. */
  let starting = false;
  let pause: Pause | null = null;

  function keepLogs(): void {
    log.keep();
    helped.keep();
  }

  function send(message: PageToSession): void {
    worker?.postMessage(message);
  }

  async function start(): Promise<void> {
    if (worker !== null || starting) return;
    starting = true;
    try {
      // Without a secure context there are no locks; the session says what is amiss.
      if (navigator.locks !== undefined) {
        giveBackPlace = await takePlace(lockName);
        elsewhere.value = giveBackPlace === null;
        if (giveBackPlace === null) {
          show(NOT_STARTED);
          wentOn.value = null;
          noticeWhenFree();
          return;
        }
      }
      spawn();
    } finally {
      starting = false;
    }
  }

  function noticeWhenFree(): void {
    void whenPlaceIsFree(lockName, new AbortController().signal).then(() => {
      elsewhere.value = false;
    });
  }

  function spawn(): void {
    const spawned = new Worker(new URL("../session/session-worker.ts", import.meta.url), {
      type: "module",
      name: "session",
    });
    worker = spawned;
    spawned.addEventListener("message", ({ data }: MessageEvent<SessionToPage>) => {
      if (worker !== spawned) return;
      if (data.kind === "status") onStatus(data.status);
      else remember(null);
    });
    spawned.addEventListener("error", ({ message }) => {
      if (worker === spawned)
        onStatus({ ...status.value, activity: { kind: "broken", problem: "compute-thread", message } });
    });
    show(STARTING);
    remember(pause);
    log.beginVisit();
    helped.beginVisit();
    send({
      kind: "start",
      url: location.origin,
      keyName,
      forcedBackend,
      memoryGib,
      invitation,
      seat: seatCode.value,
      admission,
      deviceLink,
      settings: settings.value,
      device: device.state.value,
      pause,
      dataBytesToday: log.bytesToday(),
    });
  }

  function onStatus(next: SessionStatus): void {
    const { kind } = next.activity;
    if (kind === "waiting" || kind === "computing") versionAgrees(sessionStorage);
    if (kind === "upgrade-needed") {
      reloadsItself.value = shouldReload(sessionStorage, next.activity.servedBuildHash, { pause });
      if (reloadsItself.value) location.reload();
    }
    log.add(next);
    helped.add(next.byJob);
    show(next);
    if (hasEnded(next.activity)) letGo();
  }

  function letGo(): void {
    worker?.terminate();
    worker = null;
    pause = null;
    wentOn.value = null;
    keepVisit(localStorage, null);
    keepLogs();
    giveBackPlace?.();
    giveBackPlace = null;
  }

  function remember(next: Pause | null): void {
    pause = next;
    keepVisit(localStorage, { pause });
  }

  function setPause(next: Pause | null): void {
    remember(next);
    send({ kind: "pause", pause });
  }

  const screen = createScreenWake(navigator, document);
  effect(() => {
    const { activity, held } = status.value;
    screen.want(settings.value.keepsScreenOn && !hasEnded(activity) && held === null);
  });
  device.watchUse(settings.value.onlyWhenIdle);
  addEventListener("pagehide", keepLogs);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") send({ kind: "retry" });
    else keepLogs();
  });
  if (goOn !== null) {
    pause = goOn.pause;
    void start();
  }

  function change(changes: Partial<VolunteerSettings>): void {
    settings.value = keepSettings(localStorage, { ...settings.value, ...changes });
    device.watchUse(settings.value.onlyWhenIdle);
    send({ kind: "settings", settings: settings.value });
  }

  return {
    status,
    settings,
    device: device.state,
    screen: screen.state,
    contributions: log.contributions,
    helped,
    seatCode,
    elsewhere,
    reloadsItself,
    threadsUnasked: threadsUnasked({
      cores: navigator.hardwareConcurrency,
      deviceGib: deviceMemoryGib(),
      wantedGib: memoryGib,
    }),
    wentOn,
    start,
    pause: setPause,
    resume: () => setPause(null),
    finishThenStop: () => send({ kind: "finish" }),
    stop() {
      const stopping = worker;
      if (stopping === null) return;
      send({ kind: "stop" });
      // A session that hangs is ended all the same: Stop means stop.
      setTimeout(() => {
        if (worker === stopping) onStatus({ ...status.value, activity: { kind: "off", why: "stopped" } });
      }, GOODBYE_MS_MAX);
    },
    change,
    sit(code) {
      seatCode.value = code;
      keepTypedCode(code, sessionStorage);
      // What became of another code is not true of this one.
      show({ ...status.value, seat: null });
      send({ kind: "seat", code });
    },
    refuse({ jobId, name }) {
      const others = settings.value.refusedJobs.filter((job) => job.jobId !== jobId);
      change({ refusedJobs: [{ jobId, name }, ...others].slice(0, REFUSED_JOBS_MAX) });
    },
  };
}

/** @returns gives the place back; null where another tab has it */
function takePlace(lockName: string): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    const holdUntilGivenBack = (lock: Lock | null) => {
      if (lock === null) {
        resolve(null);
        return;
      }
      return new Promise<void>((giveBack) => resolve(giveBack));
    };
    navigator.locks.request(lockName, { ifAvailable: true }, holdUntilGivenBack).catch(reject);
  });
}

/** Resolves once no tab has the place; does not take it. Rejects where the signal gives up. */
async function whenPlaceIsFree(lockName: string, signal: AbortSignal): Promise<void> {
  await navigator.locks.request(lockName, { signal }, () => undefined);
}
