import { ALL_BACKEND_NAMES, type BackendName } from "../../../shared/compute/model-runtime.ts";

/**
 * `webgl,webgl,wasm`: of tab 0, 1 and 2; the last one holds for all further tabs. `any`: the tab chooses.
 * @throws Error that names what it did not know
 */
export function parseBackends(text: string): (BackendName | null)[] {
  return text.split(",").map((part) => {
    const name = part.trim();
    if (name === "any") return null;
    const backend = ALL_BACKEND_NAMES.find((known) => known === name);
    if (backend === undefined)
      throw new Error(`--backend: expected any, ${ALL_BACKEND_NAMES.join(", ")}, got "${name}"`);
    return backend;
  });
}
