/** How large a model this machine takes: it has to run it too. */
import { RUNTIMES } from "../../shared/compute/runtimes/runtimes.ts";
import { MODEL_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { MACHINE_BYTES } from "./machine-memory.ts";
import { largestWeights } from "./model-cost.ts";

const [GIB, MIB] = [1024 ** 3, 1024 ** 2];

/** All files of a model together: of the runtime that takes the largest, with room for rows of it. */
export function modelBytesMaxHere(ofMachine = MACHINE_BYTES): number {
  return Math.min(MODEL_BYTES_MAX, Math.max(...RUNTIMES.map((runtime) => largestWeights(runtime, ofMachine))));
}

/** For the doctor: "23.5 GiB: models of up to 1024 MiB" */
export function modelsTakenInWords(ofMachine = MACHINE_BYTES): string {
  const here = modelBytesMaxHere(ofMachine);
  const said = `${(ofMachine / GIB).toFixed(1)} GiB: models of up to ${Math.floor(here / MIB)} MiB`;
  return here === MODEL_BYTES_MAX ? said : `${said}; with more memory up to ${MODEL_BYTES_MAX / MIB} MiB`;
}
