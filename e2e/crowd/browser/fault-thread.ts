/** A compute thread that does the real work and then misbehaves, as its faults say. */
import type {
  ComputeOutcome,
  ComputeTask,
  ComputeThreadApi,
  ProductOutcome,
  ProductTask,
} from "../../../shared/compute/compute-thread-api.ts";
import { lieAbout } from "./fault-answers.ts";
import { faultsAt, type RoundFault } from "./fault-at.ts";
import { lieAboutProduct } from "./fault-products.ts";
import type { Fault } from "./fault-profile.ts";
import { createPreviousAnswers } from "./previous-answers.ts";

export interface FaultyThreadOptions {
  readonly seed: number;
  readonly tab: number;
  /** Of this tab alone. */
  readonly faults: readonly Fault[];
  nowMs(): number;
  sleep(ms: number): Promise<void>;
  /** Ends the session, and this thread with it. */
  leave(): void;
  /**
   * Lays open what this tab computed to the others that swap, and waits a little for one of them.
   * @returns what another one computed, of the same length; null: nobody in time
   */
  swap<Answer extends Float32Array | Uint32Array>(what: string, own: Answer): Promise<Answer | null>;
}

/**
 * Probes and shards are answered as they should be: a fault is of a round, and these belong to none.
 * @param inner computes; everything but `run` and `multiply` is its own
 */
export function withFaults(inner: ComputeThreadApi, options: FaultyThreadOptions): ComputeThreadApi {
  const { seed, tab, faults } = options;
  const previousOutputs = createPreviousAnswers<Float32Array>();
  const previousProducts = createPreviousAnswers<Uint32Array>();
  /** The round whose delay has been slept. */
  let delayedRound = "";
  /** The assignment that it is at, and how many it began before. */
  let current = "";
  let begun = -1;

  /** The work itself, with what befalls it: it may take long, or never come back. */
  async function befall<Outcome>(fault: RoundFault, work: () => Promise<Outcome>): Promise<Outcome> {
    if (fault.leaves) {
      options.leave();
      return never();
    }
    const startMs = options.nowMs();
    const outcome = await work();
    const ownMs = options.nowMs() - startMs;
    if (fault.isMute) return never();
    const extraMs = Math.max(fault.floorMs, fault.factor * ownMs) - ownMs + fault.delayMs;
    if (extraMs > 0) await options.sleep(extraMs);
    return outcome;
  }

  async function run(task: ComputeTask): Promise<ComputeOutcome> {
    if (task.isProbe) return inner.run(task);
    const { jobId, roundIndex: round, rowCount } = task;
    if (current !== `${jobId}/${round}`) begun++;
    current = `${jobId}/${round}`;
    const fault = faultsAt(seed, tab, round, faults);
    const outcome = onCard(await befall(fault, () => inner.run(task)), faults);
    const { outputs } = outcome;
    const previous = previousOutputs.before(jobId, round, outputs);
    if (fault.lie === null) return outcome;
    const colluder = fault.lie.name === "swap" ? await options.swap(`${jobId}/${round}`, outputs) : null;
    const context = { seed, tab, round, begun, previous, colluder };
    return { ...outcome, outputs: lieAbout(fault.lie, outputs, rowCount, context) };
  }

  async function multiply(task: ProductTask): Promise<ProductOutcome> {
    const { jobId, roundIndex: round, product, shardSha256, width } = task;
    const fault = oncePerRound(jobId, round, faultsAt(seed, tab, round, faults));
    const outcome = await befall(fault, () => inner.multiply(task));
    const { residues } = outcome;
    const previous = previousProducts.before(`${jobId}/${shardSha256}/${product}`, round, residues);
    if (fault.lie === null) return outcome;
    const what = `${jobId}/${round}/${product}`;
    const colluder = fault.lie.name === "swap" ? await options.swap(what, residues) : null;
    const context = { seed, tab, round, product, previous, colluder };
    return { ...outcome, residues: lieAboutProduct(fault.lie, residues, width, context) };
  }

  /** A tab is late in a round, not with each of its shards. */
  function oncePerRound(jobId: string, round: number, fault: RoundFault): RoundFault {
    const isDelayed = delayedRound === `${jobId}/${round}`;
    delayedRound = `${jobId}/${round}`;
    return isDelayed ? { ...fault, delayMs: 0 } : fault;
  }

  return {
    start: (forced, lifeLockName) => inner.start(forced, lifeLockName),
    holdsModel: (sha256) => inner.holdsModel(sha256),
    addModel: (sha256, bundle, aside) => inner.addModel(sha256, bundle, aside),
    dropModel: (sha256) => inner.dropModel(sha256),
    run,
    holdsShard: (sha256) => inner.holdsShard(sha256),
    addShard: (sha256, frame) => inner.addShard(sha256, frame),
    multiply,
  };
}

/** What a broken card makes of it: numbers that look like answers, and are none in any row. */
function onCard(outcome: ComputeOutcome, faults: readonly Fault[]): ComputeOutcome {
  const isBroken = faults.some((fault) => fault.kind === "card" && fault.backend === outcome.backend);
  return isBroken ? { ...outcome, outputs: outcome.outputs.map((value) => 0.3 - 0.7 * value) } : outcome;
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
