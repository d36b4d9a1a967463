/** Runs in a page: the contract of the field kernels, on what browsers have. Bundled by kernels-browser.spec.ts. */
import { fieldContractCases } from "../../shared/compute/field/field-kernels.contract.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import { createWebglKernels } from "../../shared/compute/field/webgl-kernels.ts";
import { createWebgpuKernels } from "../../shared/compute/field/webgpu-kernels.ts";

export interface ContractReport {
  readonly name: string;
  /** null: kept */
  readonly problem: string | null;
}

const CREATE = { webgl: createWebglKernels, webgpu: createWebgpuKernels, wasm: createWasmKernels };

async function report(backend: keyof typeof CREATE): Promise<ContractReport[]> {
  const kernels = await CREATE[backend]();
  const reports: ContractReport[] = [];
  for (const { name, check } of fieldContractCases()) {
    const problem = await check(kernels).then(
      () => null,
      (error: unknown) => String(error),
    );
    reports.push({ name, problem });
  }
  kernels.dispose();
  return reports;
}

/** Three tries on a context that has been lost: WebGL's own sign of it comes once. @returns what each says */
async function useLostContext(): Promise<string[]> {
  const kernels = createWebglKernels();
  const matrix = kernels.loadMatrix(Uint32Array.of(1, 2, 3, 4), 2, 2);
  // Letting go of the back-end loses its context; the matrix does not know.
  kernels.dispose();
  const tries = [
    () => matrix.matVec(Uint32Array.of(1, 1)),
    () => matrix.matVec(Uint32Array.of(1, 1)),
    async () => kernels.loadMatrix(Uint32Array.of(5), 1, 1),
  ];
  const said: string[] = [];
  for (const attempt of tries) said.push(await attempt().then(String, (error: Error) => error.name));
  return said;
}

Object.assign(globalThis, { reportFieldContract: report, useLostContext });
