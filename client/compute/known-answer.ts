import { PROBE_INPUT_RANGE, PROBE_INPUT_SIZE, probeBundle } from "../../shared/compute/probe.ts";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { KnownAnswer } from "./calibrate.ts";

/**
 * So that the times compared are those of the work to come: 2.4 million multiply-adds, about what ten rows of a small
 * network take. With a handful of rows every back-end takes its overhead, and plain JavaScript would seem the fastest.
 */
const ROW_COUNT = 1_024;

/** The probe model on fixed rows of its usual range, answered by plain JavaScript that no driver can get wrong. */
export async function knownAnswer(): Promise<KnownAnswer> {
  const bundle = probeBundle();
  const rows = new Float32Array(ROW_COUNT * PROBE_INPUT_SIZE);
  // Any fixed spread will do; the golden ratio's multiples mod 1 are even and never repeat.
  for (let i = 0; i < rows.length; i++) {
    rows[i] = PROBE_INPUT_RANGE * (2 * ((i * 0.618_033_988_749_895) % 1) - 1);
  }
  const plain = await createPlainRuntime().load(bundle);
  const expected = await plain.run(rows, ROW_COUNT);
  plain.dispose();
  return { bundle, rows, rowCount: ROW_COUNT, expected };
}
