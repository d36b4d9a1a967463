/**
 * Devices of a block. No answer enters it before its device had known rows of the model right: what it answers until then is held, so that broken
 * cards are no findings.
 */
import type { DeviceJoins } from "./checked-rows-words.ts";

/** Items that a device answered before it was let in. */
export interface HeldPart {
  readonly claimId: number;
  readonly items: readonly number[];
  readonly doubtful: readonly number[];
}

interface Device {
  readonly volunteerId: string;
  isCoarse: boolean;
  /** Known rows that it has still to have right; infinite: it had one wrong. */
  needed: number;
  /** Known rows that wait for its next claim, */
  queued: number;
  /** and those in its claims. */
  atWork: number;
  held: HeldPart[];
}

/**
 * @example
 * const devices = new Devices();
 * devices.join({ sessionId: "s", volunteerId: "v", rowsPerMs: null, knownNeeded: 1 });
 * [devices.isIn("s"), devices.wanted("s")] // -> [false, 1]
 * devices.tookKnown("s", 1);
 * devices.hold("s", { claimId: 1, items: [4], doubtful: [] });
 * devices.hadRight("s") // -> [{ claimId: 1, items: [4], doubtful: [] }]
 */
export class Devices {
  readonly #devices = new Map<string, Device>();
  /** Sessions of a volunteer. */
  readonly #ofVolunteer = new Map<string, Set<string>>();

  join({ sessionId, volunteerId, knownNeeded = 0, isCoarse = false }: DeviceJoins): void {
    this.leave(sessionId);
    this.#devices.set(sessionId, { volunteerId, isCoarse, needed: knownNeeded, queued: 0, atWork: 0, held: [] });
    const sessions = this.#ofVolunteer.get(volunteerId);
    if (sessions === undefined) this.#ofVolunteer.set(volunteerId, new Set([sessionId]));
    else sessions.add(sessionId);
  }

  /** What is held of it never enters. */
  leave(sessionId: string): void {
    const device = this.#devices.get(sessionId);
    if (device === undefined) return;
    this.#devices.delete(sessionId);
    const sessions = this.#ofVolunteer.get(device.volunteerId)!;
    sessions.delete(sessionId);
    if (sessions.size === 0) this.#ofVolunteer.delete(device.volunteerId);
  }

  sessions(): string[] {
    return [...this.#devices.keys()];
  }

  volunteerOf(sessionId: string): string | undefined {
    return this.#devices.get(sessionId)?.volunteerId;
  }

  isHere(volunteerId: string): boolean {
    return this.#ofVolunteer.has(volunteerId);
  }

  sessionsOf(volunteerId: string): string[] {
    return [...(this.#ofVolunteer.get(volunteerId) ?? [])];
  }

  isCoarse(sessionId: string): boolean {
    return this.#devices.get(sessionId)?.isCoarse === true;
  }

  /** It has been measured since. */
  measured(sessionId: string, isCoarse: boolean): void {
    const device = this.#devices.get(sessionId);
    if (device !== undefined) device.isCoarse = isCoarse;
  }

  /** Do its answers enter the block? */
  isIn(sessionId: string): boolean {
    return (this.#devices.get(sessionId)?.needed ?? 0) <= 0;
  }

  /** Had it a known row wrong? It gets nothing more. */
  isRefused(sessionId: string): boolean {
    return this.#devices.get(sessionId)?.needed === Number.POSITIVE_INFINITY;
  }

  /** Known rows that are still to be queued for its next claim. */
  wanted(sessionId: string): number {
    const device = this.#devices.get(sessionId);
    if (device === undefined || device.needed === Number.POSITIVE_INFINITY) return 0;
    return Math.max(0, device.needed - device.queued - device.atWork);
  }

  queued(sessionId: string, count: number): void {
    const device = this.#devices.get(sessionId);
    if (device !== undefined) device.queued += count;
  }

  /** A claim of it has so many: none, where another session of its volunteer took what was queued. */
  tookKnown(sessionId: string, count: number): void {
    const device = this.#devices.get(sessionId);
    if (device === undefined) return;
    device.queued = 0;
    device.atWork += count;
  }

  /** Known rows of the session's claims were compared, or ended without an answer. */
  endedKnown(sessionId: string, count: number): void {
    const device = this.#devices.get(sessionId);
    if (device !== undefined) device.atWork = Math.max(0, device.atWork - count);
  }

  hold(sessionId: string, part: HeldPart): void {
    this.#devices.get(sessionId)?.held.push(part);
  }

  /** Parts that are held, over all devices. */
  get held(): number {
    let count = 0;
    for (const device of this.#devices.values()) count += device.held.length;
    return count;
  }

  /** @returns what enters the block now */
  hadRight(sessionId: string): HeldPart[] {
    const device = this.#devices.get(sessionId);
    if (device === undefined) return [];
    device.needed--;
    if (device.needed > 0) return [];
    const { held } = device;
    device.held = [];
    return held;
  }

  hadWrong(sessionId: string): void {
    const device = this.#devices.get(sessionId);
    if (device === undefined) return;
    device.needed = Number.POSITIVE_INFINITY;
  }

  /** What is held of it never enters. */
  drop(sessionId: string): void {
    const device = this.#devices.get(sessionId);
    if (device !== undefined) device.held = [];
  }
}
