import { BACKEND_NAMES, type BackendName } from "../../shared/compute/model-runtime.ts";

/** `?backend=webgl|wasm|cpu` leaves just that one to try. Anything else is as if it were not there. */
export function forcedBackendOf(search: string): BackendName | null {
  const wanted = new URLSearchParams(search).get("backend");
  return BACKEND_NAMES.find((name) => name === wanted) ?? null;
}
