import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AUDITOR_CHECKED_SHARE, AUDITOR_POLL_MS_MAX, AUDITOR_SILENT_MS_MAX } from "../../shared/protocol/limits.ts";
import type { ElsewherePiece } from "../trusted/elsewhere.ts";
import { Auditors, type GivenPiece } from "./auditors.ts";
import { rowsApart } from "./rows-apart.ts";

const NEVER = new AbortController().signal;
const ASKED = { name: "a rack", seats: 2 };
const PIECE = { rows: Float32Array.of(1, 2), rowCount: 2 } as ElsewherePiece;
const RIGHT = Float32Array.of(10, 20);

let auditors: Auditors;
let drawn: number;
let changes: string[];
let changed: ReturnType<typeof vi.fn<() => void>>;
/** Pieces that the coordinator computed too. */
let doneHere: number;
const here = async () => {
  doneHere++;
  return RIGHT;
};

beforeEach(() => {
  vi.useFakeTimers();
  [drawn, changes, doneHere, changed] = [1, [], 0, vi.fn()];
  let ids = 0;
  auditors = new Auditors({
    random: { uniform: () => drawn, integer: () => 0 },
    makeId: () => `piece-${ids++}`,
    nowMs: Date.now,
    onChanged: (what, { name }) => changes.push(`${name} ${what}`),
  });
  auditors.onChange(changed);
});
afterEach(() => {
  auditors.close();
  vi.useRealTimers();
});

/** An auditor takes a piece. */
async function given(auditorId = "one"): Promise<{ piece: GivenPiece; outcome: ReturnType<Auditors["compute"]> }> {
  const next = auditors.next(auditorId, ASKED, NEVER);
  const outcome = auditors.compute(PIECE, here);
  outcome.catch(() => {});
  return { piece: (await next) as GivenPiece, outcome };
}

async function does(outputs: Float32Array, auditorId = "one") {
  const { piece, outcome } = await given(auditorId);
  expect(auditors.answered(auditorId, piece.pieceId, outputs, 7)).toBe(true);
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
    expect(auditors.answered("one", beside.piece.pieceId, RIGHT, 1), "too late").toBe(false);
    expect(auditors.seats).toBe(0);
    const refused = await auditors.next("one", ASKED, NEVER);
    expect(refused).toEqual({
      refusal: "dismissed",
      message: expect.stringMatching(/^1 of 2 rows were not what the coordinator computes; .*; 0 rows of it counted/),
    });
    expect(changes).toEqual(["a rack came", "a rack dismissed"]);
  });

  it("one that says nothing for too long is gone, and its piece is for somebody else", async () => {
    const { piece, outcome } = await given();
    await vi.advanceTimersByTimeAsync(AUDITOR_SILENT_MS_MAX - 1_000);
    auditors.alive("one", [piece.pieceId]);
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
      auditors.alive("one", []);
    }
    await lost;
    expect(auditors.seats).toBe(2);
  });

  it("who asks is answered after a while, with nothing; who hangs up gets no piece", async () => {
    const waiting = auditors.next("one", ASKED, NEVER);
    await vi.advanceTimersByTimeAsync(AUDITOR_POLL_MS_MAX);
    expect(await waiting).toBe(null);
    const gone = new AbortController();
    const hungUp = auditors.next("one", ASKED, gone.signal);
    expect(auditors.isFree).toBe(true);
    gone.abort();
    expect([await hungUp, auditors.isFree]).toEqual([null, false]);
    await expect(auditors.compute(PIECE, here)).rejects.toThrow("no auditor waits");
  });

  it("one that leaves gives its pieces back at once, and another's pieces are not its own", async () => {
    const { piece, outcome } = await given();
    expect([auditors.heldBy("two", piece.pieceId), auditors.heldBy("one", piece.pieceId)]).toEqual([null, piece]);
    expect(auditors.answered("two", piece.pieceId, RIGHT, 1)).toBe(false);
    auditors.left("one");
    await expect(outcome).rejects.toThrow("it left");
    expect(auditors.views()).toEqual([]);
  });

  it("a problem goes back to whoever wanted the piece", async () => {
    const { piece, outcome } = await given();
    auditors.failed("one", piece.pieceId, "no memory");
    await expect(outcome).rejects.toThrow("auditor a rack: no memory");
  });

  it("the broker hears of everybody who waits or goes", async () => {
    void auditors.next("one", ASKED, NEVER);
    expect(changed).toHaveBeenCalledTimes(1);
    auditors.left("one");
    expect(changed).toHaveBeenCalledTimes(2);
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
