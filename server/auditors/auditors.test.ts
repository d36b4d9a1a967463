import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AuditorOfToken } from "../../shared/protocol/auditor-api.ts";
import {
  AUDITOR_ALIVE_MS,
  AUDITOR_CHECKED_SHARE,
  AUDITOR_CONFIRMED_BYTES_MAX,
  AUDITOR_PIECES_IN_TIME,
  AUDITOR_POLL_MS_MAX,
  AUDITOR_REST_MS,
  AUDITOR_REST_MS_MAX,
  AUDITOR_SEATS_MAX,
  AUDITOR_SILENT_MS_MAX,
  AUDITORS_MAX,
} from "../../shared/protocol/limits.ts";
import type { ElsewherePiece } from "../trusted/elsewhere.ts";
import { Auditors, type GivenPiece } from "./auditors.ts";
import { ConfirmedPieces } from "./confirmed-pieces.ts";
import { rowsApart } from "./rows-apart.ts";
import { TokenRecord } from "./token-record.ts";

const NEVER = new AbortController().signal;
const ASKED = { name: "a rack", seats: 2 };
const RIGHT = Float32Array.of(10, 20);
const LIE = Float32Array.of(11, 21);
const LIMIT_MS = 60_000;
/** A piece of which volunteers said this. */
const pieceOf = (outputs: Float32Array, tolerance = 0) =>
  ({
    rows: Float32Array.of(1, 2),
    rowCount: 2,
    said: { outputs, tolerances: new Float64Array(2).fill(tolerance) },
    jobId: "job",
    limitMs: LIMIT_MS,
    model: { bundle: BUNDLE },
  }) as unknown as ElsewherePiece;
const BUNDLE = new Uint8Array(8);
const ONE: AuditorOfToken = { tokenId: "token-1", auditorId: "one" };
const TWO: AuditorOfToken = { tokenId: "token-1", auditorId: "two" };
const OTHER: AuditorOfToken = { tokenId: "token-2", auditorId: "one" };

let auditors: Auditors;
let drawn: number;
let changes: string[];
let ended: string[];
let wrong: string[];
let changed: ReturnType<typeof vi.fn<() => void>>;
/** Pieces that the coordinator computed too. */
let doneHere: number;
const here = async () => {
  doneHere++;
  return RIGHT;
};

beforeEach(() => {
  vi.useFakeTimers();
  [drawn, changes, doneHere, changed, ended, wrong] = [1, [], 0, vi.fn(), [], []];
  let ids = 0;
  auditors = new Auditors({
    random: { uniform: () => drawn, integer: () => 0 },
    makeId: () => `piece-${ids++}`,
    nowMs: Date.now,
    endToken: (tokenId) => ended.push(tokenId),
    onChanged: (what, { name }) => changes.push(`${name} ${what}`),
  });
  auditors.onChange(changed);
  auditors.onWrong((jobId) => wrong.push(jobId));
});
afterEach(() => {
  auditors.close();
  vi.useRealTimers();
});

/** An auditor takes a piece. */
async function given(
  asker = ONE,
  piece = pieceOf(RIGHT),
): Promise<{ piece: GivenPiece; outcome: ReturnType<Auditors["compute"]> }> {
  const next = auditors.next(asker, ASKED, NEVER);
  const outcome = auditors.compute(piece, here);
  outcome.catch(() => {});
  return { piece: (await next) as GivenPiece, outcome };
}

async function does(outputs: Float32Array, asker = ONE, asked = pieceOf(RIGHT)) {
  const { piece, outcome } = await given(asker, asked);
  expect(auditors.answered(asker, piece.pieceId, outputs, 7)).toBe(true);
  return outcome;
}

describe("[VF17] auditors", () => {
  it("the first three pieces are computed here too, later ones where chance says so", async () => {
    for (let n = 0; n < 5; n++) expect(await does(RIGHT)).toEqual({ outputs: RIGHT, cpuMs: 7 });
    expect(doneHere).toBe(3);
    drawn = AUDITOR_CHECKED_SHARE * 0.99;
    await does(RIGHT);
    expect(doneHere).toBe(4);
    expect(auditors.views()).toMatchObject([{ pieces: 6, rows: 12, cpuMs: 42, checkedPieces: 4, dismissedFor: null }]);
    expect(changes).toEqual(["a rack came"]);
  });

  it("one that differs is dismissed: what is computed here counts, and it gets nothing more", async () => {
    const beside = await given();
    expect((await does(Float32Array.of(10, 20.1))).outputs).toBe(RIGHT);
    await expect(beside.outcome).rejects.toThrow("it was dismissed");
    expect(auditors.answered(ONE, beside.piece.pieceId, RIGHT, 1), "too late").toBe(false);
    expect(auditors.seats).toBe(0);
    const refused = await auditors.next(ONE, ASKED, NEVER);
    expect(refused).toEqual({
      refusal: "dismissed",
      message: expect.stringMatching(
        /^1 of 2 rows were not what the coordinator computes; .*; 0 rows of it counted.*its token opens nothing/,
      ),
    });
    expect(ended).toEqual(["token-1"]);
    expect(changes).toEqual(["a rack came", "a rack dismissed"]);
  });

  it("one that says nothing for too long is gone, and its piece is for somebody else", async () => {
    const { piece, outcome } = await given();
    await vi.advanceTimersByTimeAsync(AUDITOR_SILENT_MS_MAX - 1_000);
    auditors.alive(ONE, [piece.pieceId]);
    await vi.advanceTimersByTimeAsync(AUDITOR_SILENT_MS_MAX - 1_000);
    expect(auditors.seats).toBe(2);
    const lost = expect(outcome).rejects.toThrow("it said nothing for too long");
    await vi.advanceTimersByTimeAsync(AUDITOR_SILENT_MS_MAX);
    await lost;
    expect([auditors.seats, changes]).toEqual([0, ["a rack came", "a rack went"]]);
  });

  it("a piece that was lost on its way is given up, though its auditor is well", async () => {
    const { outcome } = await given();
    const lost = expect(outcome).rejects.toThrow("it said nothing for too long");
    for (let n = 0; n < 3; n++) {
      await vi.advanceTimersByTimeAsync(AUDITOR_SILENT_MS_MAX / 2);
      auditors.alive(ONE, []);
    }
    await lost;
    expect(auditors.seats).toBe(2);
  });

  it("who asks is answered after a while, with nothing; who hangs up gets no piece", async () => {
    const waiting = auditors.next(ONE, ASKED, NEVER);
    await vi.advanceTimersByTimeAsync(AUDITOR_POLL_MS_MAX);
    expect(await waiting).toBe(null);
    const gone = new AbortController();
    const hungUp = auditors.next(ONE, ASKED, gone.signal);
    expect(auditors.isFree).toBe(true);
    gone.abort();
    expect([await hungUp, auditors.isFree]).toEqual([null, false]);
    await expect(auditors.compute(pieceOf(RIGHT), here)).rejects.toThrow("no auditor waits");
  });

  it("one that leaves gives its pieces back at once, and another's pieces are not its own", async () => {
    const { piece, outcome } = await given();
    expect([auditors.heldBy(TWO, piece.pieceId), auditors.heldBy(ONE, piece.pieceId)]).toEqual([null, piece]);
    expect(auditors.answered(TWO, piece.pieceId, RIGHT, 1)).toBe(false);
    auditors.left(ONE);
    await expect(outcome).rejects.toThrow("it left");
    expect(auditors.views()).toEqual([]);
  });

  it("a problem goes back to whoever wanted the piece", async () => {
    const { piece, outcome } = await given();
    auditors.failed(ONE, piece.pieceId, "no memory");
    await expect(outcome).rejects.toThrow("auditor a rack: no memory");
  });

  it("the broker hears of everybody who waits or goes", async () => {
    void auditors.next(ONE, ASKED, NEVER);
    expect(changed).toHaveBeenCalledTimes(1);
    auditors.left(ONE);
    expect(changed).toHaveBeenCalledTimes(2);
  });
});

describe("[VF17] an auditor's word alone makes nothing right, and one token nobody's checks late for long", () => {
  /** Past the pieces that are always computed here too. */
  const tried = async (asker = ONE) => {
    for (let n = 0; n < 3; n++) await does(RIGHT, asker);
    doneHere = 0;
  };

  it("where it differs from what a volunteer said the coordinator computes, and dismisses the one that lied", async () => {
    await tried();
    expect((await does(LIE)).outputs).toBe(RIGHT);
    expect([doneHere, ended]).toEqual([1, ["token-1"]]);
  });

  it("where a volunteer lied, the auditor that says so stays", async () => {
    await tried();
    expect((await does(RIGHT, ONE, pieceOf(LIE))).outputs).toEqual(RIGHT);
    expect([doneHere, ended]).toEqual([1, []]);
  });

  it("within what a card may differ by, a volunteer's answer is confirmed; a bit of difference in WebAssembly is not", async () => {
    await tried();
    const near = Float32Array.of(10.001, 20.001);
    await does(RIGHT, ONE, pieceOf(near, 1e-3));
    expect(doneHere).toBe(0);
    await does(RIGHT, ONE, pieceOf(near, 0));
    expect(doneHere).toBe(1);
  });

  it("a dismissal binds the token: under another name, beside itself, and after it left while it was compared", async () => {
    await tried();
    const { piece, outcome } = await given();
    const besides = await given(TWO);
    auditors.answered(ONE, piece.pieceId, LIE, 1);
    auditors.left(ONE);
    expect((await outcome).outputs).toBe(RIGHT);
    await expect(besides.outcome).rejects.toThrow("dismissed");
    for (const asker of [ONE, TWO, { ...ONE, auditorId: "three" }])
      expect(await auditors.next(asker, ASKED, NEVER)).toMatchObject({ refusal: "dismissed" });
    expect((await does(RIGHT, OTHER)).outputs).toBe(RIGHT);
  });

  it("a lie that it shared with volunteers is found again when it is dismissed, and its job is told", async () => {
    await tried();
    expect((await does(LIE, ONE, pieceOf(LIE))).outputs).toEqual(LIE);
    expect([doneHere, wrong]).toEqual([0, []]);
    drawn = 0;
    await does(LIE, ONE, { ...pieceOf(LIE), jobId: "later" });
    await vi.advanceTimersByTimeAsync(0);
    expect([wrong, ended]).toEqual([["job"], ["token-1"]]);
  });

  it("a piece has a limit, whatever its auditor says; its token rests, each time for longer", async () => {
    for (const [times, restMs] of [0, AUDITOR_REST_MS, 2 * AUDITOR_REST_MS].entries()) {
      const { piece, outcome } = await given();
      const lost = expect(outcome).rejects.toThrow("it held a piece too long");
      for (let ms = 0; ms < LIMIT_MS + AUDITOR_SILENT_MS_MAX; ms += AUDITOR_ALIVE_MS) {
        await vi.advanceTimersByTimeAsync(AUDITOR_ALIVE_MS);
        auditors.alive(ONE, [piece.pieceId]);
      }
      await lost;
      if (restMs === 0) continue;
      expect(auditors.seats, `after ${times + 1}`).toBe(0);
      const waits = auditors.next(TWO, ASKED, NEVER);
      expect(auditors.isFree, "nothing is given to a name of a token that rests").toBe(false);
      await vi.advanceTimersByTimeAsync(restMs);
      expect(await waits).toBe(null);
    }
  });

  it("one token has one auditor's share of the places, however many names it takes", async () => {
    const all = { ...ASKED, seats: AUDITOR_SEATS_MAX };
    void auditors.next(ONE, all, NEVER);
    expect(await auditors.next(TWO, ASKED, NEVER)).toMatchObject({ refusal: "too many" });
    void auditors.next(OTHER, ASKED, NEVER);
    expect(auditors.seats).toBe(AUDITOR_SEATS_MAX + ASKED.seats);
  });

  it("tokens take turns: who holds least is next", async () => {
    for (let n = 0; n < 3; n++) void auditors.next(ONE, ASKED, NEVER);
    const first = auditors.compute(pieceOf(RIGHT), here);
    first.catch(() => {});
    const other = auditors.next(OTHER, ASKED, NEVER);
    const second = auditors.compute(pieceOf(RIGHT), here);
    second.catch(() => {});
    expect(await other).not.toBe(null);
  });

  it("tokens of which nothing is to be remembered make room for others", async () => {
    for (let n = 0; n < AUDITORS_MAX + 5; n++) {
      const asker = { tokenId: `t${n}`, auditorId: "one" };
      await does(RIGHT, asker);
      auditors.left(asker);
    }
    expect(auditors.views()).toEqual([]);
  });
});

describe("[VF17] a token's record", () => {
  it("pieces in time take back what came too late; a rest has a limit", () => {
    const record = new TokenRecord("t");
    for (let n = 0; n < 20; n++) record.heldTooLong(0);
    expect([record.mayWork(AUDITOR_REST_MS_MAX - 1), record.mayWork(AUDITOR_REST_MS_MAX)]).toEqual([false, true]);
    for (let n = 0; n < 20 * AUDITOR_PIECES_IN_TIME; n++) record.answeredInTime();
    expect(record.isClean(AUDITOR_REST_MS_MAX)).toBe(true);
  });

  it("what was confirmed is kept to a size, models among it, and the oldest goes first", async () => {
    const confirmed = new ConfirmedPieces();
    const bundle = new Uint8Array(AUDITOR_CONFIRMED_BYTES_MAX / 2);
    const piece = (jobId: string) => ({ ...pieceOf(RIGHT), jobId, model: { bundle } }) as unknown as ElsewherePiece;
    const large = new Float32Array(AUDITOR_CONFIRMED_BYTES_MAX / 17);
    for (const jobId of ["a", "b", "c"]) confirmed.keep("t", piece(jobId), large, here);
    expect(confirmed.take("t").map(({ jobId }) => jobId)).toEqual(["b", "c"]);
    confirmed.keep("t", piece("d"), large, here);
    expect(confirmed.take("t")).toHaveLength(1);
  });
});

describe("rows apart", () => {
  it("[VF17] differ in a bit of any number", () => {
    const here = Float32Array.of(1, 1000, 1, 2, 0, 0);
    expect(rowsApart(Float32Array.of(1, 1000, 1, 2, 0, -0), here, 3)).toBe(0);
    expect(rowsApart(Float32Array.of(1 + 2 ** -23, 1000, 1, 2, 0, 1e-40), here, 3)).toBe(2);
  });

  it("infinities and what is no number are alike or apart", () => {
    const odd = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, 1);
    expect(rowsApart(odd, odd, 1)).toBe(0);
    expect(rowsApart(Float32Array.of(Number.NaN, 1, 1), odd, 1)).toBe(1);
    expect(rowsApart(Float32Array.of(1, Number.POSITIVE_INFINITY, 1), odd, 1)).toBe(1);
    expect(rowsApart(Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NaN), odd, 1)).toBe(1);
  });
});
