/** What a coordinator that shares its database does beside its work: renews its lease, takes over from the dead, hears of the others. */

import { createTurnQueue } from "../../shared/control/turn-queue.ts";
import { ELSEWHERE_LOOK_MS } from "../../shared/protocol/limits.ts";
import type { NamedCells } from "../store/cell-lease.ts";
import { RENEWALS } from "../store/lease-time.ts";
import type { ChangesElsewhere } from "../store/postgres-store.ts";
import { type AccountRecord, type CellBeat, LeaseLostError, type StoredVolunteer } from "../store/store.ts";
import type { SharedList } from "../store/transact.ts";
import { againAndAgain, type Interval } from "./again-and-again.ts";

export interface CellWatchOptions {
  readonly cell: {
    readonly leaseMs: number;
    renew(beat: CellBeat): Promise<void>;
    takeOver(): Promise<string[]>;
    partsDealt(): Promise<string[]>;
    takeNextPart(spent: readonly string[]): Promise<string[]>;
    takePart(jobId: string): Promise<string[]>;
    named(): Promise<NamedCells>;
  };
  /** Of this coordinator. */
  load(): CellBeat;
  /** [CE11] Its parts that have hardly anything left to send out; null: it takes none that wait. */
  partsSpent(): readonly string[] | null;
  /** [CE8] null: tabs of this one stay where they are. */
  readonly hearOfCells: ((named: NamedCells) => void) | null;
  changesElsewhere(): Promise<ChangesElsewhere>;
  volunteersElsewhere(): Promise<StoredVolunteer[]>;
  /** Jobs of a coordinator that is gone, and parts that were dealt out to this one. */
  takeJobs(jobIds: readonly string[]): Promise<void>;
  hearOfVolunteers(volunteers: readonly StoredVolunteer[]): void;
  /** Of these others have booked something. */
  hearOfAccounts(accounts: readonly AccountRecord[]): void;
  /** It is to be read again. */
  listChanged(list: SharedList): Promise<void>;
  /** Once: somebody has taken over from this one. */
  onLost(error: LeaseLostError): void;
  onProblem(message: string, error: unknown): void;
  /** Others are heard of so often. */
  readonly lookMs?: number;
  /** By default by this machine's clock. */
  readonly interval?: Interval;
}

export class CellWatch {
  readonly #options: CellWatchOptions;
  readonly #stops: (() => void)[];
  /** Lists that others changed and that could not be read yet. */
  readonly #unread = new Set<SharedList>();
  /** What was read later is heard later: of counts and standings the latest stand. */
  readonly #inTurn = createTurnQueue();
  /** [CE11] Each is taken once: one that cannot be read is not tried again and again. */
  readonly #dealt = new Set<string>();
  /** [CE3] Taken over, and not gone on with yet. */
  readonly #left = new Set<string>();
  #coming: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: CellWatchOptions) {
    this.#options = options;
    const renewMs = options.cell.leaseMs / RENEWALS;
    // Each on its own: a renewal waits for nobody.
    this.#stops = [
      this.#every(renewMs, "renew the lease", () => options.cell.renew(options.load())),
      this.#every(renewMs, "look for coordinators that are gone", () => this.#takeOver()),
      this.#every(options.lookMs ?? ELSEWHERE_LOOK_MS, "look for parts of jobs", () => this.#lookForParts()),
      this.#every(renewMs, "see what others have to do", () => this.#lookAtCells()),
      this.#every(options.lookMs ?? ELSEWHERE_LOOK_MS, "hear of other coordinators", () => this.catchUp()),
    ];
    // Tabs that come from the first moment on are to know where they are at home.
    this.#lookAtCells().catch((error) => this.#failed("see what others have to do", error));
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
  }

  /** [CE3] The database says once of a job that it is this coordinator's now. */
  async #takeOver(): Promise<void> {
    for (const jobId of await this.#options.cell.takeOver()) this.#left.add(jobId);
    const jobIds = [...this.#left];
    if (jobIds.length === 0) return;
    await this.#take(jobIds);
    for (const jobId of jobIds) this.#left.delete(jobId);
  }

  async #take(jobIds: readonly string[]): Promise<void> {
    const { takeJobs, volunteersElsewhere, hearOfVolunteers } = this.#options;
    // First who is believed: what liars did to these jobs is redone.
    await this.#inTurn(async () => hearOfVolunteers(await volunteersElsewhere()));
    await takeJobs(jobIds);
  }

  /** [CE11] What was dealt out until now is at work when it resolves. */
  async takeParts(): Promise<void> {
    const dealt = await this.#options.cell.partsDealt();
    const fresh = dealt.filter((jobId) => !this.#dealt.has(jobId));
    for (const jobId of this.#dealt) if (!dealt.includes(jobId)) this.#dealt.delete(jobId);
    if (fresh.length === 0) return;
    await this.#take(fresh);
    for (const jobId of fresh) this.#dealt.add(jobId);
  }

  async #lookForParts(): Promise<void> {
    await this.takeParts();
    const spent = this.#options.partsSpent();
    if (spent !== null) await this.#begin(await this.#options.cell.takeNextPart(spent));
  }

  /** [CE11] It is at work here when this resolves, if it waited for a coordinator. */
  async takePart(jobId: string): Promise<void> {
    await this.#begin(await this.#options.cell.takePart(jobId));
  }

  /** What fails is found again among the parts that are dealt out. */
  async #begin(parts: readonly string[]): Promise<void> {
    if (parts.length === 0) return;
    await this.#take(parts);
    for (const jobId of parts) this.#dealt.add(jobId);
  }

  async #lookAtCells(): Promise<void> {
    const { cell, hearOfCells } = this.#options;
    if (hearOfCells === null) return;
    hearOfCells(await cell.named());
  }

  /**
   * [CE4] [CE9] What others have changed until now is known when it resolves. Who asks while one reading waits for its turn shares that one.
   * @throws StoreError where the database does not answer
   */
  catchUp(): Promise<void> {
    this.#coming ??= this.#inTurn(() => {
      this.#coming = null;
      return this.#hear();
    });
    return this.#coming;
  }

  async #hear(): Promise<void> {
    const { changesElsewhere, listChanged, hearOfVolunteers, hearOfAccounts } = this.#options;
    const { lists, volunteers, accounts } = await changesElsewhere();
    for (const list of lists) this.#unread.add(list);
    hearOfVolunteers(volunteers);
    hearOfAccounts(accounts);
    for (const list of this.#unread) {
      await listChanged(list);
      this.#unread.delete(list);
    }
  }

  #every(ms: number, what: string, act: () => Promise<void>): () => void {
    return againAndAgain(ms, act, (error) => this.#failed(what, error), this.#options.interval);
  }

  #failed(what: string, error: unknown): void {
    if (this.#isClosed) return;
    const lost = error instanceof LeaseLostError ? error : error instanceof Error ? error.cause : null;
    if (!(lost instanceof LeaseLostError)) return this.#options.onProblem(`could not ${what}`, error);
    this.close();
    this.#options.onLost(lost);
  }
}
