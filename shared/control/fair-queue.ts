/**
 * Whose piece of trusted work is next: deficit round robin between submitters, and between the jobs of each (Shreedhar and Varghese,
 * "Efficient fair queueing using deficit round robin", 1995). Pure: no clock, no chance.
 *
 * Costs are predicted, so what a piece was really worth is charged afterwards, and whoever was undercharged owes it. A debt counts only
 * against those who wait: where nobody waits it is forgotten.
 */

export interface Ticket {
  readonly submitter: string;
  readonly job: string;
  /** Predicted, above 0, in the unit of the quantum. */
  readonly cost: number;
}

export class FairQueue<T extends Ticket> {
  readonly #submitters: Ring<T, Ring<T, Line<T>>>;
  readonly #quantum: number;
  #size = 0;

  /** @param quantum what each submitter may use in its turn */
  constructor(quantum: number) {
    this.#quantum = quantum;
    this.#submitters = new Ring(quantum);
  }

  get size(): number {
    return this.#size;
  }

  /** @param again before the others of its job: a piece that is tried once more */
  add(piece: T, again = false): void {
    const jobs = this.#submitters.flow(piece.submitter, () => new Ring(this.#quantum));
    jobs.flow(piece.job, () => new Line()).put(piece, again);
    this.#size++;
  }

  /** @returns the next piece that whoever asks works on; null: there is none */
  take(suits: (piece: T) => boolean = () => true): T | null {
    const piece = this.#submitters.take(suits);
    if (piece === null) return null;
    if (--this.#size === 0) this.#submitters.clear();
    return piece;
  }

  /** What a piece cost beyond its prediction, or below it. */
  charge({ submitter, job }: Pick<Ticket, "submitter" | "job">, more: number): void {
    if (this.#size === 0) return;
    this.#submitters.charge(submitter, more);
    this.#submitters.find(submitter)?.charge(job, more);
  }

  /** Takes pieces out that nobody wants any more. */
  remove(isUnwanted: (piece: T) => boolean): void {
    this.#size -= this.#submitters.remove(isUnwanted);
    if (this.#size === 0) this.#submitters.clear();
  }

  /** What waits, predicted. */
  waitingCost(): number {
    return this.#submitters.waitingCost();
  }
}

/** What can stand in a ring: a line of pieces, or a ring of such. */
interface Flow<T extends Ticket> {
  /** The cost of what `take` would give; null: nothing. */
  costOfNext(suits: (piece: T) => boolean): number | null;
  take(suits: (piece: T) => boolean): T | null;
  remove(isUnwanted: (piece: T) => boolean): number;
  waitingCost(): number;
  isEmpty(): boolean;
}

class Ring<T extends Ticket, F extends Flow<T>> implements Flow<T> {
  readonly #quantum: number;
  readonly #flows = new Map<string, F>();
  /** Names of flows in their order; the first has its turn. */
  #turns: string[] = [];
  /** What each may use, or owes; also of flows that have nothing waiting. */
  readonly #deficits = new Map<string, number>();

  constructor(quantum: number) {
    this.#quantum = quantum;
  }

  flow(name: string, make: () => F): F {
    const flow = this.#flows.get(name) ?? make();
    if (!this.#flows.has(name)) this.#turns.push(name);
    this.#flows.set(name, flow);
    return flow;
  }

  find(name: string): F | undefined {
    return this.#flows.get(name);
  }

  costOfNext(suits: (piece: T) => boolean): number | null {
    const name = this.#advance(suits);
    return name === null ? null : this.#flows.get(name)!.costOfNext(suits);
  }

  take(suits: (piece: T) => boolean): T | null {
    const name = this.#advance(suits);
    if (name === null) return null;
    const piece = this.#flows.get(name)!.take(suits)!;
    this.charge(name, piece.cost);
    this.#dropEmpty(name);
    return piece;
  }

  charge(name: string, cost: number): void {
    this.#deficits.set(name, this.#deficitOf(name) - cost);
  }

  remove(isUnwanted: (piece: T) => boolean): number {
    let removed = 0;
    for (const [name, flow] of [...this.#flows]) {
      removed += flow.remove(isUnwanted);
      this.#dropEmpty(name);
    }
    return removed;
  }

  waitingCost(): number {
    return [...this.#flows.values()].reduce((sum, flow) => sum + flow.waitingCost(), 0);
  }

  isEmpty(): boolean {
    return this.#flows.size === 0;
  }

  clear(): void {
    this.#flows.clear();
    this.#deficits.clear();
    this.#turns = [];
  }

  /** Gives turns until somebody may take what it wants. @returns who */
  #advance(suits: (piece: T) => boolean): string | null {
    const wanting = this.#turns.flatMap((name) => {
      const cost = this.#flows.get(name)!.costOfNext(suits);
      return cost === null ? [] : [{ name, cost }];
    });
    if (wanting.length === 0) return null;
    const missing = ({ name, cost }: { name: string; cost: number }) => cost - this.#deficitOf(name);
    // Whole rounds in which nobody could take anything are given at once.
    const rounds = Math.max(0, Math.ceil(Math.min(...wanting.map(missing)) / this.#quantum) - 1);
    for (const { name } of wanting) this.#deficits.set(name, this.#deficitOf(name) + rounds * this.#quantum);
    for (let turn = 0; ; turn = (turn + 1) % wanting.length) {
      const { name } = wanting[turn]!;
      if (missing(wanting[turn]!) <= 0) return name;
      this.#deficits.set(name, this.#deficitOf(name) + this.#quantum);
      this.#turns = [...this.#turns.filter((other) => other !== name), name];
    }
  }

  #deficitOf(name: string): number {
    return this.#deficits.get(name) ?? 0;
  }

  /** What was saved is lost with the turn, what is owed stays. */
  #dropEmpty(name: string): void {
    if (this.#flows.get(name)?.isEmpty() !== true) return;
    this.#flows.delete(name);
    this.#turns = this.#turns.filter((other) => other !== name);
    if (this.#deficitOf(name) >= 0) this.#deficits.delete(name);
  }
}

/** Pieces of one job, in the order in which they came. */
class Line<T extends Ticket> implements Flow<T> {
  #pieces: T[] = [];

  put(piece: T, first: boolean): void {
    if (first) this.#pieces.unshift(piece);
    else this.#pieces.push(piece);
  }

  costOfNext(suits: (piece: T) => boolean): number | null {
    return this.#pieces.find(suits)?.cost ?? null;
  }

  take(suits: (piece: T) => boolean): T | null {
    const at = this.#pieces.findIndex(suits);
    return at < 0 ? null : this.#pieces.splice(at, 1)[0]!;
  }

  remove(isUnwanted: (piece: T) => boolean): number {
    const before = this.#pieces.length;
    this.#pieces = this.#pieces.filter((piece) => !isUnwanted(piece));
    return before - this.#pieces.length;
  }

  waitingCost(): number {
    return this.#pieces.reduce((sum, { cost }) => sum + cost, 0);
  }

  isEmpty(): boolean {
    return this.#pieces.length === 0;
  }
}
