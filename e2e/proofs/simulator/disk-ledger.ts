/** What has reached the simulated disk, told by the store itself: what promises about durability are held against. */
import type { JobRecord, StoreRecord } from "../../../server/store/store.ts";
import { DiskRows } from "./disk-rows.ts";

/** States of a job from which nothing leads on. */
export const ENDS: readonly string[] = ["done", "failed", "cancelled"];

export class DiskLedger {
  /** Inference, regression and matrix jobs whose submission is on the disk, and how they ended there. */
  readonly jobs = new Map<string, string | null>();
  /** Updates that the weights of the disk have had, by job. */
  readonly weights = new Map<string, number>();
  readonly quarantined = new Set<string>();
  readonly creditMacs = new Map<string, number>();
  /** What was written that never may be. */
  readonly broken: string[] = [];
  readonly rows = new DiskRows(this.broken);

  written(records: readonly StoreRecord[]): void {
    for (const record of records) this.#written(record);
  }

  #written(record: StoreRecord): void {
    this.rows.written(record);
    switch (record.kind) {
      case "job":
        return this.#jobWritten(record.job);
      case "checkpoint": {
        const { jobId, facts } = record.checkpoint;
        this.weights.set(jobId, (facts as { iteration: number }).iteration);
        return;
      }
      case "volunteer": {
        const { volunteerId, creditMacs, quarantine, released } = record.volunteer;
        const before = this.creditMacs.get(volunteerId) ?? 0;
        if (creditMacs < before)
          this.broken.push(`[CR1] credit of ${volunteerId} fell from ${before} to ${creditMacs}`);
        this.creditMacs.set(volunteerId, creditMacs);
        if (quarantine !== null) this.quarantined.add(volunteerId);
        else if (released !== null) this.quarantined.delete(volunteerId);
        else if (this.quarantined.has(volunteerId))
          this.broken.push(`[VF3] ${volunteerId} was quarantined on the disk, and is written as free`);
        return;
      }
    }
  }

  #jobWritten({ jobId, state }: JobRecord): void {
    const end = this.jobs.get(jobId) ?? null;
    if (end !== null && end !== state)
      this.broken.push(`[JB2] ${jobId} had ended as ${end}, and is written as ${state}`);
    this.jobs.set(jobId, ENDS.includes(state) ? state : null);
  }
}
