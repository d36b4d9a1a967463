/** What this tab does, as signals, and the three commands. The page draws it; the session worker does the work. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import type { PageToSession, SessionToPage } from "../session/session-messages.ts";
import { hasEnded, NOT_STARTED, type SessionStatus } from "../session/session-status.ts";
import { calmStatus } from "./calm-status.ts";
import { takePlace, whenPlaceIsFree } from "./one-tab-lock.ts";
import { shouldReload, takeGoOn, versionAgrees } from "./reload-once.ts";

export interface VolunteerTab {
  readonly status: ReadonlySignal<SessionStatus>;
  /** Another tab of this browser is the one that works. */
  readonly elsewhere: ReadonlySignal<boolean>;
  /** An update was found and the page reloads, or has just done so. */
  readonly reloadsItself: ReadonlySignal<boolean>;
  readonly wentOn: boolean;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
  stop(): void;
}

export interface VolunteerTabOptions {
  readonly forcedBackend: BackendName | null;
  readonly lockName?: string;
  readonly keyName?: string;
}

/** How long a stopped session may take to say goodbye before its worker is ended. */
const GOODBYE_MS_MAX = 500;

export function createVolunteerTab(options: VolunteerTabOptions): VolunteerTab {
  const { forcedBackend, lockName = "paritab-volunteer", keyName = "volunteer" } = options;
  const status = signal<SessionStatus>(NOT_STARTED);
  const elsewhere = signal(false);
  const reloadsItself = signal(true);
  const show = calmStatus((next) => {
    status.value = next;
  });
  let worker: Worker | null = null;
  let giveBackPlace: (() => void) | null = null;
  /** A Start that still waits for the lock. */
  let starting = false;

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
      if (worker === spawned) onStatus(data.status);
    });
    spawned.addEventListener("error", ({ message }) => {
      if (worker === spawned)
        onStatus({ ...status.value, activity: { kind: "broken", problem: "compute-thread", message } });
    });
    show({ ...NOT_STARTED, activity: { kind: "calibrating" } });
    send({ kind: "start", url: location.origin, keyName, forcedBackend });
  }

  function onStatus(next: SessionStatus): void {
    const { kind } = next.activity;
    if (kind === "waiting" || kind === "computing") versionAgrees(sessionStorage);
    if (kind === "upgrade-needed") {
      reloadsItself.value = shouldReload(sessionStorage, next.activity.servedBuildHash);
      if (reloadsItself.value) location.reload();
    }
    show(next);
    if (hasEnded(next.activity)) letGo();
  }

  function letGo(): void {
    worker?.terminate();
    worker = null;
    giveBackPlace?.();
    giveBackPlace = null;
  }

  const wentOn = takeGoOn(sessionStorage);
  if (wentOn) void start();

  return {
    status,
    elsewhere,
    reloadsItself,
    wentOn,
    start,
    pause: () => send({ kind: "pause" }),
    resume: () => send({ kind: "resume" }),
    stop() {
      const stopping = worker;
      if (stopping === null) return;
      send({ kind: "stop" });
      // A session that hangs is ended all the same: Stop means stop.
      setTimeout(() => {
        if (worker === stopping) onStatus({ ...status.value, activity: { kind: "off", why: "stopped" } });
      }, GOODBYE_MS_MAX);
    },
  };
}
