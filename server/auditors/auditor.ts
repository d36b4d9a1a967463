/**
 * A machine that computes trusted rows for a coordinator: asks for pieces, has them computed in processes of its own that may die of them,
 * and sends what came of them. It holds nothing that is lost with it.
 */
import { availableParallelism } from "node:os";
import {
  type PieceRequest,
  type PieceView,
  pieceGivenSchema,
  pieceTakenSchema,
} from "../../shared/protocol/auditor-api.ts";
import { AUDITOR_ALIVE_MS, AUDITOR_MODELS_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { askAs, posting } from "../../shared/sdk/ask-as.ts";
import { isPassing, patiently, waitMs } from "../../shared/sdk/patience.ts";
import { askBytes, askJson, type Requester } from "../../shared/sdk/requests.ts";
import type { ModelRuns } from "../trusted/model-runs.ts";

export interface AuditorOptions {
  readonly requester: Requester;
  /** Nobody else's: the coordinator tells auditors apart by it. */
  readonly auditorId: string;
  readonly asked: PieceRequest;
  readonly runs: Pick<ModelRuns, "run" | "times">;
  /** It ends, and its pieces go to others. */
  readonly signal: AbortSignal;
  readonly onRows?: (rowCount: number) => void;
  /** The coordinator takes it. */
  readonly onTaken?: () => void;
}

export const SEATS_DEFAULT = Math.max(1, availableParallelism());
const AGAIN_MS = 1_000;

/** Works until the signal. @throws ParitabApiError where the coordinator wants no such auditor */
export async function beAuditor(options: AuditorOptions): Promise<void> {
  const { requester, auditorId, asked, signal } = options;
  const inHand = new Set<string>();
  const base = `/api/auditors/${encodeURIComponent(auditorId)}`;
  const models = new Models(requester);
  const alive = setInterval(() => {
    if (inHand.size === 0) return;
    // Lost, it is said again soon.
    askJson(requester, `${base}/alive`, posting({ pieceIds: [...inHand] }, signal)).catch(() => undefined);
  }, AUDITOR_ALIVE_MS);
  let isKnown = false;
  try {
    // What is wrong with address or token is found before anything is waited for.
    const greet = () => askJson(requester, `${base}/alive`, posting({ pieceIds: [] }, signal));
    await patiently(requester, greet, signal);
    isKnown = true;
    options.onTaken?.();
    // One that is refused ends them all.
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const seats = Array.from({ length: asked.seats }, () => seat({ ...options, signal: both }, base, models, inHand));
    await Promise.all(seats.map((one) => one.finally(() => stop.abort())));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(alive);
    const leave = { method: "DELETE", signal: AbortSignal.timeout(AGAIN_MS) };
    if (isKnown) await askJson(requester, base, leave).catch(() => undefined);
  }
}

async function seat(options: AuditorOptions, base: string, models: Models, inHand: Set<string>): Promise<void> {
  const { requester, asked, signal } = options;
  const ask = () => askAs(requester, `${base}/pieces`, pieceGivenSchema, posting(asked, signal));
  while (!signal.aborted) {
    const piece = await patiently(requester, ask, signal).then(
      (given) => given.piece,
      (error: unknown) => {
        // However long the coordinator is away: there is nothing else to do.
        if (signal.aborted || isPassing(error)) return null;
        throw error;
      },
    );
    if (piece === null) continue;
    inHand.add(piece.pieceId);
    await work(options, `${base}/pieces/${piece.pieceId}`, piece, models).finally(() => inHand.delete(piece.pieceId));
  }
}

async function work(
  { requester, runs, signal, onRows }: AuditorOptions,
  base: string,
  piece: PieceView,
  models: Models,
): Promise<void> {
  const { modelSha256: sha256, rowCount } = piece;
  try {
    const [bundle, rows] = await Promise.all([
      models.get(sha256, base),
      askBytes(requester, `${base}/rows`, { signal }),
    ]);
    const inputs = new Float32Array(rows.buffer, rows.byteOffset, rows.byteLength / Float32Array.BYTES_PER_ELEMENT);
    const { pieceId } = piece;
    const asked = { jobId: pieceId, submitter: "coordinator", lane: "check", implementation: "tab" } as const;
    const outputs = await runs.run({ model: { sha256, bundle }, inputs, rowCount, ...asked });
    const cpuMs = runs.times.byJob().find(({ job }) => job === pieceId)?.checkMs ?? 0;
    const path = `${base}/outputs?cpuMs=${cpuMs}`;
    const headers = { "content-type": "application/octet-stream" };
    const body = new Uint8Array(outputs.buffer as ArrayBuffer, outputs.byteOffset, outputs.byteLength);
    const { taken } = await askAs(requester, path, pieceTakenSchema, { method: "POST", headers, body, signal });
    if (taken) onRows?.(rowCount);
  } catch (error) {
    if (signal.aborted) return;
    // Whatever it was, the coordinator computes the piece itself; a coordinator that is away has given it to somebody else.
    const problem = (error as Error).message.slice(0, 400) || "it failed";
    await askJson(requester, `${base}/problem`, posting({ problem }, signal)).catch(() => undefined);
    if (isPassing(error)) await waitMs(AGAIN_MS, signal).catch(() => undefined);
  }
}

/** Models by their hashes, the least recently used first. */
class Models {
  readonly #requester: Requester;
  readonly #known = new Map<string, Promise<Uint8Array>>();

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** @param piece the address of a piece of it */
  async get(sha256: string, piece: string): Promise<Uint8Array> {
    const known = this.#known.get(sha256);
    this.#known.delete(sha256);
    const model = known ?? askBytes(this.#requester, `${piece}/model`, {});
    this.#known.set(sha256, model);
    try {
      const bundle = await model;
      await this.#makeRoom();
      return bundle;
    } catch (error) {
      if (this.#known.get(sha256) === model) this.#known.delete(sha256);
      throw error;
    }
  }

  async #makeRoom(): Promise<void> {
    let bytes = 0;
    for (const [sha256, model] of [...this.#known].reverse()) {
      bytes += (await model.catch(() => new Uint8Array(0))).length;
      if (bytes > AUDITOR_MODELS_BYTES_MAX) this.#known.delete(sha256);
    }
  }
}
