/** GET /api/work.sse: what volunteers can choose from, told anew whenever it changes. One look serves all who listen. */
import { Shares } from "../../shared/control/shares.ts";
import { type WorkList, workListSchema } from "../../shared/kinds/work-view.ts";
import {
  ANSWER_READER_BEAT_MS,
  ANSWER_READER_STUCK_MS_MAX,
  WORK_BYTES_PER_S_MAX,
  WORK_LOOK_MS,
  WORK_READERS_MAX,
} from "../../shared/protocol/limits.ts";
import { partyAsking } from "./access-hooks.ts";
import { ApiFailure } from "./api-failure.ts";
import { BEAT, Bell, sendEvents } from "./event-stream.ts";
import { type App, content, route } from "./route.ts";

const about =
  "The jobs at work as server-sent events: `work` at once, and again whenever it has changed. A page that is turned away with 429 asks " +
  "`/api/work` now and then.";

export interface WorkEventLimits {
  readonly lookMs: number;
  readonly readersMax: number;
  readonly bytesPerSecondMax: number;
}
const LIMITS: WorkEventLimits = {
  lookMs: WORK_LOOK_MS,
  readersMax: WORK_READERS_MAX,
  bytesPerSecondMax: WORK_BYTES_PER_S_MAX,
};

/** @param list what is told */
export function addWorkEvents(app: App, list: () => WorkList, limits = LIMITS): void {
  const told = new Told(list, limits);
  const seats = new Shares(limits.readersMax);
  // A stop waits for requests that are being answered: these would be for ever.
  app.addHook("preClose", async () => told.endAll());

  const options = route(
    { name: "workSse", group: "crowd", about, scope: null },
    { response: { 200: content("`work` events", { "text/event-stream": workListSchema }) } },
  );
  app.get("/api/work.sse", options, async (request, reply) => {
    const giveBack = seats.take(partyAsking(request), 1);
    if (giveBack === null) {
      const message = `expected at most ${seats.held.get(partyAsking(request)) ?? 0} readers of one address, of ${limits.readersMax} in all, got one more`;
      throw new ApiFailure(429, "too-many-readers", message);
    }
    const bell = new Bell();
    const leave = told.enter(bell);
    reply.raw.once("close", () => {
      giveBack();
      leave();
    });
    // An end ends the connection too: a stop would else wait for pages that keep it for their next question.
    reply.header("connection", "close");
    return sendEvents(reply, workEvents(told, bell), ANSWER_READER_STUCK_MS_MAX);
  });
}

async function* workEvents(told: Told, bell: Bell): AsyncGenerator<string | Buffer> {
  for (let last: Buffer | null = null; !bell.isOver; ) {
    const rings = bell.rings;
    const now = told.event;
    if (now !== last) {
      last = now;
      yield now;
      continue;
    }
    if (!(await bell.heard(rings, ANSWER_READER_BEAT_MS))) yield BEAT;
  }
}

/** What there is to tell, looked at only while somebody listens. */
class Told {
  readonly #list: () => WorkList;
  readonly #limits: WorkEventLimits;
  readonly #bells = new Set<Bell>();
  #timer: NodeJS.Timeout | null = null;
  #text = "";
  /** The same bytes for all readers. */
  event = Buffer.from(BEAT);

  constructor(list: () => WorkList, limits: WorkEventLimits) {
    this.#list = list;
    this.#limits = limits;
  }

  /** @returns leaves */
  enter(bell: Bell): () => void {
    this.#bells.add(bell);
    if (this.#timer === null) this.#look();
    return () => {
      bell.end();
      this.#bells.delete(bell);
      if (this.#bells.size > 0 || this.#timer === null) return;
      clearTimeout(this.#timer);
      this.#timer = null;
    };
  }

  endAll(): void {
    for (const bell of this.#bells) bell.end();
  }

  #look(): void {
    const { lookMs, bytesPerSecondMax } = this.#limits;
    const text = JSON.stringify(this.#list());
    if (text !== this.#text) {
      this.#text = text;
      this.event = Buffer.from(`event: work\ndata: ${text}\n\n`);
      for (const bell of this.#bells) bell.ring();
    }
    const sentMs = (1_000 * this.event.length * this.#bells.size) / bytesPerSecondMax;
    this.#timer = setTimeout(() => this.#look(), Math.max(lookMs, sentMs));
  }
}
