/** Sockets that are open and have not said who they are: so many in all, and so many of one network. */

export interface PendingLimits {
  readonly inAll: number;
  readonly perPrefix: number;
}

export class PendingHandshakes {
  readonly #limits: PendingLimits;
  readonly #ofPrefix = new Map<string, number>();
  #inAll = 0;
  /** Who wait for a place. */
  #heirs: (() => void)[] = [];

  constructor(limits: PendingLimits) {
    this.#limits = limits;
  }

  /** @param prefix of its address; null: of this machine, counts for no network */
  isFull(prefix: string | null): boolean {
    if (this.#inAll >= this.#limits.inAll) return true;
    return prefix !== null && (this.#ofPrefix.get(prefix) ?? 0) >= this.#limits.perPrefix;
  }

  /** @returns call it once the handshake is done, one way or the other; more often does no harm */
  begin(prefix: string | null): () => void {
    this.#add(prefix, 1);
    let hasEnded = false;
    return () => {
      if (!hasEnded) this.#add(prefix, -1);
      hasEnded = true;
    };
  }

  /** Resolves once there is room for one more in all. */
  async place(): Promise<void> {
    while (this.#inAll >= this.#limits.inAll) await new Promise<void>((resolve) => this.#heirs.push(resolve));
  }

  #add(prefix: string | null, amount: number): void {
    this.#inAll += amount;
    if (amount < 0) for (const inherit of this.#heirs.splice(0)) inherit();
    if (prefix === null) return;
    const count = (this.#ofPrefix.get(prefix) ?? 0) + amount;
    if (count === 0) this.#ofPrefix.delete(prefix);
    else this.#ofPrefix.set(prefix, count);
  }
}
