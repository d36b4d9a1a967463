/** The known question that every tab answers before it gets work: random rows of a small model that both sides have. */

import { PROBE_INPUT_RANGE, PROBE_INPUT_SIZE, PROBE_OUTPUT_SIZE, probeBundle } from "../../shared/compute/probe.ts";
import { encodeFrame } from "../../shared/protocol/frame.ts";
import { PROBE_MS_MAX } from "../../shared/protocol/limits.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import { PROBE_TOLERANCE, type PrecisionClass, rowAgrees } from "../../shared/verify/compare-rows.ts";
import type { ModelReference } from "../numerics/numerics-references.ts";
import { sha256Hex } from "../sha256-hex.ts";
import { NOTHING_UPLOADED, type Outgoing } from "./kind-desk.ts";
import { readOutputs } from "./result-frames.ts";

/** Enough that a right guess tells nothing, few enough to cost nothing. */
export const PROBE_ROWS = 16;

const bundle = probeBundle();
export const PROBE_MODEL: ModelReference = { sha256: sha256Hex(bundle), bundle };

/** @returns PROBE_ROWS x PROBE_INPUT_SIZE, never the same twice: an answer cannot be kept */
export function drawProbe(random: RandomSource): Float32Array {
  const inputs = new Float32Array(PROBE_ROWS * PROBE_INPUT_SIZE);
  // A loop: made by Float32Array.from they take four times as long, and each tab gets some.
  for (let i = 0; i < inputs.length; i++) inputs[i] = (2 * random.uniform() - 1) * PROBE_INPUT_RANGE;
  return inputs;
}

/**
 * @param expected what the coordinator itself computed for the rows
 * @param probed hears the precision that was measured; null: the answer is wrong
 */
export function probe(
  inputs: Float32Array,
  expected: Float32Array,
  probed: (precision: PrecisionClass | null) => void,
): Outgoing {
  const frame = encodeFrame({ rows: { dtype: "F32", shape: [PROBE_ROWS, PROBE_INPUT_SIZE], data: inputs } });
  return {
    message: {
      kind: "probe",
      work: "batch",
      jobId: "probe",
      jobName: "A known question, to see that this device computes right",
      submitter: "this coordinator",
      model: { sha256: PROBE_MODEL.sha256, bytes: PROBE_MODEL.bundle.length },
      input: { kind: "inline", frame },
      rowCount: PROBE_ROWS,
      inputSize: PROBE_INPUT_SIZE,
      outputSize: PROBE_OUTPUT_SIZE,
      deadlineMs: PROBE_MS_MAX,
    },
    blob: (sha256) => (sha256 === PROBE_MODEL.sha256 ? { kind: "model", bytes: PROBE_MODEL.bundle } : null),
    resultBytes: 4 * PROBE_ROWS * PROBE_OUTPUT_SIZE,
    problemOf(answer) {
      const outputs = readOutputs(answer, PROBE_ROWS, PROBE_OUTPUT_SIZE);
      return typeof outputs === "string" ? outputs : null;
    },
    take(_kind, answer) {
      const outputs = answer === null ? NOTHING_UPLOADED : readOutputs(answer, PROBE_ROWS, PROBE_OUTPUT_SIZE);
      const isProblem = typeof outputs === "string";
      probed(isProblem ? null : measuredPrecision(expected, outputs));
      return isProblem ? outputs : null;
    },
  };
}

/** The finest class within whose tolerance every row agrees; null: the answer is wrong. */
function measuredPrecision(expected: Float32Array, got: Float32Array): PrecisionClass | null {
  const classes: PrecisionClass[] = ["float32", "float16"];
  return classes.find((name) => agrees(expected, got, PROBE_TOLERANCE[name])) ?? null;
}

function agrees(expected: Float32Array, got: Float32Array, tolerance: number): boolean {
  for (let at = 0; at < expected.length; at += PROBE_OUTPUT_SIZE) {
    const end = at + PROBE_OUTPUT_SIZE;
    if (!rowAgrees(expected.subarray(at, end), got.subarray(at, end), tolerance)) return false;
  }
  return true;
}
