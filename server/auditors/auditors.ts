/**
 * Who computes trusted rows beside the coordinator: machines of its operator's, each with a token of the scope `audit`. They ask for
 * pieces; what none answers is computed here. An auditor is trusted and not believed: the coordinator computes its first pieces too, and a
 * drawn share of all later ones, and dismisses the one that differs.
 */
import type { AuditorView, PieceRequest } from "../../shared/protocol/auditor-api.ts";
import {
  AUDITOR_CHECKED_SHARE,
  AUDITOR_POLL_MS_MAX,
  AUDITOR_SILENT_MS_MAX,
  AUDITOR_TRIED_PIECES,
  AUDITORS_MAX,
} from "../../shared/protocol/limits.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import type { Elsewhere, ElsewherePiece } from "../trusted/elsewhere.ts";
import { rowsApart } from "./rows-apart.ts";

export interface AuditorsOptions {
  readonly random: RandomSource;
  /** Of a piece: nobody guesses it. */
  makeId(): string;
  nowMs(): number;
  /** It came, it went, or nothing of it counts any more. */
  readonly onChanged?: ((what: "came" | "went" | "dismissed", auditor: AuditorView) => void) | undefined;
}

export interface GivenPiece extends ElsewherePiece {
  readonly pieceId: string;
}

interface Auditor extends Omit<Mutable<AuditorView>, "auditorId"> {
  readonly auditorId: string;
  seenMs: number;
}
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Somebody who waits for a piece. */
interface Waiting {
  readonly auditor: Auditor;
  give(piece: GivenPiece | null): void;
}

interface Held {
  readonly auditor: Auditor;
  readonly piece: GivenPiece;
  /** When its auditor last said that it is at work on it: what was given may have been lost on its way. */
  seenMs: number;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

interface Answer {
  readonly auditor: Auditor;
  readonly outputs: Float32Array;
  readonly cpuMs: number;
}

/** Why an auditor gets no piece: it is to end. */
export type NotAdmitted = { readonly refusal: "dismissed" | "too many"; readonly message: string };

const SILENT = "it said nothing for too long";

export class Auditors implements Elsewhere {
  readonly #options: AuditorsOptions;
  readonly #auditors = new Map<string, Auditor>();
  /** First come, first served. */
  readonly #waiting: Waiting[] = [];
  readonly #held = new Map<string, Held>();
  readonly #sweeping: NodeJS.Timeout;
  #changed: () => void = () => {};

  constructor(options: AuditorsOptions) {
    this.#options = options;
    this.#sweeping = setInterval(() => this.#sweep(), AUDITOR_SILENT_MS_MAX / 6);
    this.#sweeping.unref();
  }

  get seats(): number {
    let seats = 0;
    for (const auditor of this.#auditors.values()) if (auditor.dismissedFor === null) seats += auditor.seats;
    return seats;
  }

  get isFree(): boolean {
    return this.#waiting.length > 0;
  }

  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  views(): AuditorView[] {
    return [...this.#auditors.values()].map(viewOf);
  }

  /**
   * An auditor asks for a piece.
   * @param gone aborted where it does not wait any more
   * @returns null: there is none now, and it asks again
   */
  async next(auditorId: string, asked: PieceRequest, gone: AbortSignal): Promise<GivenPiece | NotAdmitted | null> {
    const admitted = this.#admit(auditorId, asked);
    if ("refusal" in admitted) return admitted;
    return new Promise((resolve) => {
      const waiting: Waiting = {
        auditor: admitted,
        give: (piece) => {
          clearTimeout(timeout);
          gone.removeEventListener("abort", leave);
          this.#leave(waiting);
          resolve(piece);
        },
      };
      const leave = () => waiting.give(null);
      const timeout = setTimeout(leave, AUDITOR_POLL_MS_MAX);
      gone.addEventListener("abort", leave);
      this.#waiting.push(waiting);
      this.#changed();
    });
  }

  /** It is at work on these. */
  alive(auditorId: string, pieceIds: readonly string[]): void {
    const nowMs = this.#options.nowMs();
    const auditor = this.#auditors.get(auditorId);
    if (auditor !== undefined) auditor.seenMs = nowMs;
    for (const pieceId of pieceIds) {
      const held = this.#held.get(pieceId);
      if (held?.auditor.auditorId === auditorId) held.seenMs = nowMs;
    }
  }

  /** It ends in good order: its pieces go to others at once. */
  left(auditorId: string): void {
    const auditor = this.#auditors.get(auditorId);
    if (auditor !== undefined && auditor.dismissedFor === null) this.#remove(auditor, "it left");
  }

  /** What the auditor holds; null: it holds no such piece (any more). */
  heldBy(auditorId: string, pieceId: string): GivenPiece | null {
    const held = this.#held.get(pieceId);
    return held?.auditor.auditorId === auditorId ? held.piece : null;
  }

  /** @param outputs rowCount x C. @returns false: nobody waits for this piece any more */
  answered(auditorId: string, pieceId: string, outputs: Float32Array, cpuMs: number): boolean {
    const held = this.#take(auditorId, pieceId);
    held?.resolve({ auditor: held.auditor, outputs, cpuMs });
    return held !== null;
  }

  failed(auditorId: string, pieceId: string, problem: string): boolean {
    const held = this.#take(auditorId, pieceId);
    held?.reject(new Error(`auditor ${held.auditor.name}: ${problem}`));
    return held !== null;
  }

  async compute(
    piece: ElsewherePiece,
    here: () => Promise<Float32Array>,
  ): Promise<{ outputs: Float32Array; cpuMs: number }> {
    const waiting = this.#waiting[0];
    if (waiting === undefined) throw new Error("no auditor waits for a piece");
    const { auditor } = waiting;
    const pieceId = this.#options.makeId();
    const given = { ...piece, pieceId };
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#held.set(pieceId, { auditor, piece: given, seenMs: this.#options.nowMs(), resolve, reject });
      waiting.give(given);
    });
    const isTried = auditor.checkedPieces < AUDITOR_TRIED_PIECES;
    if (isTried || this.#options.random.uniform() < AUDITOR_CHECKED_SHARE) {
      const outputs = await here();
      const apart = rowsApart(answer.outputs, outputs, piece.rowCount);
      if (apart > 0) this.#dismiss(auditor, apart, piece.rowCount);
      else auditor.checkedPieces++;
      if (apart > 0) return { outputs, cpuMs: answer.cpuMs };
    }
    if (auditor.dismissedFor !== null) throw new Error(`auditor ${auditor.name} was dismissed meanwhile`);
    auditor.pieces++;
    auditor.rows += piece.rowCount;
    auditor.cpuMs += answer.cpuMs;
    return { outputs: answer.outputs, cpuMs: answer.cpuMs };
  }

  close(): void {
    clearInterval(this.#sweeping);
    for (const auditor of [...this.#auditors.values()]) this.#letGo(auditor, "the coordinator is stopping");
  }

  #admit(auditorId: string, { name, seats }: PieceRequest): Auditor | NotAdmitted {
    const known = this.#auditors.get(auditorId);
    const dismissedFor = known?.dismissedFor ?? null;
    if (dismissedFor !== null) return { refusal: "dismissed", message: dismissedFor };
    const nowMs = this.#options.nowMs();
    if (known !== undefined) {
      known.seenMs = nowMs;
      known.seats = seats;
      return known;
    }
    if (this.#auditors.size >= AUDITORS_MAX) {
      return { refusal: "too many", message: `expected at most ${AUDITORS_MAX} auditors, got another` };
    }
    const counts = { pieces: 0, rows: 0, cpuMs: 0, checkedPieces: 0 };
    const auditor: Auditor = { auditorId, name, seats, sinceMs: nowMs, seenMs: nowMs, ...counts, dismissedFor: null };
    this.#auditors.set(auditorId, auditor);
    this.#options.onChanged?.("came", viewOf(auditor));
    return auditor;
  }

  #dismiss(auditor: Auditor, apart: number, rowCount: number): void {
    if (auditor.dismissedFor !== null) return;
    auditor.dismissedFor =
      `${apart} of ${rowCount} rows were not what the coordinator computes; its processor or memory may be broken, ` +
      `or its version may be another; ${auditor.rows} rows of it counted before`;
    this.#letGo(auditor, "it was dismissed");
    this.#options.onChanged?.("dismissed", viewOf(auditor));
    this.#changed();
  }

  #remove(auditor: Auditor, why: string): void {
    this.#auditors.delete(auditor.auditorId);
    this.#letGo(auditor, why);
    if (auditor.dismissedFor === null) this.#options.onChanged?.("went", viewOf(auditor));
    this.#changed();
  }

  /** Nothing is asked of it any more, and nothing is waited for. */
  #letGo(auditor: Auditor, why: string): void {
    for (const waiting of this.#waiting.filter((one) => one.auditor === auditor)) waiting.give(null);
    for (const [pieceId, held] of [...this.#held]) if (held.auditor === auditor) this.#drop(pieceId, held, why);
  }

  /** One that was dismissed is remembered for as long: it asks again and is told why. */
  #sweep(): void {
    const beforeMs = this.#options.nowMs() - AUDITOR_SILENT_MS_MAX;
    for (const auditor of [...this.#auditors.values()]) {
      if (this.#waiting.some((one) => one.auditor === auditor)) auditor.seenMs = this.#options.nowMs();
      else if (auditor.seenMs < beforeMs) this.#remove(auditor, SILENT);
    }
    for (const [pieceId, held] of [...this.#held]) {
      if (held.seenMs < beforeMs) this.#drop(pieceId, held, SILENT);
    }
  }

  #drop(pieceId: string, { auditor, reject }: Held, why: string): void {
    this.#held.delete(pieceId);
    reject(new Error(`auditor ${auditor.name}: ${why}`));
  }

  #take(auditorId: string, pieceId: string): Held | null {
    this.alive(auditorId, []);
    const held = this.#held.get(pieceId);
    if (held?.auditor.auditorId !== auditorId) return null;
    this.#held.delete(pieceId);
    return held;
  }

  #leave(waiting: Waiting): void {
    const place = this.#waiting.indexOf(waiting);
    if (place >= 0) this.#waiting.splice(place, 1);
  }
}

function viewOf({ seenMs: _, ...view }: Auditor): AuditorView {
  return { ...view };
}
