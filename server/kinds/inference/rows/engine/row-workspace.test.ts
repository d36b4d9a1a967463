import { describe, expect, it } from "vitest";
import { decodeFrame } from "../../../../../shared/protocol/frame.ts";
import { rowHashesOf } from "../../../../../shared/receipts/result-digest.ts";
import { INPUT_SIZE, queries } from "../../../../shell/testing/small-job.ts";
import { COORDINATOR } from "../../core/job.ts";
import { MARK } from "../../engine/job-answers.ts";
import { wireQueries } from "../../engine/wire-queries.ts";
import {
  answered,
  answers,
  first,
  rightAt,
  rowJob,
  rowJobData,
  rowWorkspace,
  WIDTH,
  words,
} from "../testing/row-job.ts";
import type { WordOf } from "../work.ts";
import { RowAnswers } from "./row-answers.ts";

const fine = (volunteerId: string): WordOf => ({ volunteerId, precision: "float32", isFine: true });
const half = (volunteerId: string, isFine: boolean): WordOf => ({ volunteerId, precision: "float16", isFine });
const off = (by: number) => (place: number) => rightAt(place).map((value) => value * (1 + by));
const recompute = (places: readonly number[], of: readonly WordOf[]) =>
  ({
    type: "recompute",
    rows: places.map((place) => ({ ...first(place), why: "coin", words: of }) as const),
  }) as const;
const compare = (place: number, author: WordOf, second: WordOf) =>
  ({ type: "compare", pairs: [{ ...first(place), author, second }] }) as const;

describe("rows of a claim on their way", () => {
  it("travel in the claim's order, and the frame is that of the same queries in a batch, whatever they are for", async () => {
    const workspace = rowWorkspace("j1");
    const claim = [...answers(7), { ...first(3), as: "known" as const }, ...words(40), ...answers(0)];
    const { frame, rowCount } = await workspace.wireRowsFor(1, claim);
    const plain = wireQueries(rowJobData(rowJob("j1")).source, Uint32Array.of(7, 3, 40, 0));
    expect({ frame, rowCount }).toEqual({ frame: plain.frame, rowCount: 4 });
    const { data } = decodeFrame(frame as Uint8Array).rows!;
    for (const [r, place] of [7, 3, 40, 0].entries())
      expect(data.subarray(r * INPUT_SIZE, (r + 1) * INPUT_SIZE)).toEqual(
        queries.slice(place * INPUT_SIZE, (place + 1) * INPUT_SIZE),
      );
  });

  it("come back part by part; a part that does not follow the others, or is of no claim, is not held", async () => {
    const workspace = rowWorkspace("j1");
    await workspace.wireRowsFor(1, answers(5, 6, 7));
    const rows = (count: number) => new Float32Array(count * WIDTH);
    expect(workspace.holdPart(1, 1, rows(1), null)).toBeNull();
    expect(workspace.holdPart(2, 0, rows(1), null)).toBeNull();
    expect(workspace.holdPart(1, 0, rows(2), null)).toEqual([0, 1]);
    expect(workspace.holdPart(1, 2, rows(2), null)).toBeNull();
    expect(workspace.holdPart(1, 2, rows(1), null)).toEqual([2]);
    workspace.dropClaim(1);
    expect(workspace.holdPart(1, 3, rows(0), null)).toBeNull();
  });

  it("of rows that were not taken nothing is an answer", async () => {
    const workspace = rowWorkspace("j1");
    await workspace.wireRowsFor(1, answers(5, 6));
    workspace.holdPart(1, 0, Float32Array.of(...rightAt(5), ...rightAt(6)), null);
    expect(workspace.answers.countByMark().missing).toBe(workspace.answers.queryCount);
    workspace.takeRows({
      ...{ type: "takeRows", assignmentId: 1, volunteerId: "ann", precision: "float32" },
      ...{ answers: [first(6)], words: [] },
    });
    expect(workspace.answers.countByMark().audited).toBe(1);
    expect(workspace.answers.sources.volunteerOf(6)).toBe("ann");
  });
});

describe("rows that the coordinator computes", () => {
  it("are exact afterwards; who was right stays their author, who lied is told and is not", async () => {
    const workspace = rowWorkspace("j1");
    await answered(workspace, 1, "ann", answers(1, 2));
    await answered(workspace, 2, "liar", answers(3), off(0.5));
    const found = await workspace.recompute(recompute([1, 3, 9], [fine("ann"), fine("liar")]));
    expect(found).toEqual([
      { ...first(1), words: [{ volunteerId: "ann", attempt: 0, isRight: true }] },
      { ...first(3), words: [{ volunteerId: "liar", attempt: 0, isRight: false }] },
      { ...first(9), words: [] },
    ]);
    const { answers: held } = workspace;
    for (const place of [1, 3, 9]) {
      expect(held.marks[place]).toBe(MARK.exact);
      expect(held.outputs.slice(place * WIDTH, (place + 1) * WIDTH)).toEqual(rightAt(place));
    }
    expect([1, 3, 9].map((place) => held.sources.volunteerOf(place))).toEqual(["ann", null, null]);
    expect(held.marks[2]).toBe(MARK.audited);
    // Once more: nothing of it is another.
    await workspace.recompute(recompute([1], [fine("ann")]));
    expect(held.sources.volunteerOf(1)).toBe("ann");
  });

  it("are held against every word about them, of answers that were taken out too, each by the class of its device", async () => {
    const workspace = rowWorkspace("j1");
    await answered(workspace, 1, "gone", answers(4), off(0.5));
    workspace.takeOut({ type: "takeOut", rows: [{ place: 4, attempt: 1 }] }, () => null);
    expect(workspace.answers.marks[4]).toBe(MARK.missing);
    await answered(workspace, 2, "ann", [{ place: 4, attempt: 1, as: "answer" }]);
    await answered(workspace, 3, "coarse", [{ place: 4, attempt: 1, as: "word" }], off(1e-3));
    const devices = [fine("gone"), fine("ann"), half("coarse", false)];
    const [row] = await workspace.recompute(recompute([4], devices));
    expect(row!.words).toEqual([
      { volunteerId: "ann", attempt: 1, isRight: true },
      { volunteerId: "gone", attempt: 0, isRight: false },
      { volunteerId: "coarse", attempt: 1, isRight: true, isCoarse: true },
    ]);
    const again = await workspace.recompute(recompute([4], [half("coarse", true)]));
    expect(again[0]!.words).toEqual([{ volunteerId: "coarse", attempt: 1, isRight: false, isCoarse: true }]);
  });

  it("say whether a word that comes later is right, and are not computed again for one that is", async () => {
    const workspace = rowWorkspace("j1");
    await answered(workspace, 1, "ann", answers(4));
    await workspace.recompute(recompute([4], [fine("ann")]));
    await answered(workspace, 2, "bob", words(4));
    await answered(workspace, 3, "liar", words(4), off(0.5));
    const found = (second: WordOf) =>
      workspace.compare(compare(4, fine(COORDINATOR), second)).map((pair) => pair.found);
    expect([found(fine("bob")), found(fine("liar")), found(fine("nobody"))]).toEqual([
      ["agree"],
      ["differ"],
      ["undecided"],
    ]);
  });

  it("[PC5] where a device had a known row wrong, more of its rows are held against the coordinator's, which stand", async () => {
    const workspace = rowWorkspace("j1");
    await workspace.wireRowsFor(1, answers(1, 2, 3));
    workspace.holdPart(1, 0, Float32Array.of(...rightAt(2), ...rightAt(1), ...rightAt(3)), null);
    const rows = [1, 2, 3].map(first);
    const looking = workspace.lookCloser({ type: "lookCloser", assignmentId: 1, of: fine("swap"), rows });
    workspace.dropClaim(1);
    expect(await looking).toEqual([
      { ...first(1), looked: "wrong", isAnothers: true },
      { ...first(2), looked: "wrong", isAnothers: true },
      { ...first(3), looked: "fine" },
    ]);
    for (const place of [1, 2, 3]) expect(workspace.answers.marks[place]).toBe(MARK.exact);
  });

  it("[PC1] [VF16] rows whose label is open, or that are not all numbers, are in doubt for the devices that it is open for", () => {
    const workspace = rowWorkspace("j1");
    const tie = new Float32Array(WIDTH).fill(1);
    const none = new Float32Array(WIDTH).fill(Number.NaN);
    const rows = [5, 7, 8];
    expect(workspace.doubtsIn(5, Float32Array.of(...tie, ...rightAt(1), ...tie, ...none))).toMatchObject({
      float32: rows,
      fixed32: rows,
    });
    expect(workspace.doubtsIn(0, rightAt(1))?.float32).toBeUndefined();
  });

  it("[PC5] an answer that is right for another row that was computed with it is called so", async () => {
    const workspace = rowWorkspace("j1");
    await answered(workspace, 1, "swap", answers(1, 2), (place) => rightAt(3 - place));
    const found = await workspace.recompute(recompute([1, 2], [fine("swap")]));
    for (const {
      words: [word],
    } of found)
      expect(word).toMatchObject({ isRight: false, isAnothers: true });
  });

  it("[VF16] numbers that are not finite are non-finite answers, until the coordinator has its own", async () => {
    const workspace = rowWorkspace("j1");
    await answered(workspace, 1, "ann", answers(1), () => Float32Array.of(1, Number.NaN, 2));
    expect(workspace.answers.marks[1]).toBe(MARK["non-finite"]);
    const [row] = await workspace.recompute(recompute([1], [fine("ann")]));
    expect(row!.words).toEqual([{ volunteerId: "ann", attempt: 0, isRight: false }]);
    expect(workspace.answers.marks[1]).toBe(MARK.exact);
  });

  it("[VF15] who differs is judged by the rows that were asked about, with evidence; who does not is not", async () => {
    const evidence: string[] = [];
    const workspace = rowWorkspace("j1", ({ volunteerId }) => evidence.push(volunteerId));
    await answered(workspace, 1, "liar", answers(1), off(0.5));
    await workspace.recompute(recompute([1], [fine("liar")]));
    const asked = { type: "confirmRows", volunteerIds: ["liar"], onCards: [], rows: [first(1)] } as const;
    expect(await workspace.confirm(8, asked)).toMatchObject([{ volunteerId: "liar", verdict: "differs" }]);
    expect(evidence).toEqual(["liar"]);
    // A second finding at that place fails no job.
    expect(await workspace.confirm(9, asked)).toEqual([{ volunteerId: "liar", verdict: "agrees", spread: 0 }]);
  });
});

describe("second words", () => {
  it("agree, differ, or are left to the coordinator", async () => {
    const workspace = rowWorkspace("j1");
    await answered(workspace, 1, "ann", answers(1, 2, 3));
    const said = [rightAt(1), off(0.5)(2), off(1e-3)(3)];
    await answered(workspace, 2, "bob", words(1, 2, 3), (place) => said[place - 1]!);
    const found = (place: number, second = fine("bob")) =>
      workspace.compare(compare(place, fine("ann"), second)).map((pair) => pair.found);
    expect([found(1), found(2), found(3)]).toEqual([["agree"], ["differ"], ["undecided"]]);
    expect(found(3, half("bob", false))).toEqual(["agree"]);
    // Nothing of it is held.
    expect(found(4)).toEqual(["undecided"]);
    expect(workspace.answers.sources.volunteerOf(1)).toBe("ann");
  });

  it("[PC6] known rows are looked at beside the coordinator's answers, and change none", async () => {
    const workspace = rowWorkspace("j1");
    await workspace.recompute(recompute([5, 6], []));
    const known = [5, 6].map((place) => ({ ...first(place), as: "known" as const }));
    await answered(workspace, 1, "ann", known, (place) => (place === 5 ? rightAt(5) : off(0.5)(6)));
    const work = { type: "lookKnown", assignmentId: 1, of: fine("ann"), places: [5, 6] } as const;
    expect(workspace.lookKnown(work)).toEqual([
      { place: 5, looked: "fine" },
      { place: 6, looked: "wrong" },
    ]);
    expect(workspace.answers.sources.volunteerOf(6)).toBeNull();
    const entry = { ...first(5), author: COORDINATOR, mark: "exact" } as const;
    expect(workspace.appendRows([entry]).seq).toBe(0);
  });
});

describe("a job that nothing checks any more", () => {
  it("[VF14] [TB1] keeps what was final on record as taken back, and the coordinator's own answers exact, after a restart too", async () => {
    const workspace = rowWorkspace("j1");
    await answered(workspace, 1, "ann", answers(1, 2));
    await workspace.recompute(recompute([3], []));
    const entries = [1, 2].map((place) => ({ ...first(place), author: "ann", mark: "checked" }) as const);
    const appends = [workspace.appendRows([...entries, { ...first(3), author: COORDINATOR, mark: "exact" }])];
    appends.push(workspace.appendFinal(0, [1]));
    const taking = { atMs: 5, volunteerId: null, reason: "float32 does not determine its answers" };
    workspace.uncheck((place) => (place === 1 ? taking : null));
    const doubted = workspace.appendDoubted();
    expect(workspace.appendDoubted()).toBeNull();
    const unchecked = rowJob("j1", { unchecked: taking.reason });
    const again = new RowAnswers(unchecked, null);
    for (const append of [...appends, doubted!]) again.read(append);
    for (const { answers: held } of [workspace, again]) {
      expect([1, 2, 3].map((place) => held.marks[place])).toEqual([MARK.unchecked, MARK.unchecked, MARK.exact]);
      expect(held.kinds.kindOf(1).taking).toEqual(taking);
      expect(held.kinds.kindOf(2).taking).toBeNull();
    }
  });
});

describe("[RC9] signatures", () => {
  it("of parts that came one after the other are of all of them together, each row hashed once", async () => {
    const workspace = rowWorkspace("j1");
    await workspace.wireRowsFor(1, answers(5, 6, 7));
    const signature = (last: number) => ({
      ...{ assignmentId: "told", publicKey: new Uint8Array(65), signature: new Uint8Array(64).fill(last) },
    });
    const appends = [[5, 6], [7]].map((places, part) => {
      const sent = Float32Array.of(...places.flatMap((place) => [...rightAt(place)]));
      workspace.holdPart(1, 2 * part, sent, signature(part));
      workspace.takeRows({
        ...{ type: "takeRows", assignmentId: 1, volunteerId: "ann", precision: "float32" },
        ...{ answers: places.map(first), words: [] },
      });
      return workspace.appendRows(
        places.map((place) => ({ ...first(place), author: "ann", mark: "checked" }) as const),
      );
    });
    const again = new RowAnswers(rowJob("j1"), null);
    for (const append of appends) again.read(append);
    const signed = again.signed.get("told")!;
    const all = Float32Array.of(...[5, 6, 7].flatMap((place) => [...rightAt(place)]));
    expect(Buffer.from(signed.rowHashes, "base64")).toEqual(Buffer.from(rowHashesOf(all, 3)));
    expect(Buffer.from(signed.signature, "base64")[0]).toBe(1);
  });
});
