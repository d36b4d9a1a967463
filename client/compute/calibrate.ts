/**
 * Chooses the back-end that this machine computes with: each candidate answers a known question (the probe, also known
 * to the coordinator) and is timed on it. Wrong or failing candidates are put aside; the fastest of the rest wins.
 */

import type { CalibrationReport } from "../../shared/compute/compute-thread-api.ts";
import type { BackendName, ModelRuntime } from "../../shared/compute/model-runtime.ts";
import { medianOfSome } from "../../shared/numbers/quantile.ts";
import { largestDeviation } from "./largest-deviation.ts";

/** Relative to the row's root mean square. Storage in float16, as some GPUs have it, stays well inside. */
const PROBE_TOLERANCE = 5e-2;
/** The first run compiles shaders and fills caches; it is checked, not timed. */
const TIMED_RUNS = 5;

export interface KnownAnswer {
  readonly bundle: Uint8Array;
  /** rowCount x inputSize */
  readonly rows: Float32Array;
  readonly rowCount: number;
  /** rowCount x outputSize, from the plain runtime */
  readonly expected: Float32Array;
}

export interface CalibrationTools {
  createRuntime(backend: BackendName): ModelRuntime;
  /** What speaks against trying it at all; null: nothing. */
  whyNot(backend: BackendName): string | null;
  /** Is one that answers right wanted later, for single models, though another is faster? */
  mayBeWanted(backend: BackendName): boolean;
  nowMs(): number;
}

type Trial = CalibrationReport["candidates"][number] & { readonly runtime: ModelRuntime | null };

/** @throws Error where no candidate answers right; the message says what was wrong with each */
export async function calibrate(
  candidates: readonly BackendName[],
  known: KnownAnswer,
  tools: CalibrationTools,
): Promise<{ runtime: ModelRuntime; report: CalibrationReport }> {
  const trials: Trial[] = [];
  for (const backend of candidates) {
    const problem = tools.whyNot(backend);
    trials.push(
      problem === null
        ? await tryCandidate(tools.createRuntime(backend), known, tools)
        : { backend, problem, msMedian: null, runtime: null },
    );
  }

  const best = fastestRight(trials);
  // A runtime that is let go is not asked for again in this thread.
  for (const { runtime, problem, backend } of trials) {
    const isKept = runtime === best?.runtime || (problem === null && tools.mayBeWanted(backend));
    if (!isKept) await runtime?.release().catch(() => undefined);
  }
  if (best === undefined || best.runtime === null) {
    const reasons = trials.map(({ backend, problem }) => `${backend}: ${problem}`).join("; ");
    throw new Error(`calibrate: no back-end answers right (${reasons})`);
  }
  const tried = trials.map(({ backend, problem, msMedian }) => ({ backend, problem, msMedian }));
  return { runtime: best.runtime, report: { backend: best.backend, candidates: tried } };
}

async function tryCandidate(runtime: ModelRuntime, known: KnownAnswer, tools: CalibrationTools): Promise<Trial> {
  const { backend } = runtime;
  try {
    const model = await runtime.load(known.bundle);
    try {
      const outputs = await model.run(known.rows, known.rowCount);
      const deviation = largestDeviation(outputs, known.expected, known.rowCount);
      if (!(deviation <= PROBE_TOLERANCE)) {
        return { backend, runtime, problem: `off by ${deviation.toPrecision(3)} of a row's size`, msMedian: null };
      }
      const times: number[] = [];
      for (let i = 0; i < TIMED_RUNS; i++) {
        const startedMs = tools.nowMs();
        await model.run(known.rows, known.rowCount);
        times.push(tools.nowMs() - startedMs);
      }
      return { backend, runtime, problem: null, msMedian: medianOfSome(times) };
    } finally {
      model.dispose();
    }
  } catch (error) {
    return { backend, runtime, problem: error instanceof Error ? error.message : String(error), msMedian: null };
  }
}

function fastestRight(tried: readonly Trial[]): Trial | undefined {
  return tried
    .filter(({ problem }) => problem === null)
    .reduce<Trial | undefined>(
      (best, one) => (best === undefined || one.msMedian! < best.msMedian! ? one : best),
      undefined,
    );
}
