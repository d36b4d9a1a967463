/** Places among the sessions: how many there may be in all, of one volunteer, and of one network. */
import { FURTHER_SESSIONS_SHARE_MAX } from "../../shared/protocol/limits.ts";
import type { Refused } from "../../shared/protocol/messages.ts";

export interface PlaceLimits {
  readonly inAll: number;
  readonly perVolunteer: number;
  readonly perPrefix: number;
}

export class Places {
  readonly #limits: PlaceLimits;
  readonly #ofVolunteer = new Map<string, number>();
  readonly #ofPrefix = new Map<string, number>();
  #taken = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  get taken(): number {
    return this.#taken;
  }

  /**
   * @param prefix of its address; null: of this machine, counts for no network
   * @returns null once the place is taken, or why there is none; each taken one is given back by `leave`
   */
  enter(volunteerId: string, prefix: string | null): Refused | null {
    const { inAll, perVolunteer, perPrefix } = this.#limits;
    if (this.#taken >= inAll) {
      return { code: "overloaded", message: `expected at most ${inAll} sessions; try again later` };
    }
    const own = this.#ofVolunteer.get(volunteerId) ?? 0;
    const ofNetwork = prefix === null ? 0 : (this.#ofPrefix.get(prefix) ?? 0);
    if (own >= perVolunteer) {
      return { code: "too-many-sessions", message: `expected at most ${perVolunteer} tabs of one volunteer` };
    }
    if (ofNetwork >= perPrefix) {
      return { code: "too-many-sessions", message: `expected at most ${perPrefix} tabs of one network` };
    }
    const share = FURTHER_SESSIONS_SHARE_MAX;
    if (own > 0 && (this.#taken >= share * inAll || ofNetwork >= share * perPrefix)) {
      return { code: "too-many-sessions", message: "expected one session of a volunteer while places are scarce" };
    }
    this.#taken++;
    add(this.#ofVolunteer, volunteerId, 1);
    if (prefix !== null) add(this.#ofPrefix, prefix, 1);
    return null;
  }

  leave(volunteerId: string, prefix: string | null): void {
    this.#taken--;
    add(this.#ofVolunteer, volunteerId, -1);
    if (prefix !== null) add(this.#ofPrefix, prefix, -1);
  }
}

function add(counts: Map<string, number>, key: string, amount: number): void {
  const count = (counts.get(key) ?? 0) + amount;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
