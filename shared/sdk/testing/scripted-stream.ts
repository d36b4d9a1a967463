/** A coordinator's side of one stream in a few lines, behind a fetch that loses connections where a test says so. */
import type { AnswersEnd, AnswerView } from "../../kinds/inference/answers.ts";
import { inferenceViewOf } from "../../kinds/inference/testing/inference-view.ts";
import type { JobState } from "../../protocol/job-api.ts";
import { parseNpy } from "../../protocol/npy.ts";

/** before: the request does not arrive. after: it is carried out, its answer does not come. during: half of its answer does. */
export type Loss = "before" | "during" | "after";

export interface Told {
  readonly method: string;
  readonly path: string;
  /** Queries of a post. */
  readonly count: number;
  readonly at: number | null;
}

export class ScriptedStream {
  /** What was taken, in its order. */
  readonly taken: number[][] = [];
  readonly told: Told[] = [];
  state: JobState = "running";
  isOpen = true;
  /** Answers that are ready; by default all that were taken. */
  ready = Number.POSITIVE_INFINITY;
  /** Refusals that one post names; of the others it says how many there were. */
  namedMax = 100;
  /** Says how the next request is lost, or with what it is answered; null: it is as it should be. */
  spoil: (told: Told) => Loss | { status: number; code: string } | null = () => null;
  /** Says after how many bytes the next connection for events is cut; null: never. */
  cut: () => number | null = () => null;
  readonly #wake = new Set<() => void>();
  readonly #width: number;

  constructor(width: number) {
    this.#width = width;
  }

  readonly fetch: typeof fetch = async (input, init = {}) => {
    init.signal?.throwIfAborted();
    const { pathname, searchParams } = new URL(String(input));
    const method = init.method ?? "GET";
    const path = pathname.replace(/^\/api\//, "");
    if (path === "receipt-keys") return json([], 200);
    const rows = path.endsWith("/queries") ? rowsOf(init.body as Uint8Array) : [];
    const at = searchParams.has("at") ? Number(searchParams.get("at")) : null;
    const told: Told = { method, path, count: rows.length, at };
    this.told.push(told);
    const spoilt = this.spoil(told);
    if (spoilt === "before") throw new TypeError("injected: the connection was lost before the request came");
    if (spoilt !== null && typeof spoilt === "object") {
      return json({ error: { code: spoilt.code, message: spoilt.code } }, spoilt.status);
    }
    if (path.endsWith("/answers.sse")) return this.#events(Number(searchParams.get("from")), init.signal ?? null);
    const response = this.#answer(method, path, rows, at);
    if (spoilt === "after") throw new TypeError("injected: the connection was lost before the answer came");
    return spoilt === "during" ? cutOff(await response.text()) : response;
  };

  change(what: () => void): void {
    what();
    for (const wake of [...this.#wake]) wake();
  }

  #answer(method: string, path: string, rows: number[][], at: number | null): Response {
    if (path === "models") {
      const sizes = {
        inputShape: [this.#width],
        inputs: [],
        outputSize: 1,
        outputs: [],
        macsPerQuery: 1,
        weightBytes: 1,
      };
      return json({ modelSha256: "m", ...sizes });
    }
    if (path === "jobs") return json({ jobId: "j" });
    if (path.endsWith("/queries")) return this.#post(rows, at ?? this.taken.length);
    if (path.endsWith("/stop")) {
      if (!this.isOpen) return json({ error: { code: "not-open", message: "closed already" } }, 409);
      this.change(() => {
        this.isOpen = false;
        this.state = "done";
      });
    }
    if (method === "DELETE") {
      this.change(() => {
        this.isOpen = false;
        this.state = "cancelled";
      });
    }
    const queryCount = this.taken.length;
    const answersByMark = { missing: 0, unchecked: 0, estimated: 0, audited: queryCount, exact: 0, "non-finite": 0 };
    return json(inferenceViewOf("j", { state: this.state, queryCount, answersByMark, finalCount: 0 }));
  }

  #end(): AnswersEnd {
    return { jobId: "j", state: this.state, error: null, queryCount: this.taken.length };
  }

  #post(rows: number[][], firstIndex: number): Response {
    if (!this.isOpen) return json({ error: { code: "stream-closed", message: "it was closed" } }, 409);
    const isGood = (row: number[]) => row.length === this.#width && row.every(Number.isFinite);
    const good = rows.filter(isGood);
    const all = rows.flatMap((row, place) => {
      const problem = row.length === this.#width ? "expected finite numbers" : `expected ${this.#width} numbers`;
      const message = `query ${place} of the body (index 0 had it been taken): ${problem}`;
      return isGood(row) ? [] : [{ place, message }];
    });
    if (good.length === 0) return json({ error: { code: "bad-queries", message: all[0]!.message } }, 422);
    const known = good.slice(0, this.taken.length - firstIndex);
    if (known.some((row, i) => row.join() !== this.taken[firstIndex + i]!.join())) {
      return json({ error: { code: "different-query", message: "another one" } }, 409);
    }
    this.change(() => this.taken.push(...good.slice(known.length)));
    const refused = all.slice(0, this.namedMax);
    const queryCount = this.taken.length;
    return json({ firstIndex, taken: good.length, queryCount, refused, refusedCount: all.length });
  }

  #events(from: number, signal: AbortSignal | null): Response {
    let [next, room] = [from, this.cut()];
    let sent = false;
    let leave = (): void => {};
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        signal?.addEventListener("abort", () => {
          leave();
          controller.error(signal.reason);
        });
        const send = (text: string) => {
          const bytes = new TextEncoder().encode(text);
          controller.enqueue(room === null ? bytes : bytes.subarray(0, room));
          if (room === null) return true;
          room -= bytes.length;
          return room > 0;
        };
        const look = () => {
          if (sent) return;
          const events = [": answers follow\n\n".repeat(next === from ? 1 : 0)];
          for (; next < Math.min(this.taken.length, this.ready); next++) events.push(eventOf(next, this.taken[next]!));
          const isOver = this.state !== "running" && (this.state !== "done" || next === this.taken.length);
          if (isOver) events.push(`event: end\ndata: ${JSON.stringify(this.#end())}\n\n`);
          const isWhole = events.every(send);
          if (isWhole && !isOver) return;
          sent = true;
          this.#wake.delete(look);
          // What was sent before the cut arrives; then the connection breaks.
          if (isWhole) controller.close();
          else setTimeout(() => controller.error(new TypeError("injected: terminated")), 1);
        };
        this.#wake.add(look);
        leave = () => void this.#wake.delete(look);
        look();
      },
      cancel: () => leave(),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }
}

function eventOf(index: number, [first]: number[]): string {
  const checked = {
    mark: "audited",
    final: true,
    bound: 1e-4,
    confidence: null,
    labelAmbiguous: false,
    volunteerId: "v",
    first: null,
  } as const;
  const answer: AnswerView = { index, label: first!, outputs: [first!], ...checked };
  return `id: ${index}\nevent: answer\ndata: ${JSON.stringify(answer)}\n\n`;
}

function rowsOf(body: Uint8Array): number[][] {
  const { shape, data } = parseNpy(body);
  const [count, width] = shape as [number, number];
  return Array.from({ length: count }, (_, i) => Array.from(data.slice(i * width, (i + 1) * width), Number));
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}

function cutOff(text: string): Response {
  const half = new TextEncoder().encode(text.slice(0, text.length / 2));
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(half);
      setTimeout(() => controller.error(new TypeError("injected: terminated")), 1);
    },
  });
  return new Response(body);
}
