/** What this browser multiplies shards with, the faster one first: plain JavaScript is for machines without WASM SIMD, or room in it. */
import type { FieldCandidate } from "../../shared/compute/field/pick-field-kernels.ts";
import { createPlainKernels } from "../../shared/compute/field/plain-kernels.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";

export const fieldCandidates: readonly FieldCandidate[] = [
  { backend: "wasm", create: createWasmKernels },
  { backend: "plain", create: async () => createPlainKernels() },
];
