/** [CE13] The receipt of a job in parts against a coordinator that cheats: it has the keys, and signs what it likes. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ShellWithTabs } from "../../../../../e2e/crowd/shell-with-tabs.ts";
import { type SignedWhole, signedWhole } from "../../../../../e2e/crowd/signed-whole.ts";
import { rangesOf, wholeIdOf } from "../../../../../shared/kinds/inference/parts.ts";
import { checkReceipt } from "../../../../../shared/receipts/check-receipt.ts";
import { bytesOfBase64 } from "../../../../../shared/receipts/ed25519.ts";
import type { ReceiptFinding } from "../../../../../shared/receipts/findings.ts";
import { receiptFile } from "../../../../../shared/receipts/receipt-file.ts";
import { receiptParagraph } from "../../../../../shared/receipts/receipt-words.ts";
import {
  keyIdOf,
  type SealedReceipt,
  type StatementBody,
  statementHash,
  statementMessage,
} from "../../../../../shared/receipts/sealed-receipt.ts";
import { type SealedWhole, type WholeBody, wholeMessage } from "../../../../../shared/receipts/whole-receipt.ts";
import { ReceiptKeys } from "../../../../receipts/receipt-keys.ts";
import { INPUT_SIZE, QUERIES, queries } from "../../../../shell/testing/small-job.ts";

const PARTS = 3;
const [FIRST, OTHER, SHORTER] = ["A".repeat(24), "B".repeat(24), "C".repeat(24)] as const;

let desk: ShellWithTabs;
let own: SignedWhole;
let another: SignedWhole;
let shorter: SignedWhole;

beforeAll(async () => {
  desk = await ShellWithTabs.open(
    Array.from({ length: 4 }, () => ({})),
    "plain",
    undefined,
    true,
  );
  own = await signedWhole(desk, FIRST, PARTS, queries);
  another = await signedWhole(
    desk,
    OTHER,
    PARTS,
    queries.map((value) => value / 2),
  );
  shorter = await signedWhole(desk, SHORTER, PARTS, queries.slice(INPUT_SIZE));
});
afterAll(() => desk.close());

async function broken(
  sealed: SealedWhole,
  { answers = own.answers, files = own.files, pinnedKey = null as string | null } = {},
): Promise<ReceiptFinding[]> {
  const file = async (name: string) => files.get(name) ?? null;
  const checked = await checkReceipt({
    receipt: receiptFile(sealed),
    answers,
    file,
    pinnedKey,
    pinnedCommitment: null,
  });
  const found = checked.findings.filter(({ state }) => state === "broken");
  expect(receiptParagraph(checked, checked.findings, 0)).toMatch(
    found.length > 0 ? /^Do not rely on this/ : /has signed/,
  );
  return found;
}

/** As its coordinator would sign it. */
async function signed(
  { sealed }: SignedWhole,
  change: (body: WholeBody, parts: SealedReceipt[]) => void,
): Promise<SealedWhole> {
  const { body, parts } = structuredClone({ body: sealed.whole.body, parts: sealed.parts });
  change(body, parts);
  const { signature } = await desk.signer.sign(() => wholeMessage(body));
  return { ...sealed, whole: { body, signature }, parts };
}

/** Said of the part in the whole's statement as its own receipt has it. */
function saidOf(part: SealedReceipt, firstQuery: number, queryCount: number): WholeBody["parts"][number] {
  const [first] = part.statements;
  return { jobId: first!.body.jobId, firstQuery, queryCount, statement: statementHash(first!) };
}

test("[CE13] as it is it holds, with every check that its parts have", async () => {
  expect(await broken(own.sealed)).toEqual([]);
  expect(await broken(shorter.sealed, shorter)).toEqual([]);
  expect(own.sealed.whole.body.parts.map(({ firstQuery, queryCount }) => ({ firstQuery, queryCount }))).toEqual(
    rangesOf(QUERIES, PARTS),
  );
});

test("[CE13] a gap, an overlap, a part that is left out and a part that is there twice are refused, whoever signs them", async () => {
  const gap = await signed(own, ({ parts }) => void parts[1]!.firstQuery++);
  expect(await broken(gap)).toMatchObject([{ check: "parts", text: expect.stringContaining("left out") }]);
  const overlap = await signed(own, ({ parts }) => void parts[2]!.firstQuery--);
  expect(await broken(overlap)).toMatchObject([{ check: "parts" }]);
  const short = await signed(own, (body, parts) => {
    body.parts.pop();
    parts.pop();
  });
  expect(await broken(short)).toMatchObject([{ check: "parts", text: expect.stringContaining(`expected ${QUERIES}`) }]);
  const fewer = await signed(own, (body, parts) => {
    body.queryCount -= body.parts.pop()!.queryCount;
    parts.pop();
  });
  // A job of fewer queries would have fewer answers.
  expect(await broken(fewer)).toMatchObject([{ check: "answers" }]);
  const twice = await signed(own, (body, parts) => {
    const { queryCount, firstQuery } = body.parts[1]!;
    parts[1] = parts[0]!;
    body.parts[1] = saidOf(parts[0]!, firstQuery, queryCount);
  });
  expect(await broken(twice)).toMatchObject([{ check: "parts", text: expect.stringContaining("does not say") }]);
});

test("[CE13] parts that changed places, and parts of another job, are refused, whoever signs them", async () => {
  const swap = <Item>(items: Item[]) => void items.splice(0, 2, items[1]!, items[0]!);
  const asShown = { ...own.sealed, parts: [...own.sealed.parts] };
  swap(asShown.parts);
  expect(await broken(asShown)).toMatchObject([{ check: "parts", text: expect.stringContaining("not the one") }]);
  const resigned = await signed(own, (body, parts) => {
    swap(parts);
    const ranges = body.parts.map(({ firstQuery, queryCount }) => [firstQuery, queryCount] as const);
    body.parts = ranges.map(([firstQuery, queryCount], i) => saidOf(parts[i]!, firstQuery, queryCount));
  });
  expect(await broken(resigned)).toMatchObject([{ check: "parts", text: expect.stringContaining("does not say") }]);
  const foreign = await signed(own, (body, parts) => {
    const { firstQuery, queryCount } = body.parts[1]!;
    parts[1] = another.sealed.parts[1]!;
    body.parts[1] = saidOf(parts[1]!, firstQuery, queryCount);
  });
  expect(await broken(foreign)).toMatchObject([{ check: "parts" }]);
  // All of another job's, under this one's name.
  const renamed = await signed(another, (body) => {
    body.jobId = wholeIdOf(own.sealed.whole.body.parts[0]!.jobId)!;
  });
  expect(await broken(renamed, another)).toMatchObject([
    { check: "parts", text: expect.stringContaining("does not say") },
  ]);
});

test("[CE13] a byte of a part, another key, and answers of another job or in another order are found", async () => {
  const changed = structuredClone(own.sealed);
  changed.parts[1]!.statements[0]!.body.atMs++;
  expect(await broken(changed)).toMatchObject([{ check: "parts", text: expect.stringContaining("changed") }]);
  const unsigned = structuredClone(own.sealed);
  unsigned.whole.body.atMs++;
  expect(await broken(unsigned)).toMatchObject([{ check: "whole" }]);
  const { signature } = await ReceiptKeys.inMemory(() => 0, "7b".repeat(32)).sign(() =>
    wholeMessage(own.sealed.whole.body),
  );
  const forged = { ...own.sealed, whole: { ...own.sealed.whole, signature } };
  expect(await broken(forged)).toMatchObject([{ check: "whole" }]);
  expect(await broken(own.sealed, { pinnedKey: "0".repeat(32) })).toMatchObject([{ check: "pinned" }]);
  expect((await broken(own.sealed, { answers: another.answers })).map(({ check }) => check)).toContain("answers");
  expect(await broken(own.sealed, { answers: shorter.answers })).toMatchObject([{ check: "answers" }]);
  const files = new Map([...own.files, ["0.rows.bin", own.files.get("1.rows.bin")!]]);
  expect(await broken(own.sealed, { files })).toMatchObject([
    { check: "files", text: expect.stringContaining("part 0") },
  ]);
});

test("[CE13] a part that was asked for otherwise is refused: another tolerance, another task, more liars", async () => {
  for (const settings of [{ tolerance: 9 }, { task: "regression" }, { liars: 7 }, { answerBound: 0.5 }]) {
    const otherwise = structuredClone(own.sealed.parts[1]!);
    const statement = otherwise.statements[0]!;
    Object.assign((statement.body as unknown as { receipt: { submission: object } }).receipt.submission, settings);
    statement.signature = (await desk.signer.sign(() => statementMessage(statement.body))).signature;
    otherwise.statements = [statement];
    const whole = await signed(own, (body, parts) => {
      const { firstQuery, queryCount } = body.parts[1]!;
      parts[1] = otherwise;
      body.parts[1] = saidOf(otherwise, firstQuery, queryCount);
    });
    expect(await broken(whole)).toMatchObject([{ check: "parts", text: expect.stringContaining("settings") }]);
  }
});

test("[CE13] files larger than any job's are refused before one byte of them is read, and the whole of its parts is looked at", async () => {
  const large = structuredClone(own.sealed.parts[1]!);
  const [statement] = structuredClone(large.statements) as [
    SealedReceipt["statements"][number] & { signature: string },
  ];
  if (statement.body.what !== "ended") throw new Error("expected the part's end first");
  statement.body.files[0]!.bytes = 2 ** 40;
  statement.signature = (await desk.signer.sign(() => statementMessage(statement.body))).signature;
  large.statements = [statement];
  const whole = await signed(own, (body, parts) => {
    const { firstQuery, queryCount } = body.parts[1]!;
    parts[1] = large;
    body.parts[1] = saidOf(large, firstQuery, queryCount);
  });
  const file = () => Promise.reject(new Error("nothing is to be read"));
  const given = { answers: own.answers, file, pinnedKey: null, pinnedCommitment: null };
  const checkOf = async (receipt: SealedWhole | SealedReceipt) =>
    (await checkReceipt({ ...given, receipt: receiptFile(receipt) })).findings.find(({ state }) => state === "broken");
  expect(await checkOf(whole)).toMatchObject({
    check: "parts",
    text: expect.stringMatching(/at most 1073741824 bytes/),
  });
  expect(await checkOf(large)).toMatchObject({
    check: "files",
    text: expect.stringMatching(/at most 1073741824 bytes/),
  });
});

test("[CE13] an amendment to a part by a key that nobody vouches for is not hidden behind the keys of the whole", async () => {
  const stranger = ReceiptKeys.inMemory(() => 0, "7b".repeat(32));
  const [link] = await stranger.links();
  const whole = structuredClone(own.sealed);
  const { keys, statements } = whole.parts[2]!;
  const { jobId, atMs } = statements[0]!.body;
  const body: StatementBody = {
    ...{
      format: statements[0]!.body.format,
      seq: statements.length,
      before: statementHash(statements.at(-1)!),
      jobId,
      atMs,
    },
    ...{ keyId: keyIdOf(bytesOfBase64(link!.publicKey)), what: "released", volunteerId: "v", reason: "none" },
  };
  keys.push(link!);
  const { signature } = await stranger.sign(() => statementMessage(body));
  statements.push({ body, signature });
  const checked = await checkReceipt({
    ...{ receipt: receiptFile(whole), answers: own.answers, pinnedKey: null, pinnedCommitment: null },
    file: async (name) => own.files.get(name) ?? null,
  });
  expect(checked.findings.filter(({ check }) => check === "keys")).toMatchObject([
    { state: "open", text: expect.stringMatching(/^part 2: nobody vouches/) },
  ]);
});
