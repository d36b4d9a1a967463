/**
 * Seats: a class, or a company, behind one address, whose teacher vouches that each seat is another person. The operator makes a sheet of
 * one-time codes; a seat belongs to the first key that comes with its code, and is not issued again. SPEC.md VS1 to VS4.
 */
import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { createTurnQueue } from "../../shared/control/turn-queue.ts";
import { SEAT_SHEETS_MAX, TURNED_AWAY_KEPT_MAX } from "../../shared/protocol/limits.ts";
import type { SeatStanding } from "../../shared/protocol/messages.ts";
import { SEAT_CODE_SIGNS } from "../../shared/protocol/seat-codes.ts";
import type { seatSheetRequestSchema } from "../../shared/protocol/seats-api.ts";
import { secretRandom } from "../numerics/secret-random.ts";
import type { SeatRecords } from "../store/seat-records.ts";
import type { StoredSeat, StoredSheet } from "../store/store.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import { networkTest, problemOfNetwork } from "./networks.ts";

const DAY_MS = 86_400_000;
/** Of a code, which has two groups. */
const GROUP_SIGNS = 4;
/** What setTimeout takes at most. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Where a volunteer sits, as the coordinator's core asks it. */
export interface Seat {
  /** The same for nobody else: the sheet and the number. */
  readonly place: string;
  readonly believed: boolean;
}

export interface Seated {
  /** What the tab is told; null: it has no seat, and named no code. */
  readonly standing: SeatStanding | null;
  readonly seat: Seat | null;
}

export interface SeatComer {
  readonly volunteerId: string;
  /** null: not known, or this machine. */
  readonly address: string | null;
  readonly code: string | undefined;
}

export interface HeldSheet extends StoredSheet {
  readonly seats: readonly StoredSeat[];
  /** Keys that have a seat, and keys that came with a code that was another's by then. */
  readonly came: number;
}

export class Seats {
  readonly #store: SeatRecords;
  readonly #nowMs: () => number;
  readonly #onEnd = new Set<() => void>();
  readonly #inTurn = createTurnQueue();
  /** Of this process alone: keys that came too late, by sheet. */
  readonly #turnedAway = new Map<string, Set<string>>();
  #sheets = new Map<string, StoredSheet>();
  #byCode = new Map<string, StoredSeat>();
  #byVolunteer = new Map<string, StoredSeat>();
  #nextEnd: NodeJS.Timeout | null = null;

  static async open(store: SeatRecords, nowMs: () => number): Promise<Seats> {
    const seats = new Seats(store, nowMs);
    await seats.reload();
    return seats;
  }

  private constructor(store: SeatRecords, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** [CE4] Also when another coordinator has given or revoked some. */
  reload(): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#byVolunteer;
      const [sheets, seats] = [await this.#store.sheets(), await this.#store.seats()];
      this.#sheets = new Map(sheets.map((sheet) => [sheet.sheetId, sheet]));
      this.#byCode = new Map(seats.map((seat) => [seat.code, seat]));
      this.#byVolunteer = new Map(
        seats.flatMap((seat) =>
          seat.volunteerId === null || seat.revokedMs !== null ? [] : [[seat.volunteerId, seat]],
        ),
      );
      this.#awaitEnd();
      // A seat that was lost ends sessions; a seat that was taken ends none, and no tab is looked at.
      const hasLost = [...before.keys()].some((volunteerId) => !this.#byVolunteer.has(volunteerId));
      if (hasLost) for (const ended of this.#onEnd) ended();
    });
  }

  /** Those that hold, the latest first. */
  list(): HeldSheet[] {
    return [...this.#sheets.values()].filter((sheet) => this.#holds(sheet)).map((sheet) => this.#held(sheet));
  }

  /** @returns null: no sheet that holds has it */
  watched(watchKey: string): HeldSheet | null {
    return this.list().find((sheet) => sheet.watchKey === watchKey) ?? null;
  }

  /** [VS1] Durable when it resolves. */
  async add(request: z.output<typeof seatSheetRequestSchema>): Promise<HeldSheet | ApiProblem> {
    const { name, seats, days, prefix, believed } = request;
    const problem = prefix === null ? null : problemOfNetwork(prefix);
    if (problem !== null) return { status: 400, code: "bad-prefix", message: `prefix: ${problem}` };
    if (this.list().length >= SEAT_SHEETS_MAX) {
      const message = `expected fewer than ${SEAT_SHEETS_MAX} sheets of seats; end one first`;
      return { status: 409, code: "too-many-sheets", message };
    }
    const nowMs = this.#nowMs();
    const [sheetId, watchKey] = [randomBytes(6).toString("hex"), randomBytes(16).toString("hex")];
    const codes = new Set<string>();
    while (codes.size < seats) codes.add(drawCode());
    const times = { sinceMs: nowMs, untilMs: nowMs + days * DAY_MS };
    await this.#store.addSheet({ sheetId, name, prefix, believed, ...times, watchKey }, [...codes], nowMs);
    await this.reload();
    return this.#held(this.#sheets.get(sheetId)!);
  }

  /** [VS3] Durable when it resolves; whoever sits there is told. @returns false: there is none of that id */
  async endSheet(sheetId: string): Promise<boolean> {
    const isEnded = await this.#store.endSheet(sheetId);
    await this.reload();
    return isEnded;
  }

  /** [VS3] As endSheet, of one seat. */
  async revoke(sheetId: string, number: number): Promise<boolean> {
    const isRevoked = await this.#store.revoke(sheetId, number, this.#nowMs());
    await this.reload();
    return isRevoked;
  }

  /** [VS1] The seat of this key, or the one of the code where nobody has it. Whose it is, is durable when it resolves. */
  async seatOf({ volunteerId, address, code }: SeatComer): Promise<Seated> {
    const own = this.#seatOf(volunteerId);
    // A key has one seat: the codes of others are left to them.
    if (own !== null) return own;
    if (code === undefined) return { standing: null, seat: null };
    const refused = this.#refusalOf(code, address);
    if (refused !== null) {
      if (refused === "taken") this.#turnAway(code, volunteerId);
      return { standing: refused, seat: null };
    }
    await this.#store.take(code, volunteerId, this.#nowMs());
    await this.reload();
    const taken = this.#seatOf(volunteerId);
    if (taken === null) this.#turnAway(code, volunteerId);
    return taken ?? { standing: this.#refusalOf(code, address) ?? "ended", seat: null };
  }

  /** Does this key have this seat still? */
  holds(volunteerId: string, { place }: Seat): boolean {
    return this.#seatOf(volunteerId)?.seat?.place === place;
  }

  /** Called when somebody may have lost a seat. */
  whenEnded(ended: () => void): void {
    this.#onEnd.add(ended);
  }

  close(): void {
    if (this.#nextEnd !== null) clearTimeout(this.#nextEnd);
  }

  #seatOf(volunteerId: string): Seated | null {
    const stored = this.#byVolunteer.get(volunteerId);
    const sheet = stored && this.#sheets.get(stored.sheetId);
    if (stored === undefined || sheet === undefined || !this.#holds(sheet)) return null;
    const { sheetId, number } = stored;
    const seat = { place: `${sheetId} ${number}`, believed: sheet.believed };
    return { standing: { sheet: sheet.name, number }, seat };
  }

  #refusalOf(code: string, address: string | null): SeatStanding | null {
    const stored = this.#byCode.get(code);
    if (stored === undefined) return "unknown";
    const sheet = this.#sheets.get(stored.sheetId);
    if (sheet === undefined || !this.#holds(sheet) || stored.revokedMs !== null) return "ended";
    if (stored.volunteerId !== null) return "taken";
    if (sheet.prefix === null || (address !== null && networkTest(sheet.prefix)(address))) return null;
    return "elsewhere";
  }

  #turnAway(code: string, volunteerId: string): void {
    const sheetId = this.#byCode.get(code)?.sheetId;
    if (sheetId === undefined) return;
    const keys = this.#turnedAway.get(sheetId) ?? new Set();
    if (keys.size < TURNED_AWAY_KEPT_MAX) this.#turnedAway.set(sheetId, keys.add(volunteerId));
  }

  #held(sheet: StoredSheet): HeldSheet {
    const seats = [...this.#byCode.values()].filter(({ sheetId }) => sheetId === sheet.sheetId);
    const takers = seats.flatMap(({ volunteerId }) => (volunteerId === null ? [] : [volunteerId]));
    const came = new Set([...takers, ...(this.#turnedAway.get(sheet.sheetId) ?? [])]).size;
    return { ...sheet, seats, came };
  }

  #holds({ untilMs }: StoredSheet): boolean {
    return untilMs > this.#nowMs();
  }

  /** [VS3] Seats of a sheet end with it, also those of tabs that stay open. */
  #awaitEnd(): void {
    this.close();
    const ends = [...this.#sheets.values()].filter((sheet) => this.#holds(sheet)).map(({ untilMs }) => untilMs);
    for (const sheetId of this.#turnedAway.keys()) if (!this.#sheets.has(sheetId)) this.#turnedAway.delete(sheetId);
    if (ends.length === 0) return;
    const inMs = Math.min(TIMER_MS_MAX, Math.max(1, Math.min(...ends) - this.#nowMs()));
    this.#nextEnd = setTimeout(() => {
      this.#awaitEnd();
      for (const ended of this.#onEnd) ended();
    }, inMs).unref();
  }
}

/** 8 signs of 30, drawn evenly. */
function drawCode(): string {
  const group = () =>
    Array.from({ length: GROUP_SIGNS }, () => SEAT_CODE_SIGNS[secretRandom.integer(SEAT_CODE_SIGNS.length)]).join("");
  return `${group()}-${group()}`;
}
