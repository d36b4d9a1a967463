/** Receipts of a store in memory: what is appended is there at once, and stays. */
import type { FileBeside, KeyLink, Statement } from "../../../shared/receipts/sealed-receipt.ts";
import { filesOf, type ReceiptStore } from "../receipt-store.ts";
import { StoreError } from "../store.ts";

export class MemoryReceipts implements ReceiptStore {
  readonly #statements = new Map<string, Statement[]>();
  readonly #keys: KeyLink[] = [];
  readonly #volunteersOf: (jobId: string) => Iterable<string>;

  constructor(volunteersOf: (jobId: string) => Iterable<string>) {
    this.#volunteersOf = volunteersOf;
  }

  async statements(jobId: string): Promise<Statement[]> {
    return structuredClone(this.#statements.get(jobId) ?? []);
  }

  async append(statement: Statement): Promise<void> {
    const { jobId, seq } = statement.body;
    const before = this.#statements.get(jobId) ?? [];
    if (seq !== before.length) throw new StoreError(`store: job ${jobId} has a statement ${seq} already`);
    this.#statements.set(jobId, [...before, structuredClone(statement)]);
  }

  forget(jobId: string): void {
    this.#statements.delete(jobId);
  }

  async filesBeside(): Promise<FileBeside[]> {
    return [...this.#statements.values()].flat().flatMap(filesOf);
  }

  async keys(): Promise<KeyLink[]> {
    return structuredClone(this.#keys);
  }

  async addKeys(links: readonly KeyLink[]): Promise<void> {
    for (const link of links)
      if (this.#keys.every(({ publicKey }) => publicKey !== link.publicKey)) this.#keys.push(link);
  }

  async jobsOf(volunteerId: string): Promise<string[]> {
    return [...this.#statements.keys()].filter((jobId) => [...this.#volunteersOf(jobId)].includes(volunteerId));
  }
}
