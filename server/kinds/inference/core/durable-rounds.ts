/**
 * The durable rounds of a job, in the order in which they became durable, and whose parts are in them: kept as rounds come and go, so that nobody's
 * part is looked for in all of them. SPEC.md EV5.
 */
import type { BatchSource } from "./batch-source.ts";

interface DurableRound {
  readonly sources: readonly (BatchSource | null)[];
}

/** Batches of one volunteer that are audited, hold queries as they are, and are all the same to its bound. */
export interface AuditedAlike {
  /** One of them. */
  readonly source: BatchSource;
  readonly batchRows: number;
  count: number;
}

type RowsOf = (roundIndex: number, workerIndex: number) => number | null;

export class DurableRounds<Round extends DurableRound> extends Map<number, Round> {
  /** Rows of a batch that holds queries as they are; null: it holds a mixture. The same for as long as its round is durable. */
  readonly rowsOf: RowsOf;
  /** By index: the place of each in the order. */
  readonly #turns = new Map<number, number>();
  /** By volunteer: where it gave a result that stands, or vouched for one. */
  readonly #partsOf = new Map<string, Set<number>>();
  readonly #audited = new Map<string, Map<string, AuditedAlike>>();
  #nextTurn = 0;

  constructor(rowsOf: RowsOf) {
    super();
    this.rowsOf = rowsOf;
  }

  override set(roundIndex: number, round: Round): this {
    this.#forget(roundIndex);
    if (!this.#turns.has(roundIndex)) this.#turns.set(roundIndex, this.#nextTurn++);
    for (const volunteerId of volunteersIn(round)) {
      const parts = this.#partsOf.get(volunteerId);
      if (parts === undefined) this.#partsOf.set(volunteerId, new Set([roundIndex]));
      else parts.add(roundIndex);
    }
    this.#count(roundIndex, round, 1);
    return super.set(roundIndex, round);
  }

  override delete(roundIndex: number): boolean {
    this.#forget(roundIndex);
    this.#turns.delete(roundIndex);
    return super.delete(roundIndex);
  }

  override clear(): void {
    for (const roundIndex of [...this.keys()]) this.delete(roundIndex);
  }

  /** Those with a part of this volunteer, in order; as many as there are now: they may change meanwhile. */
  partsOf(volunteerId: string): [roundIndex: number, round: Round][] {
    const parts = this.#partsOf.get(volunteerId) ?? [];
    return [...parts]
      .flatMap((roundIndex): [number, Round][] => {
        const round = this.get(roundIndex);
        return round === undefined ? [] : [[roundIndex, round]];
      })
      .sort(([a], [b]) => this.turnOf(a) - this.turnOf(b));
  }

  /** What is smaller comes before. */
  turnOf(roundIndex: number): number {
    return this.#turns.get(roundIndex) ?? 0;
  }

  /** By volunteer. */
  *audited(): Generator<[volunteerId: string, alike: Iterable<AuditedAlike>], undefined> {
    for (const [volunteerId, alike] of this.#audited) yield [volunteerId, alike.values()];
  }

  #forget(roundIndex: number): void {
    const round = this.get(roundIndex);
    if (round === undefined) return;
    this.#count(roundIndex, round, -1);
    for (const volunteerId of volunteersIn(round)) {
      const parts = this.#partsOf.get(volunteerId);
      parts?.delete(roundIndex);
      if (parts?.size === 0) this.#partsOf.delete(volunteerId);
    }
  }

  #count(roundIndex: number, { sources }: Round, sign: 1 | -1): void {
    sources.forEach((source, workerIndex) => {
      // What is under coins is checked by others, and no record of audits is asked for it.
      if (source === null || source.coins !== undefined) return;
      const batchRows = this.rowsOf(roundIndex, workerIndex);
      if (batchRows === null) return;
      const { volunteerId, auditedRows, opinionBy } = source;
      const name = `${auditedRows}/${batchRows}/${opinionBy ?? ""}`;
      const ofVolunteer = this.#audited.get(volunteerId) ?? new Map<string, AuditedAlike>();
      const alike = ofVolunteer.get(name) ?? { source, batchRows, count: 0 };
      alike.count += sign;
      if (alike.count > 0) ofVolunteer.set(name, alike);
      else ofVolunteer.delete(name);
      if (ofVolunteer.size > 0) this.#audited.set(volunteerId, ofVolunteer);
      else this.#audited.delete(volunteerId);
    });
  }
}

function volunteersIn({ sources }: DurableRound): Set<string> {
  const found = new Set<string>();
  for (const source of sources) {
    if (source === null) continue;
    found.add(source.volunteerId);
    if (source.opinionBy !== null) found.add(source.opinionBy);
  }
  return found;
}
