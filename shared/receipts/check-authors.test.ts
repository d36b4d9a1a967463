import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANSWER_MARKS } from "../kinds/inference/answers.ts";
import { coinOf, coinText } from "../verify/cross-checks/coins.ts";
import { AUTHOR_RECORD_BYTES, type AuthorRecord, readAuthor, readAuthorNames, writeAuthor } from "./author-records.ts";
import { hexOf, utf8 } from "./bytes.ts";
import { checkAuthors, checkCoins, takenBackOf } from "./check-authors.ts";
import { ROW_RECORD_BYTES, writeRow } from "./row-records.ts";
import type { EndedStatement } from "./sealed-receipt.ts";
import { hmacSha256 } from "./sha256.ts";

const ROWS = 60;
const SECRET = new Uint8Array(32).fill(7);
const NAMES = utf8('["ann","bob"]');
const [AUDITED, EXACT] = [ANSWER_MARKS.indexOf("audited"), ANSWER_MARKS.indexOf("exact")];
const ENDED = {
  jobId: "j1",
  opened: hexOf(SECRET),
  onRows: { anchorShare: 0.05, duplicateShare: 0.15 },
} as unknown as EndedStatement;

const coin = (query: number, attempt = 0) =>
  coinOf(String.fromCharCode(...hmacSha256(SECRET, utf8(coinText("j1", query, attempt)))));

/** As an honest coordinator writes them: coins below q are exact, the next h have a partner. */
function honest(): { rows: Uint8Array; authors: AuthorRecord[] } {
  const rows = new Uint8Array(ROWS * ROW_RECORD_BYTES);
  const authors = Array.from({ length: ROWS }, (_, query): AuthorRecord => {
    const toss = coin(query);
    put(rows, query, toss < 0.05 ? EXACT : AUDITED);
    return { author: query % 2, partner: toss < 0.2 ? 1 - (query % 2) : null, attempt: 0, blockId: 0 };
  });
  return { rows, authors };
}

function put(rows: Uint8Array, query: number, mark: number): void {
  const into = rows.subarray(query * ROW_RECORD_BYTES, (query + 1) * ROW_RECORD_BYTES);
  const bare = { isFinal: true, hasOpenLabel: false, place: null, bound: 1e-3, answerSha256: new Uint8Array(32) };
  writeRow(into, { ...bare, mark });
}

function written(authors: readonly AuthorRecord[]): Uint8Array {
  const file = new Uint8Array(authors.length * AUTHOR_RECORD_BYTES);
  for (const [query, record] of authors.entries())
    writeAuthor(file.subarray(query * AUTHOR_RECORD_BYTES, (query + 1) * AUTHOR_RECORD_BYTES), record);
  return file;
}

function checked(rows: Uint8Array, authors: readonly AuthorRecord[]) {
  const { authors: read, finding } = checkAuthors(written(authors), NAMES, rows);
  return read === null ? [finding] : [finding, checkCoins(ENDED, rows, read)];
}

describe("authors of rows", () => {
  it("what is written of a row is read again", () => {
    const record = fc.record({
      author: fc.option(fc.nat(99)),
      partner: fc.oneof(fc.constant(null), fc.constant("coordinator" as const), fc.nat(99)),
      attempt: fc.nat(0xffff),
      blockId: fc.option(fc.nat(0xfffe)),
    });
    fc.assert(
      fc.property(record, (one) => {
        const bytes = new Uint8Array(AUTHOR_RECORD_BYTES);
        writeAuthor(bytes, one);
        expect(readAuthor(bytes, 100)).toEqual(one);
      }),
    );
    const bytes = new Uint8Array(AUTHOR_RECORD_BYTES);
    writeAuthor(bytes, { author: 5, partner: null, attempt: 0, blockId: null });
    expect(readAuthor(bytes, 5)).toBeNull();
    expect(readAuthorNames('["ann", "bob"]')).toBeNull();
    expect(readAuthorNames('["ann","ann"]')).toBeNull();
  });

  it("of an honest coordinator hold", () => {
    const { rows, authors } = honest();
    expect(checked(rows, authors)).toMatchObject([
      { check: "batches", state: "holds", text: "60 answers of 2 volunteers, row by row" },
      { check: "draws", state: "holds" },
    ]);
  });

  it("an answer that the secret drew for the coordinator, and that it did not compute, is found", () => {
    const { rows, authors } = honest();
    const query = authors.findIndex((_, at) => coin(at) < 0.05);
    put(rows, query, AUDITED);
    expect(checked(rows, authors)[1]).toMatchObject({
      state: "broken",
      text: `drawn, and not computed by the coordinator: answers ${query}`,
    });
  });

  it("an answer whose second word is missing is found, and so is another attempt's coin in its place", () => {
    const { rows, authors } = honest();
    const query = authors.findIndex((_, at) => coin(at) >= 0.05 && coin(at) < 0.2);
    authors[query] = { ...authors[query]!, partner: null };
    expect(checked(rows, authors)[1]).toMatchObject({
      state: "broken",
      text: `drawn, and nobody gave a second word: answers ${query}`,
    });
    const attempt = Array.from({ length: 99 }, (_, n) => n + 1).find((n) => coin(query, n) < 0.05)!;
    authors[query] = { ...authors[query]!, attempt };
    expect(checked(rows, authors)[1]!.text).toMatch(/^drawn, and not computed/);
  });

  it("an answer without an author, with itself as its partner, or final without a block is refused", () => {
    for (const changed of [{ author: null }, { partner: 1 }, { blockId: null }]) {
      const { rows, authors } = honest();
      const query = authors.findIndex((record, at) => record.author === 1 && coin(at) >= 0.2);
      authors[query] = { ...authors[query]!, ...changed };
      expect(checked(rows, authors)).toMatchObject([{ check: "batches", state: "broken" }]);
    }
  });

  it("final answers of whoever was quarantined since are told, and of nobody else", () => {
    const { rows, authors } = honest();
    const { authors: read } = checkAuthors(written(authors), NAMES, rows);
    const amendment = { volunteerId: "bob", atMs: 1, reason: "a wrong row" } as Parameters<
      typeof takenBackOf
    >[0][number];
    const [taken] = takenBackOf([amendment], rows, read!);
    const of = (at: number) => at % 2 === 1 && coin(at) >= 0.05;
    expect(taken!.queries).toEqual(Array.from({ length: ROWS }, (_, at) => at).filter(of));
  });
});
