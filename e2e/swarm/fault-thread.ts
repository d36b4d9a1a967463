/** A compute thread that does the real work and then misbehaves, as its faults say. */
import type { ComputeOutcome, ComputeTask, ComputeThreadApi } from "../../shared/compute/compute-thread-api.ts";
import { lieAbout } from "./fault-answers.ts";
import { faultsAt, type RoundFault } from "./fault-at.ts";
import type { Fault } from "./fault-profile.ts";

export interface FaultyThreadOptions {
  readonly seed: number;
  readonly tab: number;
  /** Of this tab alone. */
  readonly faults: readonly Fault[];
  nowMs(): number;
  sleep(ms: number): Promise<void>;
  /** Ends the session, and this thread with it. */
  leave(): void;
}

/**
 * Probes are answered as they should be: a fault is of a round, and a probe belongs to none.
 * @param inner computes; everything but `run` is its own
 */
export function withFaults(inner: ComputeThreadApi, options: FaultyThreadOptions): ComputeThreadApi {
  let last: { roundName: string; outputs: Float32Array } | null = null;
  let previous: Float32Array | null = null;

  /** Keeps what `replay` sends. A round that is asked again is still the same round. */
  function remember({ jobId, roundIndex }: ComputeTask, outputs: Float32Array): void {
    const roundName = `${jobId}/${roundIndex}`;
    if (last !== null && last.roundName !== roundName) previous = last.outputs;
    last = { roundName, outputs };
  }

  async function run(task: ComputeTask): Promise<ComputeOutcome> {
    if (task.isProbe) return inner.run(task);
    const { seed, tab, faults } = options;
    const fault = faultsAt(seed, tab, task.roundIndex, faults);
    if (fault.leaves) {
      options.leave();
      return never();
    }
    const startMs = options.nowMs();
    const outcome = await inner.run(task);
    const ownMs = options.nowMs() - startMs;
    if (fault.isMute) return never();
    await sleepFor(extraMs(fault, ownMs));
    remember(task, outcome.outputs);
    if (fault.lie === null) return outcome;
    const context = { seed, tab, round: task.roundIndex, previous };
    return { ...outcome, outputs: lieAbout(fault.lie, outcome.outputs, task.rowCount, context) };
  }

  async function sleepFor(ms: number): Promise<void> {
    if (ms > 0) await options.sleep(ms);
  }

  return {
    start: (forced, lifeLockName) => inner.start(forced, lifeLockName),
    holdsModel: (sha256) => inner.holdsModel(sha256),
    addModel: (sha256, bundle) => inner.addModel(sha256, bundle),
    run,
  };
}

/** What a task takes beyond its own time. */
function extraMs({ factor, floorMs, delayMs }: RoundFault, ownMs: number): number {
  return Math.max(floorMs, factor * ownMs) - ownMs + delayMs;
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
