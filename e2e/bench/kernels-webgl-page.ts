/** Runs in a page: the contract of the field kernels, on WebGL2. Bundled by kernels-webgl.spec.ts. */
import { fieldContractCases } from "../../shared/compute/field/field-kernels.contract.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import { createWebglKernels } from "../../shared/compute/field/webgl-kernels.ts";

export interface ContractReport {
  readonly name: string;
  /** null: kept */
  readonly problem: string | null;
}

async function report(backend: "webgl" | "wasm"): Promise<ContractReport[]> {
  const kernels = backend === "webgl" ? createWebglKernels() : await createWasmKernels();
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

Object.assign(globalThis, { reportFieldContract: report });
