/** [CE1] A coordinator that starts has a lease from when it opened its store on. Until it watches others, this renews it. */
import { RENEWALS } from "../store/lease-time.ts";
import type { CellBeat } from "../store/store.ts";
import { againAndAgain } from "./again-and-again.ts";

export interface KeptLease {
  readonly leaseMs: number;
  renew(beat: CellBeat): Promise<void>;
}

/**
 * However long a start takes, with all the jobs that are to be gone on with, nobody takes over from it meanwhile. A renewal that fails is tried the
 * next time; that the lease is gone is told by the first write, and to the watch.
 * @returns stops it
 */
export function keepLease(cell: KeptLease): () => void {
  const renew = () => cell.renew({ jobs: 0, tabs: 0, share: 0 });
  return againAndAgain(cell.leaseMs / RENEWALS, renew, () => {});
}
