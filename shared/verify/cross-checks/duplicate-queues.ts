/**
 * Rows that wait for a second answer, each for the partner that was drawn for it when its coin was tossed. Were they everybody's,
 * an attacker could take turns in quick succession until none is left, and lie right then.
 *
 * @example
 * const queues = new DuplicateQueues();
 * queues.wait("ann", 7);
 * queues.wait("ann", 9);
 * queues.waitingFor("ann") // -> 2
 * queues.take("ann", 1) // -> [7]
 */
export class DuplicateQueues<Partner> {
  private readonly queues = new Map<Partner, number[]>();
  private count = 0;

  /** Rows that wait, for whomever. */
  get size(): number {
    return this.count;
  }

  wait(partner: Partner, row: number): void {
    const queue = this.queues.get(partner);
    if (queue === undefined) this.queues.set(partner, [row]);
    else queue.push(row);
    this.count++;
  }

  /** For whom rows wait. */
  partners(): Partner[] {
    return [...this.queues.keys()];
  }

  waitingFor(partner: Partner): number {
    return this.queues.get(partner)?.length ?? 0;
  }

  /** @returns up to `most` rows, those that have waited longest; they wait no more */
  take(partner: Partner, most: number): number[] {
    const queue = this.queues.get(partner);
    if (queue === undefined) return [];
    const taken = queue.splice(0, most);
    if (queue.length === 0) this.queues.delete(partner);
    this.count -= taken.length;
    return taken;
  }

  /** The partner was named, left or rests. @returns its rows, for whom partners are to be drawn again */
  giveUp(partner: Partner): number[] {
    const rows = this.queues.get(partner) ?? [];
    this.queues.delete(partner);
    this.count -= rows.length;
    return rows;
  }
}
