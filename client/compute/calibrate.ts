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
  createRuntime(backend: BackendName): Promise<ModelRuntime>;
  /** Frees what a back-end holds. It is not asked for again in this thread. */
  release(backend: BackendName): Promise<void>;
  nowMs(): number;
}

type Candidate = CalibrationReport["candidates"][number];

/** @throws Error where no candidate answers right; the message says what was wrong with each */
export async function calibrate(
  candidates: readonly BackendName[],
  known: KnownAnswer,
  tools: CalibrationTools,
): Promise<{ runtime: ModelRuntime; report: CalibrationReport }> {
  const tried: Candidate[] = [];
  for (const backend of candidates) tried.push(await tryCandidate(backend, known, tools));

  const best = fastestRight(tried);
  for (const { backend } of tried) {
    if (backend !== best?.backend) await tools.release(backend).catch(() => undefined);
  }
  if (best === undefined) {
    const reasons = tried.map(({ backend, problem }) => `${backend}: ${problem}`).join("; ");
    throw new Error(`calibrate: no back-end answers right (${reasons})`);
  }
  // Created again because the library has one current back-end, and the last candidate is it now.
  const runtime = await tools.createRuntime(best.backend);
  return { runtime, report: { backend: best.backend, candidates: tried } };
}

async function tryCandidate(backend: BackendName, known: KnownAnswer, tools: CalibrationTools): Promise<Candidate> {
  try {
    const runtime = await tools.createRuntime(backend);
    const model = await runtime.load(known.bundle);
    try {
      const outputs = await model.run(known.rows, known.rowCount);
      const deviation = largestDeviation(outputs, known.expected, known.rowCount);
      if (!(deviation <= PROBE_TOLERANCE)) {
        return { backend, problem: `off by ${deviation.toPrecision(3)} of a row's size`, msMedian: null };
      }
      const times: number[] = [];
      for (let i = 0; i < TIMED_RUNS; i++) {
        const startedMs = tools.nowMs();
        await model.run(known.rows, known.rowCount);
        times.push(tools.nowMs() - startedMs);
      }
      return { backend, problem: null, msMedian: medianOfSome(times) };
    } finally {
      model.dispose();
    }
  } catch (error) {
    return { backend, problem: error instanceof Error ? error.message : String(error), msMedian: null };
  }
}

function fastestRight(tried: readonly Candidate[]): Candidate | undefined {
  return tried
    .filter(({ problem }) => problem === null)
    .reduce<Candidate | undefined>(
      (best, one) => (best === undefined || one.msMedian! < best.msMedian! ? one : best),
      undefined,
    );
}
