/**
 * [CE12] Looks at wholes, kept for a second for whoever looks next: a whole that a hundred watch is asked about as often as one that one watches. Nobody
 * watches, nobody asks, and nothing is kept.
 */
import { WHOLE_LOOK_MS, WHOLE_LOOKS_KEPT_MAX } from "../../../../../shared/protocol/limits.ts";
import { ApiFailure } from "../../../../web/api-failure.ts";

interface Kept {
  readonly answer: Promise<unknown>;
  readonly begunMs: number;
  /** So many parts have ended in it; while it is under way, none. */
  partsEnded: number;
}

/** What is refused to whoever asked, and to nobody else. */
function isOfWhoAsks(error: unknown): boolean {
  return error instanceof ApiFailure && [401, 403, 429].includes(error.status);
}

export class KeptLooks {
  readonly #kept = new Map<string, Kept>();
  readonly #nowMs: () => number;

  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#kept.size;
  }

  /**
   * @param what is looked at, of this whole
   * @param partsEnded so many parts have ended for certain: an older look is none
   * @param ask begins a look; who comes meanwhile shares it
   * @param endedIn so many parts have ended in what was seen; absent: as many as had
   */
  async look<Seen>(
    wholeId: string,
    what: string,
    partsEnded: number,
    ask: () => Promise<Seen>,
    endedIn: (seen: Seen) => number = () => partsEnded,
  ): Promise<Seen> {
    const key = `${wholeId} ${what}`;
    const kept = this.#kept.get(key);
    const isFresh = kept !== undefined && this.#nowMs() - kept.begunMs < WHOLE_LOOK_MS;
    if (isFresh) {
      try {
        const seen = (await kept.answer) as Seen;
        if (kept.partsEnded >= partsEnded) return seen;
      } catch (error) {
        if (!isOfWhoAsks(error)) throw error;
      }
      // Another one of those who waited may have begun a look since.
      if (this.#kept.get(key) !== kept && this.#kept.has(key))
        return this.look(wholeId, what, partsEnded, ask, endedIn);
    }
    return this.#begin(key, ask, endedIn);
  }

  #begin<Seen>(key: string, ask: () => Promise<Seen>, endedIn: (seen: Seen) => number): Promise<Seen> {
    const begunMs = this.#nowMs();
    const answer = ask().then((seen) => {
      kept.partsEnded = endedIn(seen);
      return seen;
    });
    const kept: Kept = { answer, begunMs, partsEnded: 0 };
    const letGo = () => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
    };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    setTimeout(letGo, WHOLE_LOOK_MS).unref();
    answer.catch((error: unknown) => {
      if (isOfWhoAsks(error)) letGo();
    });
    if (this.#kept.size > WHOLE_LOOKS_KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value!);
    return answer;
  }

  /** It was changed: what was seen of it before is not shown any more. */
  forget(wholeId: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(`${wholeId} `)) this.#kept.delete(key);
  }
}
