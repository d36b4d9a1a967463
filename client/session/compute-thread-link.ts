/**
 * The session's hold on its compute thread. A Comlink call to a thread that died, or that a driver hangs, never settles;
 * so calls go one at a time, each has a deadline, and a thread that misses one is ended and started afresh.
 */
import * as Comlink from "comlink";
import type {
  CalibrationReport,
  ComputeOutcome,
  ComputeTask,
  ComputeThreadApi,
  ProductOutcome,
  ProductTask,
} from "../../shared/compute/compute-thread-api.ts";
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import { createTurnQueue } from "../../shared/control/turn-queue.ts";
import { TAB_CALIBRATION_MS_MAX, TAB_MODEL_LOAD_MS_MAX, TAB_SHARD_LOAD_MS_MAX } from "../../shared/protocol/limits.ts";

/** What a Worker is to us: an endpoint that can be ended. */
export type ComputeThreadWorker = Comlink.Endpoint & { terminate(): void };

/** The thread was ended while it owed an answer; by then another one is starting. */
export class ComputeThreadError extends Error {
  override readonly name = "ComputeThreadError";
}

export interface ComputeThreadLink {
  /** Resolves once the first thread has chosen its back-end. @throws where three threads in a row could not start */
  start(): Promise<void>;
  holdsModel(sha256: string): Promise<boolean>;
  /** The bundle's buffer is handed over: the caller has it no more. */
  addModel(sha256: string, bundle: Uint8Array<ArrayBuffer>): Promise<void>;
  /** [PC7] The model was computed wrong there: it is not tried on that back-end again, by no later thread either. */
  putAside(sha256: string, backend: BackendName): void;
  /** @param deadlineMs from the moment the thread gets the task, which may be after it finished another one */
  run(task: ComputeTask, deadlineMs: number): Promise<ComputeOutcome>;
  holdsShard(sha256: string): Promise<boolean>;
  /** The frame's buffer is handed over: the caller has it no more. */
  addShard(sha256: string, frame: Uint8Array<ArrayBuffer>): Promise<void>;
  /** @param deadlineMs as for run */
  multiply(task: ProductTask, deadlineMs: number): Promise<ProductOutcome>;
  /** Ends this thread and starts another; whatever was asked of it is rejected with a ComputeThreadError. */
  restart(reason: string): void;
  /** Ends the thread for good. */
  stop(): void;
}

export interface ComputeThreadLinkOptions {
  createWorker(): ComputeThreadWorker;
  forcedBackend: BackendName | null;
  /** After every start, the first and each new one. */
  onCalibrated(report: CalibrationReport): void;
  /** No thread could be started: the link is of no further use. */
  onBroken(message: string): void;
}

/** Starts in a row that may fail before the link gives up. */
const FAILED_STARTS_MAX = 3;

type ThreadCall<T> = (api: Comlink.Remote<ComputeThreadApi>, thread: Thread) => Promise<T>;

interface Thread {
  readonly worker: ComputeThreadWorker;
  readonly api: Comlink.Remote<ComputeThreadApi>;
  /** Aborted with the ComputeThreadError that every open call is rejected with. */
  readonly ended: AbortController;
  /** Settles once the back-end is chosen. */
  ready: Promise<void>;
  started: boolean;
  /** What it ran last, and so has not let go of; null: nothing, or its latest run failed. */
  latestModel: string | null;
}

export function createComputeThreadLink(options: ComputeThreadLinkOptions): ComputeThreadLink {
  let thread: Thread | null = null;
  let failedStarts = 0;
  const aside = new Map<string, BackendName[]>();
  /** Once set, the link is over and this is why. */
  let over: string | null = null;
  const inTurn = createTurnQueue();

  function spawn(): Thread {
    const worker = options.createWorker();
    const api = Comlink.wrap<ComputeThreadApi>(worker);
    const spawned: Thread = {
      worker,
      api,
      ended: new AbortController(),
      ready: Promise.resolve(),
      started: false,
      latestModel: null,
    };
    // An entry file that does not load, or an exception that nobody caught: either way nothing will be answered.
    const onError = (event: Event & { message?: string }) =>
      replace(spawned, `the compute thread ended with an error${event.message ? `: ${event.message}` : ""}`);
    worker.addEventListener("error", onError as EventListener);
    spawned.ready = calibrated(spawned);
    spawned.ready.catch(() => undefined);
    return spawned;
  }

  async function calibrated(target: Thread): Promise<void> {
    const lifeLockName = `paritab-compute-thread-${Math.random().toString(36).slice(2)}`;
    const start: ThreadCall<CalibrationReport> = (api) => api.start(options.forcedBackend, lifeLockName);
    try {
      const report = await withDeadline(target, "start", TAB_CALIBRATION_MS_MAX, start);
      target.started = true;
      failedStarts = 0;
      whenThreadEnds(lifeLockName, target.ended.signal, () => replace(target, "the compute thread ended by itself"));
      options.onCalibrated(report);
    } catch (error) {
      replace(target, (error as Error).message);
      throw error;
    }
  }

  function replace(old: Thread, reason: string): void {
    if (thread !== old || over !== null) return;
    end(old, reason);
    if (!old.started && ++failedStarts >= FAILED_STARTS_MAX) {
      over = reason;
      options.onBroken(reason);
      return;
    }
    thread = spawn();
  }

  function end(old: Thread, reason: string): void {
    thread = null;
    old.worker.terminate();
    old.ended.abort(new ComputeThreadError(reason));
  }

  function withDeadline<T>(target: Thread, what: string, deadlineMs: number, action: ThreadCall<T>): Promise<T> {
    const { signal } = target.ended;
    const { promise, resolve, reject } = deferred<T>();
    const overdue = () => replace(target, `${what}: expected an answer within ${Math.round(deadlineMs)} ms, got none`);
    const timer = setTimeout(overdue, deadlineMs);
    const onEnd = () => reject(signal.reason);
    signal.addEventListener("abort", onEnd, { once: true });
    action(target.api, target).then(resolve, reject);
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onEnd);
    });
  }

  function call<T>(what: string, deadlineMs: number, action: ThreadCall<T>): Promise<T> {
    return inTurn(async () => withDeadline(await readyThread(), what, deadlineMs, action));
  }

  /** The present thread once it has started, or the one that takes its place while we wait. */
  async function readyThread(): Promise<Thread> {
    for (;;) {
      if (over !== null) throw new ComputeThreadError(over);
      const awaited = thread;
      if (awaited === null) throw new ComputeThreadError("the compute thread was never started");
      // A start that failed has had its thread replaced, or the link is over: look again.
      await awaited.ready.catch(() => undefined);
      if (thread === awaited) return awaited;
    }
  }

  /** A batch like the one before costs no question first. */
  function holdsModel(sha256: string): Promise<boolean> {
    if (thread?.latestModel === sha256) return Promise.resolve(true);
    return call("holdsModel", TAB_MODEL_LOAD_MS_MAX, (api) => api.holdsModel(sha256));
  }

  async function runOn(api: Comlink.Remote<ComputeThreadApi>, target: Thread, task: ComputeTask) {
    target.latestModel = null;
    const outcome = await api.run(task);
    target.latestModel = task.modelSha256;
    return outcome;
  }

  return {
    async start() {
      if (thread !== null) throw new Error("compute thread link: expected one start, got a second");
      thread = spawn();
      await readyThread();
    },
    holdsModel,
    addModel: (sha256, bundle) =>
      call("addModel", TAB_MODEL_LOAD_MS_MAX, (api) =>
        api.addModel(sha256, Comlink.transfer(bundle, [bundle.buffer]), aside.get(sha256) ?? []),
      ),
    putAside(sha256, backend) {
      aside.set(sha256, [...(aside.get(sha256) ?? []), backend]);
      if (thread !== null) thread.latestModel = null;
      const dropping = call("dropModel", TAB_MODEL_LOAD_MS_MAX, (api) => api.dropModel(sha256));
      // A thread that ends in between holds no models.
      dropping.catch(() => undefined);
    },
    run: (task, deadlineMs) => call("run", deadlineMs, (api, target) => runOn(api, target, task)),
    holdsShard: (sha256) => call("holdsShard", TAB_SHARD_LOAD_MS_MAX, (api) => api.holdsShard(sha256)),
    addShard: (sha256, frame) =>
      call("addShard", TAB_SHARD_LOAD_MS_MAX, (api) => api.addShard(sha256, Comlink.transfer(frame, [frame.buffer]))),
    multiply: (task, deadlineMs) => call("multiply", deadlineMs, (api) => api.multiply(task)),
    restart(reason) {
      if (thread !== null) replace(thread, reason);
    },
    stop() {
      over ??= "the compute thread was stopped";
      if (thread !== null) end(thread, over);
    },
  };
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/**
 * Learns that a thread ended through the Web Lock that it holds while it lives (client/compute/compute-thread-core.ts). Where the
 * thread does not hold it, or there are no locks, nothing is ever told: deadlines must do alone.
 */
function whenThreadEnds(lifeLockName: string, givenUp: AbortSignal, onEnd: () => void): void {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  if (locks === undefined) return;
  void locks.request(lifeLockName, { ifAvailable: true }, async (free) => {
    if (free !== null) return;
    locks
      .request(lifeLockName, { signal: givenUp }, () => {
        if (!givenUp.aborted) onEnd();
      })
      .catch(() => undefined);
  });
}
