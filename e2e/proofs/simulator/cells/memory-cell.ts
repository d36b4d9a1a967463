/** The shared database as one life of a coordinator sees it: every question takes a while, and the answer is heard when the process is awake. */
import type { CellWatchOptions } from "../../../../server/cells/cell-watch.ts";
import { LeaseTime } from "../../../../server/store/lease-time.ts";
import type {
  JobRecord,
  Store,
  StoredJobQuery,
  StoredVolunteer,
  StoredWhole,
  StoreRecord,
} from "../../../../server/store/store.ts";
import type { CellClock } from "./cell-clock.ts";
import type { MemoryService } from "./memory-service.ts";

const NEVER = new Promise<never>(() => {});

export interface MemoryCellOptions {
  readonly service: MemoryService;
  readonly clock: CellClock;
  readonly place: string;
  /** How long the database takes next. */
  readonly drawMs: () => number;
}

export class MemoryCell implements Store {
  readonly epoch: number;
  readonly receipts: Store["receipts"];
  readonly cell: CellWatchOptions["cell"];
  readonly #options: MemoryCellOptions;
  readonly #time: LeaseTime;
  #last: Promise<unknown> = Promise.resolve();
  #nextChange = 0;
  /** The process has died: what it had not sent is never sent, and nobody hears an answer. */
  #isDead = false;
  /** Of the write that was under way when it died: the database had it. */
  #hasSurvived = false;

  constructor(options: MemoryCellOptions) {
    const { service, clock, place } = options;
    this.#options = options;
    this.epoch = service.join(place);
    this.receipts = service.disk.receipts;
    this.#time = new LeaseTime(service.leaseMs, clock.nowMs());
    this.cell = {
      leaseMs: service.leaseMs,
      renew: async (load) => {
        const askedMs = clock.nowMs();
        await this.#ask(() => service.renew(this.epoch, load));
        this.#time.renewed(askedMs);
      },
      takeOver: () => this.#ask(() => service.takeOver(this.epoch)),
      partsDealt: () => this.#ask(() => service.partsOf(this.epoch)),
      takeNextPart: (spent) => this.#ask(() => service.takeNextPart(this.epoch, spent)),
      takePart: (jobId) => this.#ask(() => service.takePart(this.epoch, jobId)),
      named: () => this.#ask(() => service.named(this.epoch)),
    };
  }

  /** By its own clock. */
  get isHeld(): boolean {
    return this.#time.leftAtMs(this.#options.clock.nowMs()) > 0;
  }

  die(hasSurvived: boolean): void {
    this.#isDead = true;
    this.#hasSurvived = hasSurvived;
  }

  /** Where the process is paused meanwhile it hears the answer when it wakes up. */
  async #ask<T>(act: () => T | Promise<T>): Promise<T> {
    const { service, clock, drawMs } = this.#options;
    await clock.sleep(drawMs());
    if (this.#isDead) return NEVER;
    const answer = await Promise.resolve()
      .then(act)
      .then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error;
        },
      );
    await service.clock.sleep(drawMs());
    await clock.awake();
    return this.#isDead ? NEVER : answer();
  }

  async #write(act: () => Promise<void>): Promise<void> {
    const { service, clock, drawMs } = this.#options;
    const done = this.#last.then(async () => {
      await clock.awake();
      if (this.#isDead) return NEVER;
      // Sent: from here on the database does it, whatever becomes of who asked.
      await service.clock.sleep(drawMs());
      if (this.#isDead && !this.#hasSurvived) return NEVER;
      const failure = await act().then(
        () => null,
        (error: unknown) => ({ error }),
      );
      await clock.awake();
      if (this.#isDead) return NEVER;
      if (failure !== null) throw failure.error;
    });
    this.#last = done.catch(() => {});
    return done;
  }

  apply(records: readonly StoreRecord[]): Promise<void> {
    const kept = structuredClone(records);
    return this.#write(() => this.#options.service.commit(this.epoch, kept));
  }

  async addWhole(whole: StoredWhole, parts: readonly JobRecord[]): Promise<string[]> {
    const [kept, records] = [structuredClone(whole), structuredClone(parts)];
    let own: string[] = [];
    await this.#write(async () => {
      own = await this.#options.service.commitWhole(this.epoch, kept, records);
    });
    return own;
  }

  async changesElsewhere() {
    const { service } = this.#options;
    return this.#ask(async () => {
      const { ids, next } = service.changesFrom(this.#nextChange, this.epoch);
      const volunteers = await service.volunteers(this.epoch, ids);
      this.#nextChange = next;
      return { lists: [], volunteers, accounts: service.accounts.newsFor(this.epoch) };
    });
  }

  volunteersElsewhere(): Promise<StoredVolunteer[]> {
    return this.#ask(() => this.#options.service.volunteers(this.epoch));
  }

  volunteers(): Promise<StoredVolunteer[]> {
    return this.#options.service.volunteers(null);
  }

  get #disk() {
    return this.#options.service.disk;
  }
  putBlob = (bytes: Uint8Array) => this.#disk.putBlob(bytes);
  putBlobStream = (chunks: AsyncIterable<Uint8Array>) => this.#disk.putBlobStream(chunks);
  getBlob = (sha256: string) => this.#disk.getBlob(sha256);
  blobFile = () => this.#disk.blobFile();
  blobBytes = (sha256: string) => this.#disk.blobBytes(sha256);
  hasBlob = (sha256: string) => this.#disk.hasBlob(sha256);
  collectBlobs = async () => ({ blobs: 0, bytes: 0 });
  jobs = () => this.#disk.jobs();
  job = (jobId: string) => this.#disk.job(jobId);
  jobList = (query: StoredJobQuery) => this.#disk.jobList(query);
  changeJob = (jobId: string, change: (record: JobRecord) => JobRecord) => this.#disk.changeJob(jobId, change);
  deleteJob = (jobId: string) => this.#disk.deleteJob(jobId);
  whole = (wholeId: string) => this.#disk.whole(wholeId);
  signWhole = (wholeId: string, statement: string) => this.#disk.signWhole(wholeId, statement);
  signedWhole = (wholeId: string) => this.#disk.signedWhole(wholeId);
  deleteWhole = (wholeId: string) => this.#disk.deleteWhole(wholeId);
  checkpoint = (jobId: string) => this.#disk.checkpoint(jobId);
  rounds = (jobId: string) => this.#disk.rounds(jobId);
  pieces = (jobId: string) => this.#disk.pieces(jobId);
  appends = (jobId: string) => this.#disk.appends(jobId);
  blocks = (jobId: string) => this.#disk.blocks(jobId);
  accounts = async () => this.#options.service.accounts.readBy(this.epoch);
  crowd = () => this.#disk.crowd();
  contributions = (jobId: string) => this.#disk.contributions(jobId);
  async close(): Promise<void> {}
}
