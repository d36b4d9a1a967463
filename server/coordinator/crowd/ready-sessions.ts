/** Sessions that are ready for work, busy or not: how many volunteers they are of, and at which addresses. Kept as they change. */
import type { PrecisionClass } from "../words.ts";

export interface ReadyMember {
  readonly sessionId: string;
  readonly volunteerId: string;
  readonly precision: PrecisionClass;
  readonly addressGroup: string | null;
}

export class ReadySessions {
  readonly #members = new Map<string, ReadyMember>();
  readonly #byVolunteer = new Map<string, { sessions: number; float32: number }>();
  readonly #byGroup = new Map<string | null, Set<string>>();
  #float32Volunteers = 0;

  get volunteers(): number {
    return this.#byVolunteer.size;
  }

  /** Volunteers with a session that computes in float32. */
  get float32Volunteers(): number {
    return this.#float32Volunteers;
  }

  /** Known ones. */
  get addressGroups(): number {
    return this.#byGroup.size - (this.#byGroup.has(null) ? 1 : 0);
  }

  get size(): number {
    return this.#members.size;
  }

  has(sessionId: string): boolean {
    return this.#members.has(sessionId);
  }

  /** Has it a session that is ready, and one that computes in float32? */
  standing(volunteerId: string): { readonly isReady: boolean; readonly isFloat32: boolean } {
    const { sessions = 0, float32 = 0 } = this.#byVolunteer.get(volunteerId) ?? {};
    return { isReady: sessions > 0, isFloat32: float32 > 0 };
  }

  hasVolunteer(volunteerId: string): boolean {
    return this.#byVolunteer.has(volunteerId);
  }

  /** Ids of sessions, without those of one group; of those whose address is not known all. */
  *elsewhere(group: string | null): Generator<string, undefined> {
    for (const [other, sessionIds] of this.#byGroup) if (other === null || other !== group) yield* sessionIds;
  }

  /** It is ready as it is now. */
  keep({ sessionId, volunteerId, precision, addressGroup }: ReadyMember): void {
    const before = this.#members.get(sessionId);
    if (before?.precision === precision) return;
    if (before !== undefined) this.drop(sessionId);
    const member = { sessionId, volunteerId, precision, addressGroup };
    this.#members.set(sessionId, member);
    this.#count(member, 1);
    const group = this.#byGroup.get(addressGroup) ?? new Set();
    this.#byGroup.set(addressGroup, group.add(sessionId));
  }

  drop(sessionId: string): void {
    const member = this.#members.get(sessionId);
    if (member === undefined) return;
    const { addressGroup } = member;
    this.#members.delete(sessionId);
    this.#count(member, -1);
    const group = this.#byGroup.get(addressGroup);
    group?.delete(sessionId);
    if (group?.size === 0) this.#byGroup.delete(addressGroup);
  }

  #count({ volunteerId, precision }: ReadyMember, sign: 1 | -1): void {
    const counts = this.#byVolunteer.get(volunteerId) ?? { sessions: 0, float32: 0 };
    const hadFloat32 = counts.float32 > 0;
    counts.sessions += sign;
    if (precision === "float32") counts.float32 += sign;
    this.#float32Volunteers += Number(counts.float32 > 0) - Number(hadFloat32);
    if (counts.sessions === 0) this.#byVolunteer.delete(volunteerId);
    else this.#byVolunteer.set(volunteerId, counts);
  }
}
