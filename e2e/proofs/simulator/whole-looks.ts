/**
 * When all sessions and all volunteers are looked at. In a crowd of a lesson: after every event. In one of thousands that would be
 * nearly all that a run does: there it is so often that an event has a hundred or so looked at, besides those that it names.
 */
const LOOKED_AT_PER_EVENT = 128;

export class WholeLooks {
  #owed = 0;

  /** @param size how many there are to look at. @returns whether it is time, after one more event */
  isDue(size: number): boolean {
    this.#owed += LOOKED_AT_PER_EVENT;
    if (this.#owed < size) return false;
    this.#owed = 0;
    return true;
  }
}
