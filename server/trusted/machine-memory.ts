/** How much memory this machine has for processes that run models. */
import { totalmem } from "node:os";
import { TRUSTED_MEMORY_SHARE, TRUSTED_PROCESS_BYTES_MAX } from "../../shared/protocol/limits.ts";

/** Of the machine, or of the container that this runs in. Read once: limits that follow from it are asked for with every piece of rows. */
export const MACHINE_BYTES = machineBytes();

function machineBytes(): number {
  const total = totalmem();
  const constrained = process.constrainedMemory?.() ?? 0;
  return constrained > 0 && constrained < total ? constrained : total;
}

/** What processes with large models may take together: one of them always runs. */
export function largeModelsBytesMax(ofMachine = MACHINE_BYTES): number {
  return Math.max(TRUSTED_PROCESS_BYTES_MAX, ofMachine * TRUSTED_MEMORY_SHARE);
}
