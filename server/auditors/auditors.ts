/**
 * Machines of the operator's that compute rows of checks beside the coordinator, each with a token of the scope `audit`. They ask for
 * pieces; a piece that none answers is computed here. An auditor's word counts where it agrees with what volunteers answered. Where the two
 * differ the coordinator computes the piece itself, as it does with an auditor's first pieces and a drawn share of the later ones; who
 * differs from the coordinator is dismissed. SPEC.md VF17.
 */
import type { AuditorOfToken, AuditorView, PieceRequest } from "../../shared/protocol/auditor-api.ts";
import {
  AUDITOR_CHECKED_SHARE,
  AUDITOR_POLL_MS_MAX,
  AUDITOR_SEATS_MAX,
  AUDITOR_SILENT_MS_MAX,
  AUDITOR_TRIED_PIECES,
  AUDITORS_MAX,
} from "../../shared/protocol/limits.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import { agreesWithSaid } from "../../shared/verify/said-rows.ts";
import type { Elsewhere, ElsewherePiece } from "../trusted/elsewhere.ts";
import { ConfirmedPieces } from "./confirmed-pieces.ts";
import { rowsApart } from "./rows-apart.ts";
import { TokenRecord } from "./token-record.ts";

export interface AuditorsOptions {
  readonly random: RandomSource;
  /** Of a piece: nobody guesses it. */
  makeId(): string;
  nowMs(): number;
  /** It came, it went, or nothing of it counts any more. */
  readonly onChanged?: ((what: "came" | "went" | "dismissed", auditor: AuditorView) => void) | undefined;
  /** Its token is to open nothing any more, after a restart too. */
  endToken(tokenId: string): void;
  /** A dismissed auditor had confirmed wrong rows of these jobs. */
  readonly onWronglyConfirmed?: ((jobIds: readonly string[]) => void) | undefined;
}

export interface GivenPiece extends ElsewherePiece {
  readonly pieceId: string;
}

interface Auditor extends Omit<Mutable<AuditorView>, "auditorId" | "dismissedFor"> {
  readonly auditorId: string;
  readonly record: TokenRecord;
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
  readonly givenMs: number;
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
export type NotAdmitted = {
  readonly refusal: "dismissed" | "too many";
  readonly message: string;
};

const SILENT = "it said nothing for too long";
const TOO_LONG = "it held a piece too long";

export class Auditors implements Elsewhere {
  readonly #options: AuditorsOptions;
  /** By token and name. */
  readonly #auditors = new Map<string, Auditor>();
  readonly #records = new Map<string, TokenRecord>();
  readonly #confirmed = new ConfirmedPieces();
  /** First come, first served. */
  readonly #waiting: Waiting[] = [];
  readonly #held = new Map<string, Held>();
  readonly #sweeping: NodeJS.Timeout;
  #isClosed = false;
  #changed: () => void = () => {};
  #wrong: (jobId: string) => void = () => {};

  constructor(options: AuditorsOptions) {
    this.#options = options;
    this.#sweeping = setInterval(() => this.#sweep(), AUDITOR_SILENT_MS_MAX / 6);
    this.#sweeping.unref();
  }

  get seats(): number {
    let seats = 0;
    const nowMs = this.#options.nowMs();
    for (const auditor of this.#auditors.values()) if (auditor.record.mayWork(nowMs)) seats += auditor.seats;
    return seats;
  }

  get isFree(): boolean {
    return this.#waiting.length > 0;
  }

  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  onWrong(wrong: (jobId: string) => void): void {
    this.#wrong = wrong;
  }

  views(): AuditorView[] {
    return [...this.#auditors.values()].map(viewOf);
  }

  /**
   * An auditor asks for a piece.
   * @param gone aborted where it does not wait any more
   * @returns null: there is none now, and it asks again
   */
  async next(asker: AuditorOfToken, asked: PieceRequest, gone: AbortSignal): Promise<GivenPiece | NotAdmitted | null> {
    const admitted = this.#admit(asker, asked);
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
      // One that rests waits, and nothing is given to it.
      if (!admitted.record.mayWork(this.#options.nowMs())) return;
      this.#waiting.push(waiting);
      this.#changed();
    });
  }

  /** It is at work on these. */
  alive(asker: AuditorOfToken, pieceIds: readonly string[]): void {
    const nowMs = this.#options.nowMs();
    const auditor = this.#auditors.get(nameOf(asker));
    if (auditor === undefined) return;
    auditor.seenMs = nowMs;
    for (const pieceId of pieceIds) {
      const held = this.#held.get(pieceId);
      if (held?.auditor === auditor) held.seenMs = nowMs;
    }
  }

  /** It ends in good order: its pieces go to others at once. */
  left(asker: AuditorOfToken): void {
    const auditor = this.#auditors.get(nameOf(asker));
    if (auditor !== undefined && auditor.record.dismissedFor === null) this.#remove(auditor, "it left");
  }

  /** What the auditor holds; null: it holds no such piece (any more). */
  heldBy(asker: AuditorOfToken, pieceId: string): GivenPiece | null {
    const held = this.#held.get(pieceId);
    return held !== undefined && held.auditor === this.#auditors.get(nameOf(asker)) ? held.piece : null;
  }

  /** @param outputs rowCount x C. @returns false: nobody waits for this piece any more */
  answered(asker: AuditorOfToken, pieceId: string, outputs: Float32Array, cpuMs: number): boolean {
    const held = this.#take(asker, pieceId);
    held?.auditor.record.answeredInTime();
    held?.resolve({ auditor: held.auditor, outputs, cpuMs });
    return held !== null;
  }

  failed(asker: AuditorOfToken, pieceId: string, problem: string): boolean {
    const held = this.#take(asker, pieceId);
    held?.reject(new Error(`auditor ${held.auditor.name}: ${problem}`));
    return held !== null;
  }

  async compute(
    piece: ElsewherePiece,
    here: () => Promise<Float32Array>,
  ): Promise<{ outputs: Float32Array; cpuMs: number }> {
    const waiting = this.#nextInTurn();
    if (waiting === undefined) throw new Error("no auditor waits for a piece");
    const { auditor } = waiting;
    const pieceId = this.#options.makeId();
    const given = { ...piece, pieceId };
    const nowMs = this.#options.nowMs();
    const { outputs, cpuMs } = await new Promise<Answer>((resolve, reject) => {
      this.#held.set(pieceId, { auditor, piece: given, givenMs: nowMs, seenMs: nowMs, resolve, reject });
      waiting.give(given);
    });
    const isTried = auditor.checkedPieces < AUDITOR_TRIED_PIECES;
    const isDrawn = this.#options.random.uniform() < AUDITOR_CHECKED_SHARE;
    if (isTried || isDrawn || !agreesWithSaid(outputs, piece.said)) {
      const own = await here();
      const apart = rowsApart(outputs, own, piece.rowCount);
      if (apart > 0) this.#dismiss(auditor, apart, piece.rowCount);
      else auditor.checkedPieces++;
      if (apart > 0) return { outputs: own, cpuMs };
    } else {
      this.#confirmed.keep(auditor.record.tokenId, piece, outputs, here);
    }
    if (auditor.record.dismissedFor !== null) throw new Error(`auditor ${auditor.name} was dismissed meanwhile`);
    auditor.pieces++;
    auditor.rows += piece.rowCount;
    auditor.cpuMs += cpuMs;
    return { outputs, cpuMs };
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweeping);
    for (const auditor of [...this.#auditors.values()]) this.#letGo(auditor, "the coordinator is stopping");
  }

  /** Tokens take turns: next is one that waits and whose machines hold least. */
  #nextInTurn(): Waiting | undefined {
    const heldBy = new Map<TokenRecord, number>();
    for (const { auditor } of this.#held.values()) heldBy.set(auditor.record, (heldBy.get(auditor.record) ?? 0) + 1);
    const heldOf = ({ auditor }: Waiting) => heldBy.get(auditor.record) ?? 0;
    return this.#waiting.reduce<Waiting | undefined>(
      (least, one) => (least === undefined || heldOf(one) < heldOf(least) ? one : least),
      undefined,
    );
  }

  #admit(asker: AuditorOfToken, { name, seats }: PieceRequest): Auditor | NotAdmitted {
    const record = this.#recordOf(asker.tokenId);
    if (record === null) {
      return { refusal: "too many", message: `expected auditors of at most ${AUDITORS_MAX} tokens, got another token` };
    }
    if (record.dismissedFor !== null) return { refusal: "dismissed", message: record.dismissedFor };
    const nowMs = this.#options.nowMs();
    const known = this.#auditors.get(nameOf(asker));
    const others = [...this.#auditors.values()].filter((one) => one.record === record && one !== known);
    const taken = others.reduce((sum, one) => sum + one.seats, 0);
    const asking = this.#waiting.filter(({ auditor }) => auditor.record === record).length;
    if (taken + seats > AUDITOR_SEATS_MAX || asking >= AUDITOR_SEATS_MAX) {
      const message =
        `seats: expected at most ${AUDITOR_SEATS_MAX} pieces at once for all auditors of a token, ` +
        `got ${seats} more than ${taken}; make a token for each machine`;
      return { refusal: "too many", message };
    }
    if (known !== undefined) {
      known.seenMs = nowMs;
      known.seats = seats;
      return known;
    }
    const counts = { pieces: 0, rows: 0, cpuMs: 0, checkedPieces: 0 };
    const { auditorId } = asker;
    const auditor: Auditor = { auditorId, record, name, seats, sinceMs: nowMs, seenMs: nowMs, ...counts };
    this.#auditors.set(nameOf(asker), auditor);
    this.#options.onChanged?.("came", viewOf(auditor));
    return auditor;
  }

  /** @returns null: there are records of too many tokens, of each of which there is something to remember */
  #recordOf(tokenId: string): TokenRecord | null {
    const known = this.#records.get(tokenId);
    if (known !== undefined) return known;
    if (this.#records.size >= AUDITORS_MAX) {
      const nowMs = this.#options.nowMs();
      const atWork = new Set([...this.#auditors.values()].map(({ record }) => record));
      for (const record of this.#records.values())
        if (record.isClean(nowMs) && !atWork.has(record)) this.#records.delete(record.tokenId);
      if (this.#records.size >= AUDITORS_MAX) return null;
    }
    const record = new TokenRecord(tokenId);
    this.#records.set(tokenId, record);
    return record;
  }

  /** Nothing of its token counts any more, and what it had confirmed is computed again. */
  #dismiss(auditor: Auditor, apart: number, rowCount: number): void {
    const { record } = auditor;
    if (record.dismissedFor !== null) return;
    record.dismissedFor =
      `${apart} of ${rowCount} rows were not what the coordinator computes; its processor or memory may be broken, or its version another; ` +
      `${auditor.rows} rows of it counted before; its token opens nothing any more`;
    for (const one of this.#auditors.values()) if (one.record === record) this.#letGo(one, "it was dismissed");
    this.#options.endToken(record.tokenId);
    this.#options.onChanged?.("dismissed", viewOf(auditor));
    this.#changed();
    void this.#computeAgain(record);
  }

  /** Jobs of which it confirmed wrong rows are told, and jobs whose rows cannot be computed again. */
  async #computeAgain({ tokenId }: TokenRecord): Promise<void> {
    const wrong = new Set<string>();
    for (const { jobId, rowCount, outputs, here } of this.#confirmed.take(tokenId)) {
      if (wrong.has(jobId)) continue;
      const own = await here().catch(() => null);
      if (this.#isClosed) return;
      if (own !== null && rowsApart(outputs, own, rowCount) === 0) continue;
      wrong.add(jobId);
      this.#wrong(jobId);
    }
    if (wrong.size > 0) this.#options.onWronglyConfirmed?.([...wrong]);
  }

  #remove(auditor: Auditor, why: string): void {
    this.#auditors.delete(nameOf({ tokenId: auditor.record.tokenId, auditorId: auditor.auditorId }));
    this.#letGo(auditor, why);
    if (auditor.record.dismissedFor === null) this.#options.onChanged?.("went", viewOf(auditor));
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
    const nowMs = this.#options.nowMs();
    for (const held of [...this.#held.values()]) {
      const isTooLong = nowMs - held.givenMs > held.piece.limitMs;
      if (held.seenMs >= beforeMs && !isTooLong) continue;
      const { record } = held.auditor;
      if (record.mayWork(nowMs)) record.heldTooLong(nowMs);
      if (!isTooLong) this.#drop(held.piece.pieceId, held, SILENT);
      // Whatever else its machines hold is as late soon: it goes to others with the first.
      else for (const one of this.#auditors.values()) if (one.record === record) this.#letGo(one, TOO_LONG);
      this.#changed();
    }
  }

  #drop(pieceId: string, { auditor, reject }: Held, why: string): void {
    this.#held.delete(pieceId);
    reject(new Error(`auditor ${auditor.name}: ${why}`));
  }

  #take(asker: AuditorOfToken, pieceId: string): Held | null {
    this.alive(asker, []);
    const held = this.#held.get(pieceId);
    if (held === undefined || held.auditor !== this.#auditors.get(nameOf(asker))) return null;
    this.#held.delete(pieceId);
    return held;
  }

  #leave(waiting: Waiting): void {
    const place = this.#waiting.indexOf(waiting);
    if (place >= 0) this.#waiting.splice(place, 1);
  }
}

function viewOf({ seenMs: _, record: { dismissedFor }, ...view }: Auditor): AuditorView {
  return { ...view, dismissedFor };
}

function nameOf({ tokenId, auditorId }: AuditorOfToken): string {
  return `${tokenId} ${auditorId}`;
}
