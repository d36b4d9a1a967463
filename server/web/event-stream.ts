/** What routes of server-sent events share. */
import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";

/** Sent where nothing else is, so that whoever reads knows that it is heard. */
export const BEAT = ":\n\n";

/**
 * @param reply of any route: what it is typed to send is one event
 * @param events as they come
 * @param stuckMs whoever takes nothing for so long is cut off
 */
export function sendEvents(reply: object, events: AsyncGenerator<string | Buffer>, stuckMs: number): FastifyReply {
  const { raw } = reply as FastifyReply;
  const body = Readable.from(
    unlessStuck(events, stuckMs, () => raw.destroy()),
    { highWaterMark: 1 },
  );
  return (reply as FastifyReply).type("text/event-stream; charset=utf-8").header("x-accel-buffering", "no").send(body);
}

/** What is sent waits in memory until it is taken. */
async function* unlessStuck<Event extends string | Buffer>(
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
