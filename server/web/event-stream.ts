/** What routes of server-sent events share. */

/** Whoever takes nothing for so long is cut off: what is sent waits in memory until it is taken. */
export async function* unlessStuck<Event extends string | Buffer>(
  events: AsyncGenerator<Event>,
  stuckMs: number,
  cutOff: () => void,
): AsyncGenerator<Event> {
  for await (const event of events) {
    const timer = setTimeout(cutOff, stuckMs);
    yield event;
    clearTimeout(timer);
  }
}

/** Something may have changed. */
export class Bell {
  rings = 0;
  isOver = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.rings++;
    this.#wake?.();
  }

  end(): void {
    this.isOver = true;
    this.ring();
  }

  /** Resolves at the first ring since `rings` were counted, or after so long. @returns whether it rang */
  async heard(rings: number, afterMs: number): Promise<boolean> {
    if (this.rings !== rings) return true;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, afterMs);
    });
    clearTimeout(timer);
    this.#wake = null;
    return this.rings !== rings;
  }
}
