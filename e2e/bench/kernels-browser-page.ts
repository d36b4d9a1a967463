/** Runs in a page: the contract of the field kernels, on what browsers have. Bundled by kernels-browser.spec.ts. */
import { fieldContractCases } from "../../shared/compute/field/field-kernels.contract.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";

export interface ContractReport {
  readonly name: string;
  /** null: kept */
  readonly problem: string | null;
}

async function report(): Promise<ContractReport[]> {
  const kernels = await createWasmKernels();
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
