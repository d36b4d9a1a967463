/**
 * A database that several coordinators share, in memory and on virtual time, with what PostgreSQL promises them (server/store/cell-lease.ts):
 * a transaction of a cell that somebody has taken over from is refused, and so is one about a job of a cell that lives. It keeps a book of its
 * own beside that, which does not ask who is allowed what: of what was written by whom.
 */

import type { NamedCells } from "../../../../server/store/cell-lease.ts";
import { jobsOfRecord } from "../../../../server/store/jobs-of-record.ts";
import { mergedRepute, reputeOf } from "../../../../server/store/merge-repute.ts";
import {
  type CellLoad,
  type JobRecord,
  LeaseLostError,
  type StoredVolunteer,
  type StoredWhole,
  StoreError,
  type StoreRecord,
  type VolunteerCounts,
} from "../../../../server/store/store.ts";
import { MemoryStore } from "../../../../server/store/testing/memory-store.ts";
import { COUNTS, countsBeside, NOTHING_COUNTED } from "../../../../server/store/volunteer-counts.ts";
import { wholeIdOf } from "../../../../shared/kinds/inference/parts.ts";
import type { VirtualClock } from "../../../crowd/virtual-clock.ts";
import { DiskLedger } from "../disk-ledger.ts";
import { MemoryAccounts } from "./memory-accounts.ts";

interface Cell {
  readonly place: string;
  untilMs: number;
  /** It has renewed its lease in time since then. */
  steadyMs: number;
  jobs: number;
  tabs: number;
  share: number | null;
}

export class MemoryService {
  readonly #ledger = new DiskLedger();
  readonly accounts = new MemoryAccounts();
  readonly disk = new MemoryStore({ onCommit: (records) => this.#written(records) });
  readonly clock: VirtualClock;
  readonly leaseMs: number;
  /** It does not answer. */
  isAway = false;
  /** One sentence for each rule that what was written breaks; the ledger's are among them. */
  readonly broken = this.#ledger.broken;
  readonly #cells = new Map<number, Cell>();
  readonly #buried = new Set<number>();
  readonly #leases = new Map<string, number>();
  /** [CE11] Parts that no cell has taken yet. */
  readonly #waiting = new Set<string>();
  /** Queries of each job in rounds whose answers are on the disk. */
  readonly #answered = new Map<string, Set<number>>();
  readonly #shares = new Map<string, Map<number, VolunteerCounts>>();
  readonly #changed: { readonly epoch: number; readonly volunteerId: string }[] = [];
  #lastEpoch = 0;

  constructor(clock: VirtualClock, leaseMs: number) {
    this.clock = clock;
    this.leaseMs = leaseMs;
  }

  join(place: string): number {
    this.#require();
    for (const [epoch, cell] of this.#cells) if (cell.place === place) this.#bury(epoch);
    const epoch = ++this.#lastEpoch;
    const nowMs = this.clock.nowMs();
    const untilMs = nowMs + this.leaseMs;
    this.#cells.set(epoch, { place, untilMs, steadyMs: nowMs, jobs: 0, tabs: 0, share: 0 });
    return epoch;
  }

  renew(epoch: number, load: Omit<CellLoad, "name">): void {
    this.#require();
    const cell = this.#fence(epoch);
    const nowMs = this.clock.nowMs();
    const steadyMs = this.#isInTime(cell) ? cell.steadyMs : nowMs;
    Object.assign(cell, load, { steadyMs, untilMs: nowMs + this.leaseMs });
  }

  #isInTime({ untilMs }: Cell): boolean {
    return untilMs > this.clock.nowMs() + this.leaseMs / 2;
  }

  takeOver(by: number): string[] {
    this.#require();
    const own = this.#fence(by);
    const nowMs = this.clock.nowMs();
    if (this.#isInTime(own) && own.steadyMs < nowMs - this.leaseMs)
      for (const [epoch, { untilMs }] of this.#cells) if (epoch !== by && untilMs < nowMs) this.#bury(epoch);
    const taken = [...this.#ledger.jobs].flatMap(([jobId, end]) =>
      end !== null || this.isOwned(jobId) || this.#waiting.has(jobId) ? [] : [jobId],
    );
    for (const jobId of taken) this.#leases.set(jobId, by);
    return taken;
  }

  partsOf(epoch: number): string[] {
    this.#require();
    const atWork = [...this.#ledger.jobs].flatMap(([jobId, end]) => (end === null ? [jobId] : []));
    return atWork.filter((jobId) => wholeIdOf(jobId) !== null && this.isOf(jobId, epoch));
  }

  /** [CE11] The next part that waits, where that cell has no other part of its job at work but spent ones. */
  takeNextPart(by: number, spent: readonly string[]): string[] {
    const isBusyWith = (wholeId: string | null) =>
      this.partsOf(by).some((jobId) => wholeIdOf(jobId) === wholeId && !spent.includes(jobId));
    const [jobId] = [...this.#waiting].filter((waiting) => !isBusyWith(wholeIdOf(waiting)));
    return jobId === undefined ? [] : this.takePart(by, jobId);
  }

  takePart(by: number, jobId: string): string[] {
    this.#require();
    this.#fence(by);
    if (!this.#waiting.delete(jobId)) return [];
    this.#leases.set(jobId, by);
    return [jobId];
  }

  named(epoch: number): NamedCells {
    this.#require();
    const nowMs = this.clock.nowMs();
    const cells = [...this.#cells.values()].flatMap(({ place, untilMs, jobs, tabs, share }) =>
      untilMs < nowMs ? [] : [{ name: place, jobs, tabs, share }],
    );
    return { own: this.#cells.get(epoch)?.place ?? "", cells };
  }

  /** Has nobody taken over from it? */
  isAlive(epoch: number): boolean {
    return this.#cells.has(epoch);
  }

  isOwned(jobId: string): boolean {
    return this.#cells.has(this.#leases.get(jobId) ?? 0);
  }

  /** Is it that cell's, as the database has it? */
  isOf(jobId: string, epoch: number): boolean {
    return this.#leases.get(jobId) === epoch;
  }

  /** Queries of the job whose answers are durable. */
  answeredOf(jobId: string): number {
    return (this.#answered.get(jobId)?.size ?? 0) + this.#ledger.rows.answeredCount(jobId);
  }

  get allJobsEnded(): boolean {
    return [...this.#ledger.jobs.values()].every((end) => end !== null);
  }

  hasJob(jobId: string): boolean {
    return this.#ledger.jobs.has(jobId);
  }

  /** One transaction. @throws StoreError */
  async commit(epoch: number, records: readonly StoreRecord[]): Promise<void> {
    this.#require();
    this.#fence(epoch);
    const jobIds = new Set(records.flatMap(jobsOfRecord));
    for (const jobId of jobIds)
      if (this.isOwned(jobId) && this.#leases.get(jobId) !== epoch)
        throw new StoreError(`job ${jobId} is another coordinator's`);
    for (const jobId of jobIds) this.#leases.set(jobId, epoch);
    await this.#write(epoch, records);
  }

  /** [CE10] [CE11] One transaction. @returns the parts that are that cell's @throws StoreError */
  async commitWhole(epoch: number, whole: StoredWhole, parts: readonly JobRecord[]): Promise<string[]> {
    this.#require();
    this.#fence(epoch);
    const nowMs = this.clock.nowMs();
    const living = [...this.#cells].flatMap(([other, { untilMs }]) =>
      other === epoch || untilMs > nowMs ? [other] : [],
    );
    for (const [i, { jobId }] of parts.entries()) {
      if (i < living.length) this.#leases.set(jobId, living[i]!);
      else this.#waiting.add(jobId);
    }
    await this.disk.addWhole(whole, parts);
    return parts.map(({ jobId }) => jobId).filter((jobId) => this.isOf(jobId, epoch));
  }

  async #write(epoch: number, records: readonly StoreRecord[]): Promise<void> {
    this.#book(epoch, records);
    const accounts = this.accounts.written(
      epoch,
      records.filter((record) => record.kind === "account"),
    );
    const standings = new Map((await this.disk.volunteers()).map((one) => [one.volunteerId, reputeOf(one)]));
    const counted: StoredVolunteer[] = [];
    const kept = records.map((record): StoreRecord => {
      if (record.kind === "account") return accounts.shift()!;
      if (record.kind !== "volunteer") return record;
      const { volunteerId } = record.volunteer;
      counted.push(record.volunteer);
      const standing = mergedRepute(standings.get(volunteerId) ?? null, reputeOf(record.volunteer));
      standings.set(volunteerId, standing);
      return { kind: "volunteer", volunteer: { volunteerId, ...standing, ...NOTHING_COUNTED } };
    });
    await this.disk.apply(kept);
    for (const volunteer of counted) {
      const { volunteerId } = volunteer;
      const shares = this.#shares.get(volunteerId) ?? new Map<number, VolunteerCounts>();
      this.#shares.set(volunteerId, shares.set(epoch, countsBeside(volunteer)));
      this.#changed.push({ epoch, volunteerId });
    }
  }

  #written(records: readonly StoreRecord[]): void {
    this.#ledger.written(records);
    for (const record of records) {
      if (record.kind !== "round") continue;
      const { jobId, queryIndices } = record.round;
      const answered = this.#answered.get(jobId) ?? new Set();
      this.#answered.set(jobId, answered);
      for (const query of queryIndices) answered.add(query);
    }
  }

  /** What must never be written, whoever let it through. */
  #book(epoch: number, records: readonly StoreRecord[]): void {
    if (this.#buried.has(epoch))
      this.broken.push(`[CE2] the cell of epoch ${epoch} wrote after it was taken over from`);
    for (const jobId of records.flatMap(jobsOfRecord))
      if (this.#leases.get(jobId) !== epoch)
        this.broken.push(`[CE3] epoch ${epoch} wrote of ${jobId}, which it has no lease of`);
  }

  /** @param without whose counts are left out; null: nobody's */
  async volunteers(without: number | null, among: ReadonlySet<string> | null = null): Promise<StoredVolunteer[]> {
    const stored = await this.disk.volunteers();
    return stored
      .filter(({ volunteerId }) => among === null || among.has(volunteerId))
      .map((volunteer) => {
        const counted = { ...volunteer };
        for (const [epoch, share] of this.#shares.get(volunteer.volunteerId) ?? [])
          if (epoch !== without) for (const name of COUNTS) counted[name] += share[name];
        return counted;
      });
  }

  /** @returns who was written of by others from that change on, and the next change */
  changesFrom(next: number, own: number): { readonly ids: ReadonlySet<string>; readonly next: number } {
    this.#require();
    const changes = this.#changed.slice(next).filter(({ epoch }) => epoch !== own);
    return { ids: new Set(changes.map(({ volunteerId }) => volunteerId)), next: this.#changed.length };
  }

  #fence(epoch: number): Cell {
    const cell = this.#cells.get(epoch);
    if (cell === undefined) throw new LeaseLostError(`another coordinator has taken over from epoch ${epoch}`);
    return cell;
  }

  #bury(epoch: number): void {
    this.#cells.delete(epoch);
    this.#buried.add(epoch);
  }

  #require(): void {
    if (this.isAway) throw new StoreError("injected: the database is away");
  }
}
