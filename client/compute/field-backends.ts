/** What this browser may multiply shards with. Which one it does is measured at the first shard (held-shards.ts). */
import type { FieldCandidate } from "../../shared/compute/field/pick-field-kernels.ts";
import { createPlainKernels } from "../../shared/compute/field/plain-kernels.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import { createWebglKernels } from "../../shared/compute/field/webgl-kernels.ts";
import { createWebgpuKernels } from "../../shared/compute/field/webgpu-kernels.ts";

export const fieldCandidates: readonly FieldCandidate[] = [
  { backend: "wasm", create: createWasmKernels },
  { backend: "webgpu", create: createWebgpuKernels },
  { backend: "webgl", create: async () => createWebglKernels() },
  { backend: "plain", create: async () => createPlainKernels() },
];
