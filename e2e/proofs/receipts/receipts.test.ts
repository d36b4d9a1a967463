/**
 * What docs/receipts.md says that is found, and what is not; and that its page is enough to write a second verifier. One file, though long: all
 * is tried on the receipts of the same few jobs, most of them of an earlier version, which ran jobs in rounds. Those of rows: rows-receipt.test.ts.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReceiptSigner } from "../../../server/receipts/receipt-keys.ts";
import { ReceiptKeys } from "../../../server/receipts/receipt-keys.ts";
import { queries, SYSTEMATIC } from "../../../server/shell/testing/small-job.ts";
import { ANSWER_MARKS } from "../../../shared/kinds/inference/answers.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { bytesOfHex, hexOf } from "../../../shared/receipts/bytes.ts";
import { canonical } from "../../../shared/receipts/canonical.ts";
import { SIGNATURES_FILE } from "../../../shared/receipts/check-receipt.ts";
import { base64Of, bytesOfBase64 } from "../../../shared/receipts/ed25519.ts";
import { anchorDraw, anchorText, commitmentTo, drawBatchRows } from "../../../shared/receipts/job-draws.ts";
import { receiptFile } from "../../../shared/receipts/receipt-file.ts";
import { receiptParagraph } from "../../../shared/receipts/receipt-words.ts";
import { resultStatement } from "../../../shared/receipts/result-digest.ts";
import { RULES, RULES_SHA256 } from "../../../shared/receipts/rules.ts";
import { keyIdOf, STREAM_QUERIES } from "../../../shared/receipts/sealed-receipt.ts";
import { digestOf } from "../../../shared/receipts/sha256.ts";
import type { SealedWhole } from "../../../shared/receipts/whole-receipt.ts";
import { ShellWithTabs, type TabBehaviour } from "../../crowd/shell-with-tabs.ts";
import {
  checkSignedJob,
  checksThat,
  parsedReceipt,
  runSmallJob,
  type SignedJob,
  signedJob,
} from "../../crowd/signed-job.ts";
import { signedWhole } from "../../crowd/signed-whole.ts";
import { VolunteerKey } from "../../crowd/volunteer-key.ts";
import { amendedJob } from "./amended-job.ts";
import { cheatedJob, type Story } from "./cheating.ts";
import { tryEdits } from "./edits.ts";
import { receiptsOfRounds } from "./of-rounds.ts";
import { randomEdit } from "./random-edits.ts";

const [AUDITED, EXACT] = [ANSWER_MARKS.indexOf("audited"), ANSWER_MARKS.indexOf("exact")];
const honest = (count: number): TabBehaviour[] => Array.from({ length: count }, () => ({}));

let signer: ReceiptSigner;
const { large: job, spread, amended, otherDraws, inParts } = receiptsOfRounds();
/** Of rows. */
let amendedRows: SignedJob;

beforeAll(async () => {
  signer = ReceiptKeys.inMemory(() => 0, "5e".repeat(32));
  amendedRows = await amendedJob();
}, 60_000);

const cheated = (tell: (story: Story) => void) => cheatedJob(signer, job, tell);
/** All rows of cross-checked results are anchors, and the coordinator computed the first `computed` of each. */
function cutAnchors(computed: number): (story: Story) => void {
  return ({ body, batches, rows }) => {
    body.anchorShare = 1;
    batches.forEach((batch, i) => {
      const coins = { attempt: 0, firstPlace: i, stride: 1 };
      batches[i] = { ...batch, coins, drawnRows: computed, opinionBy: null };
    });
    rows.forEach((row, i) => {
      const isComputed = row.place !== null && row.place.row < computed;
      rows[i] = { ...row, mark: isComputed ? EXACT : AUDITED, bound: isComputed ? 0 : 1e-4 };
    });
  };
}
const placeOf = ({ roundIndex, workerIndex }: { roundIndex: number; workerIndex: number }) =>
  `${roundIndex} ${workerIndex}`;
const linesIn = ({ files }: SignedJob, name: string) =>
  new TextDecoder()
    .decode(files.get(name))
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
const brokenBy = async (told: SignedJob, pinned: Parameters<typeof checkSignedJob>[1] = {}) =>
  checksThat(await checkSignedJob(told, pinned), "broken");

describe("a coordinator that cheats, and signs what it says", () => {
  test("one that tells what was, is believed", async () => {
    expect(await brokenBy(await cheated(() => {}))).toEqual([]);
    expect((await checkSignedJob(job)).counted!.answers.byMark.audited).toBeGreaterThan(10);
  });

  test("skips its checks, and says so: found", async () => {
    const told = await cheated(({ batches, rows }) => {
      batches.forEach((batch, i) => {
        batches[i] = { ...batch, drawnRows: 0, opinionBy: null };
      });
      rows.forEach((row, i) => {
        rows[i] = { ...row, mark: AUDITED, bound: 1e-4 };
      });
    });
    expect(await brokenBy(told)).toEqual(["draws", "bounds"]);
  });

  test("skips its checks, and says that it drew rows: found, for they are not exact", async () => {
    const told = await cheated(({ rows }) => {
      rows.forEach((row, i) => {
        if (row.mark === EXACT) rows[i] = { ...row, mark: AUDITED, bound: 1e-4 };
      });
    });
    expect(await brokenBy(told)).toEqual(["draws", "bounds"]);
  });

  test("skips one check of all: found", async () => {
    const told = await cheated(({ rows, batches, body }) => {
      const batch = batches.find(({ opinionBy }) => opinionBy === null)!;
      const [row] = drawBatchRows(bytesOfHex(body.opened!), batch, batch.rows, 1);
      const skipped = rows.findIndex(
        ({ place }) =>
          place?.roundIndex === batch.roundIndex && place.workerIndex === batch.workerIndex && place.row === row,
      );
      rows[skipped] = { ...rows[skipped]!, mark: AUDITED, bound: 1e-4 };
    });
    const checked = await checkSignedJob(told);
    expect(checked.findings.find(({ state }) => state === "broken")?.text).toMatch(
      /^drawn, and not computed .* row \d+ of round/,
    );
  });

  test("runs a build that draws other rows than it committed to: found", async () => {
    expect(await brokenBy(otherDraws)).toEqual(["draws"]);
  });

  test("opens another secret than it committed to: found", async () => {
    const told = await cheated(({ body }) => {
      body.opened = "77".repeat(32);
    });
    expect(await brokenBy(told)).toContain("commitment");
  });

  test("commits anew when it has seen the results: found by whoever noted the first one, and by nobody else", async () => {
    const first = (await checkSignedJob(job)).ended!.commitment!.commitment;
    const told = await cheated(({ body, batches, rows }) => {
      body.opened = "77".repeat(32);
      const { nonce, queries } = body.commitment!;
      body.commitment = { nonce, queries, commitment: commitmentTo(bytesOfHex(body.opened), nonce, queries) };
      // What it draws now is what it says that it computed.
      for (const batch of batches) {
        const drawn = new Set(
          drawBatchRows(bytesOfHex(body.opened), batch, batch.rows, Math.min(batch.rows, batch.drawnRows)),
        );
        rows.forEach((row, i) => {
          const { place } = row;
          if (place?.roundIndex !== batch.roundIndex || place.workerIndex !== batch.workerIndex) return;
          const isDrawn = drawn.has(place.row);
          rows[i] = { ...row, mark: isDrawn ? EXACT : AUDITED, bound: isDrawn ? 0 : 0.1, isFinal: isDrawn };
        });
      }
    });
    expect(await brokenBy(told, { pinnedCommitment: first })).toEqual(["commitment"]);
    expect(await brokenBy(told)).toEqual([]);
    const unnoted = (await checkSignedJob(told)).findings.find(({ check }) => check === "commitment");
    expect(unnoted?.text).toMatch(/is the coordinator's word, for you named none/);
  });

  test("says that the operator caps audits: not broken, and said; without a cap too few rows are found", async () => {
    const tooFew = ({ batches }: Story) => {
      batches.forEach((batch, i) => {
        batches[i] = { ...batch, drawnRows: 1, opinionBy: null };
      });
    };
    expect(await brokenBy(await cheated(tooFew))).toEqual(["draws", "bounds"]);
    const told = await cheated((story) => {
      tooFew(story);
      story.body.auditShareMax = 0.01;
    });
    const draws = (await checkSignedJob(told)).findings.find(({ check }) => check === "draws");
    expect(draws).toMatchObject({
      state: "holds",
      text: expect.stringMatching(/the operator caps recomputed rows at 0.01/),
    });
  });

  test("says that the operator's cap cut anchors short: the first ones are asked for, and it is said; without a cap it is found", async () => {
    const cut = cutAnchors(2);
    expect(await brokenBy(await cheated(cut))).toContain("draws");
    const capped = (story: Story) => {
      cut(story);
      story.body.auditShareMax = 0.1;
    };
    const draws = (await checkSignedJob(await cheated(capped))).findings.find(({ check }) => check === "draws");
    expect(draws).toMatchObject({
      state: "holds",
      text: expect.stringMatching(
        /of \d+ fewer than the rule asks for, because the operator caps recomputed rows at 0.1/,
      ),
    });
    // It says that it computed two, and computed one.
    const told = await cheated((story) => {
      capped(story);
      const second = story.rows.findIndex(({ place, mark }) => place?.row === 1 && mark === EXACT);
      story.rows[second] = { ...story.rows[second]!, mark: AUDITED, bound: 1e-4 };
    });
    expect(await brokenBy(told)).toContain("draws");
  });

  test("of a stream, whose ledgers have shares of anchors of their own, tells the least: the lowest draws are asked for, and others found", async () => {
    const draws = async (computed: (byDraw: readonly number[]) => readonly number[]) => {
      const told = await cheated((story) => {
        const { body, batches, rows } = story;
        const secret = bytesOfHex(body.opened!);
        const { nonce } = body.commitment!;
        const commitment = commitmentTo(secret, nonce, STREAM_QUERIES);
        Object.assign(body, {
          anchorShare: RULES.anchorShareMin,
          commitment: { commitment, nonce, queries: STREAM_QUERIES },
        });
        batches.forEach((batch, i) => {
          const drawOf = (row: number) => anchorDraw(secret, anchorText(body.jobId, 100 * i + row, 0));
          const byDraw = Array.from({ length: batch.rows }, (_, row) => row).sort((a, b) => drawOf(a) - drawOf(b));
          const [drawnRows, exact] = [Math.min(2, batch.rows), computed(byDraw).slice(0, 2)];
          batches[i] = { ...batch, coins: { attempt: 0, firstPlace: 100 * i, stride: 1 }, drawnRows, opinionBy: null };
          rows.forEach((row, at) => {
            if (row.place === null || placeOf(row.place) !== placeOf(batch)) return;
            const isComputed = exact.includes(row.place.row);
            rows[at] = { ...row, mark: isComputed ? EXACT : AUDITED, bound: isComputed ? 0 : 1e-4 };
          });
        });
      });
      return brokenBy(told);
    };
    expect(await draws((byDraw) => byDraw)).not.toContain("draws");
    expect(await draws((byDraw) => byDraw.slice(2))).toContain("draws");
  });

  test("says that a result has thousands of rows, of which nobody sees any but the first: found, whatever a cap would allow", async () => {
    const told = await cheated(({ body, batches, rows }) => {
      Object.assign(body, { anchorShare: 0.5, auditShareMax: 0.1 });
      const size = rows.length * 20;
      batches[0] = {
        ...batches[0]!,
        ...{ rows: size, drawnRows: size, opinionBy: null, coins: { attempt: 0, firstPlace: 0, stride: 1 } },
      };
    });
    expect(await brokenBy(told)).toEqual(["draws"]);
  });

  describe("claims more of its answers than its own counts allow: found", () => {
    const each = (change: (row: Story["rows"][number]) => Partial<Story["rows"][number]>) => (story: Story) =>
      story.rows.forEach((row, i) => {
        if (row.mark === AUDITED) story.rows[i] = { ...row, ...change(row) };
      });
    const mark = (name: (typeof ANSWER_MARKS)[number]) => ANSWER_MARKS.indexOf(name);
    const noRowComputed = ({ batches }: Story, coins: boolean) =>
      batches.forEach((batch, i) => {
        const names = coins ? { attempt: 0, firstPlace: 1000 * i, stride: 1 } : null;
        batches[i] = { ...batch, drawnRows: 0, opinionBy: null, coins: names };
      });
    const verification = (body: Story["body"], of: string) => Object.assign(body.receipt, { verification: of });
    const stories: Record<string, (story: Story) => void> = {
      "bounds of 1e-12": each(() => ({ bound: 1e-12, isFinal: true })),
      "a bound of .9, and final": each(() => ({ bound: 0.9, isFinal: true })),
      "an open label, and final": each(() => ({ bound: 1e-3, isFinal: true, hasOpenLabel: true })),
      "estimated, and final": each(() => ({ mark: mark("estimated"), bound: null, isFinal: true })),
      "estimated, with a bound": each(() => ({ mark: mark("estimated"), bound: 1e-3, isFinal: false })),
      "unchecked, with a bound": each(() => ({ mark: mark("unchecked"), bound: 1e-9, isFinal: true })),
      "cross-checked, with hardly an anchor and no row computed": (story) => {
        story.body.anchorShare = 1e-12;
        noRowComputed(story, true);
        story.rows.forEach((row, i) => {
          story.rows[i] = { ...row, mark: AUDITED, bound: 1e-5, isFinal: true };
        });
      },
      "cross-checked, with the least share of anchors, no row computed and a bound below what its rows could say": (
        story,
      ) => {
        story.body.anchorShare = RULES.anchorShareMin;
        noRowComputed(story, true);
        story.rows.forEach((row, i) => {
          story.rows[i] = { ...row, mark: AUDITED, bound: 1e-5, isFinal: true };
        });
      },
      "a majority that there was not": (story) => {
        verification(story.body, "votes");
        noRowComputed(story, false);
        each(() => ({ bound: 1e-5, isFinal: true }))(story);
      },
      "audited, in a job that was not": (story) => {
        verification(story.body, "none");
        noRowComputed(story, false);
      },
      "another bound for the whole job than was asked for": ({ body }) => {
        const receipt = body.receipt as unknown as { submission: object; answers: object };
        Object.assign(receipt.submission, { answerBound: 1e-3 });
        Object.assign(receipt.answers, { boundOfJob: 0.5 });
      },
    };
    test.each(Object.entries(stories))("%s", async (_, story) => {
      const broken = await brokenBy(await cheated(story));
      expect(broken.some((check) => check === "bounds" || check === "draws")).toBe(true);
    });

    test("other rules than it told when the job began, or none", async () => {
      expect(await brokenBy(job, { pinnedRules: RULES_SHA256 })).toEqual([]);
      const weaker = await cheated(({ body }) => {
        body.rules = "ab".repeat(32);
      });
      expect(await brokenBy(weaker, { pinnedRules: RULES_SHA256 })).toContain("bounds");
      const none = await cheated(({ body }) => {
        delete body.rules;
      });
      expect(await brokenBy(none, { pinnedRules: RULES_SHA256 })).toContain("bounds");
      expect(await brokenBy(none)).toEqual([]);
    });

    test("a record that it says a volunteer has is its word; the bound that follows is not", async () => {
      const told = await cheated((story) => {
        const { volunteers } = story.body.receipt as unknown as { volunteers: { recordAtEnd?: number }[] };
        for (const one of volunteers) one.recordAtEnd = 40;
        each(() => ({ bound: 1e-4, isFinal: true }))(story);
      });
      expect(await brokenBy(told)).toEqual(["bounds"]);
    });
  });

  test("hides drawn rows, as answers of no batch: found", async () => {
    const told = await cheated(({ rows }) => {
      const hidden = rows.findIndex(({ place, mark }) => place?.row === 0 && mark === AUDITED);
      const other = rows.findIndex(({ place, mark }) => place?.row === 0 && mark === EXACT);
      const at = hidden >= 0 ? hidden : other;
      rows[at] = { ...rows[at]!, place: null };
    });
    expect(await brokenBy(told)).toEqual(["draws"]);
  });

  /** Two answers of different results change places. */
  const swapTwo = ({ answers, rows }: Story) => {
    const batchOf = ({ place, mark }: Story["rows"][number]) =>
      mark === AUDITED && place !== null ? placeOf(place) : null;
    const one = rows.findIndex((row) => batchOf(row) !== null);
    const other = rows.findIndex((row) => ![null, batchOf(rows[one]!)].includes(batchOf(row)));
    expect(other).toBeGreaterThan(one);
    const first = answers.slice(3 * one, 3 * one + 3);
    answers.copyWithin(3 * one, 3 * other, 3 * other + 3);
    answers.set(first, 3 * other);
    return [one, other];
  };

  test("swaps two answers before it signs: found by what their volunteers signed", async () => {
    let swapped: number[] = [];
    const told = await cheatedJob(signer, spread, (story) => {
      swapped = swapTwo(story);
    });
    const finding = (await checkSignedJob(told)).findings.find(({ state }) => state === "broken");
    expect(finding).toMatchObject({ check: "signatures" });
    expect([...finding!.text.matchAll(/\d+/g)].map(([digits]) => Number(digits)).sort((a, b) => a - b)).toEqual(
      swapped,
    );
  });

  test("swaps two answers and says that nobody signed: not found without computing rows again, and it is said", async () => {
    const told = await cheatedJob(signer, spread, (story) => {
      swapTwo(story);
      story.signatures = [];
    });
    expect(await brokenBy(told)).toEqual([]);
    const checked = await checkSignedJob(told);
    expect(receiptParagraph(checked, checked.findings, 0)).toMatch(/no result of this job is signed by its volunteer/);
  });

  test("[RC9] an honest job's results are all signed, and its volunteers' own answers are rows that they signed", async () => {
    for (const one of [spread, amended]) {
      const { findings, counted } = await checkSignedJob(one);
      const text = findings.find(({ check }) => check === "signatures")!.text;
      const results = parsedReceipt(one).statements[0]!.body as { trees: { batches: { count: number } } };
      const own = counted!.answers.byMark.audited! + (counted!.answers.byMark.unchecked ?? 0);
      expect(text).toBe(`${results.trees.batches.count} results; ${own} answers are rows that were signed`);
    }
  });

  test.each<[string, (story: Story) => void, RegExp]>([
    [
      "forges a signature",
      ({ signatures }) => {
        const signature = `${signatures[0]!.signature.startsWith("A") ? "B" : "A"}${signatures[0]!.signature.slice(1)}`;
        signatures[0] = { ...signatures[0]!, signature };
      },
      /the signature is not that of/,
    ],
    [
      "takes a volunteer's signature of another result for this one",
      ({ signatures }) => {
        signatures[0] = { ...signatures[0]!, signature: signatures[1]!.signature };
      },
      /the signature is not that of/,
    ],
    [
      "swaps what two volunteers signed",
      ({ signatures, batches }) => {
        const authorOf = ({ roundIndex, workerIndex }: Story["signatures"][number]) =>
          batches.find((one) => one.roundIndex === roundIndex && one.workerIndex === workerIndex)!.volunteerId;
        const other = signatures.findIndex((line) => authorOf(line) !== authorOf(signatures[0]!));
        const [first, second] = [signatures[0]!, signatures[other]!];
        const at = ({ roundIndex, workerIndex }: typeof first) => ({ roundIndex, workerIndex });
        signatures[0] = { ...second, ...at(first) };
        signatures[other] = { ...first, ...at(second) };
      },
      /is said to be of [0-9a-f]{32}, and is signed by [0-9a-f]{32}/,
    ],
    [
      "says that a result is of somebody else",
      ({ batches }) => {
        batches[0] = { ...batches[0]!, volunteerId: "somebody else", opinionBy: "somebody" };
      },
      /is said to be of somebody else, and is signed by [0-9a-f]{32}/,
    ],
    [
      "shows a signature of a result that does not stand",
      ({ signatures }) => {
        signatures.push({ ...signatures.at(-1)!, roundIndex: 4_000 });
      },
      /round 4000, worker index \d does not stand/,
    ],
  ])("%s: found", async (_name, tell, words) => {
    const { findings } = await checkSignedJob(await cheatedJob(signer, spread, tell));
    const found = findings.find(({ check }) => check === "signatures");
    expect(found).toMatchObject({ state: "broken", text: expect.stringMatching(words) });
  });

  test("[RC9] a signature that a tab made up is left out, and the job's receipt holds", async () => {
    const world = await ShellWithTabs.open(
      honest(6).map((tab, i) => ({ ...tab, forgesSignature: i % 2 === 0 })),
      "plain",
      signer,
      true,
    );
    try {
      await world.hasAskedFor(1_000_000);
      const told = await signedJob(world, await runSmallJob(world, SYSTEMATIC));
      expect(await brokenBy(told)).toEqual([]);
      const forgers = new Set(world.volunteerIds.filter((_, tab) => tab % 2 === 0));
      const signed = linesIn(told, SIGNATURES_FILE).map((line) => JSON.stringify(line));
      expect(signed.length).toBeGreaterThan(0);
      for (const line of signed) expect([...forgers].some((id) => line.includes(id))).toBe(false);
    } finally {
      world.close();
    }
  });

  test("swaps two answers after it has signed: found, and both are named", async () => {
    const answers = job.answers.slice();
    const start = answers.length - 48 * 12;
    answers.set(job.answers.subarray(start + 12, start + 24), start);
    answers.set(job.answers.subarray(start, start + 12), start + 12);
    const checked = await checkSignedJob({ ...job, answers });
    expect(checked.findings.find(({ state }) => state === "broken")?.text).toBe(
      "answers.npy: answers 0, 1 are not what was signed",
    );
  });

  test("invents volunteers, with keys that it made itself: not found", async () => {
    const keys = await Promise.all(Array.from({ length: 9 }, () => VolunteerKey.make()));
    // It has the answers before it invents who gave them.
    const sent = parsedReceipt(spread).statements[0]!.body.jobId;
    const lines = linesIn(spread, SIGNATURES_FILE).map(
      (line) => line as [number, number, string, string, string, string],
    );
    const invented = await Promise.all(
      lines.map(async ([roundIndex, workerIndex, assignmentId, , rowHashes], i) => {
        const key = keys[i % 9]!;
        const digest = hexOf(digestOf(bytesOfBase64(rowHashes)));
        const signature = base64Of(await key.sign(resultStatement({ jobId: sent, assignmentId }, digest)));
        return { roundIndex, workerIndex, assignmentId, publicKey: base64Of(key.publicKey), rowHashes, signature };
      }),
    );
    const told = await cheatedJob(signer, spread, ({ batches, body, rows, signatures }) => {
      expect(signatures).toHaveLength(batches.length);
      signatures.splice(0, signatures.length, ...invented);
      batches.forEach((batch, i) => {
        const { volunteerId } = keys[i % 9]!;
        batches[i] = { ...batch, volunteerId };
        // It knows its own secret: it computes what is drawn under these names.
        const drawn = drawBatchRows(
          bytesOfHex(body.opened!),
          batches[i]!,
          batch.rows,
          Math.min(batch.rows, batch.drawnRows),
        );
        rows.forEach((row, r) => {
          const { place } = row;
          const isOfIt = place?.roundIndex === batch.roundIndex && place.workerIndex === batch.workerIndex;
          if (isOfIt && drawn.includes(place.row)) rows[r] = { ...row, mark: EXACT, bound: 0 };
        });
      });
    });
    expect(await brokenBy(told)).toEqual([]);
    expect(receiptParagraph(await checkSignedJob(told), [], 0)).toMatch(
      /Not known .* whether its volunteers are different people/,
    );
  });

  test("leaves out the newest amendments: not seen offline, and the paragraph says up to which it speaks", async () => {
    const sealed = parsedReceipt(amended);
    const cut = { ...sealed, keys: sealed.keys.slice(0, 1), statements: sealed.statements.slice(0, 1) };
    const told = { ...amended, receipt: new TextEncoder().encode(JSON.stringify(cut)) };
    expect(await brokenBy(told)).toEqual([]);
    const paragraph = async (of: SignedJob) => receiptParagraph(await checkSignedJob(of), [], 0);
    expect(await paragraph(told)).toMatch(/up to no amendment/);
    expect(await paragraph(amended)).toMatch(/up to amendment 2, .* was quarantined/s);
  });

  test.each(["../../.ssh/authorized_keys", "/etc/passwd", "a/b.bin", "..", ""])(
    "names the file beside it %j, which leads out of the folder that it is kept in: refused by its form",
    async (name) => {
      const sealed = parsedReceipt(job);
      const [first, ...rest] = sealed.statements;
      const body = { ...first!.body, files: [{ name, bytes: 1, sha256: "0".repeat(64) }] };
      const told = { ...sealed, statements: [{ ...first!, body }, ...rest] };
      expect(await brokenBy({ ...job, receipt: new TextEncoder().encode(canonical(told)) })).toEqual(["form"]);
    },
  );

  test("signs with a key of its own making: refused by whoever knows the first one, and by nobody else", async () => {
    const told = await cheatedJob(
      ReceiptKeys.inMemory(() => 5),
      job,
      () => {},
    );
    const [link] = await signer.links();
    expect(await brokenBy(told, { pinnedKey: keyIdOf(bytesOfBase64(link!.publicKey)) })).toEqual(["pinned"]);
    expect(await brokenBy(told)).toEqual([]);
  });
});

test.each(["rows", "rounds"])(
  "of three hundred random edits, removals and swaps of a receipt of %s every one is found",
  async (of) => {
    const { tried, missed, foundBy } = await tryEdits(of === "rows" ? amendedRows : amended, 300, 15);
    expect(tried).toBe(300);
    expect(missed).toEqual([]);
    // None of the checks finds them all by itself.
    expect([...foundBy.keys()]).toEqual(expect.arrayContaining(["form", "statements", "keys", "files", "answers"]));
  },
);

const hasPython = spawnSync("python3", ["--version"]).status === 0;

describe.skipIf(!hasPython)("a second verifier, in Python, from docs/receipts.md alone", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "paritab-second-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const program = fileURLToPath(new URL("verify_receipt.py", import.meta.url));
  function write(name: string, { receipt, answers, files }: SignedJob): string {
    const path = join(folder, name);
    mkdirSync(path);
    writeFileSync(join(path, "receipt.json"), receipt);
    writeFileSync(join(path, "answers.npy"), answers);
    for (const [file, bytes] of files) writeFileSync(join(path, file), bytes);
    return path;
  }
  const verdicts = (paths: readonly string[]) => {
    const { stdout, stderr } = spawnSync("python3", [program, ...paths], { encoding: "utf8" });
    expect(stderr).toBe("");
    return stdout
      .trimEnd()
      .split("\n")
      .map((line, i) => line.slice(paths[i]!.length + 2));
  };

  test("[CE13] says of the receipt of a job in parts that it holds, and of one that was changed that it does not", async () => {
    const world = await ShellWithTabs.open(honest(4), "plain", signer, true);
    const ofRows = await signedWhole(world, "P".repeat(24), 3, queries);
    world.close();
    const honestRows = { ...ofRows, receipt: receiptFile(ofRows.sealed) };
    expect(verdicts([write("rows-in-parts", honestRows)])).toEqual(["holds"]);
    const sealed = JSON.parse(new TextDecoder().decode(inParts.receipt)) as SealedWhole;
    const told = (change: (whole: SealedWhole) => void): SignedJob => {
      const whole = structuredClone(sealed);
      change(whole);
      return { ...inParts, receipt: receiptFile(whole) };
    };
    const paths = [
      told(() => {}),
      told(({ whole }) => {
        whole.body.parts[1]!.firstQuery++;
      }),
      told(({ parts }) => {
        parts.reverse();
      }),
      told(({ parts }) => {
        parts.pop();
      }),
    ].map((one, i) => write(`in-parts-${i}`, one));
    const [first, ...others] = verdicts(paths);
    expect(first).toBe("holds");
    expect(others).toEqual([
      "Broken whole: its signature",
      "Broken parts: part 0: another receipt",
      "Broken parts: their number",
    ]);
    const { answers, files } = inParts;
    const cut = { ...told(() => {}), answers: answers.slice(0, -4) };
    const swapped = { ...told(() => {}), files: new Map(files).set("0.rows.bin", files.get("1.rows.bin")!) };
    expect(verdicts([write("in-parts-cut", cut), write("in-parts-swapped", swapped)])).toEqual([
      "Broken answers: their number",
      "Broken files: rows.bin",
    ]);
  });

  test("says of honest receipts that they hold: amended, with a liar, with two keys, of other schemes", async () => {
    const world = await ShellWithTabs.open(honest(6));
    const voted = await signedJob(
      world,
      await runSmallJob(world, { scheme: "replication", queriesPerGroup: 2, liars: 1 }),
    );
    const mixed = await signedJob(
      world,
      await runSmallJob(world, {
        scheme: "approxifer",
        queriesPerGroup: 2,
        stragglers: 0,
        liars: 1,
      }),
    );
    world.close();
    const capped = await cheated((story) => {
      cutAnchors(2)(story);
      story.body.auditShareMax = 0.1;
    });
    const paths = [job, amended, amendedRows, voted, mixed, capped].map((one, i) => write(`honest-${i}`, one));
    expect(verdicts(paths)).toEqual(paths.map(() => "holds"));
    for (const one of [voted, mixed, amendedRows]) expect(await brokenBy(one)).toEqual([]);
  });

  test("finds what the first one finds: sixty random edits, and cheats", async () => {
    const random = simulationRandom(8);
    const paths: string[] = [];
    while (paths.length < 60) {
      const edited = randomEdit(amended, random);
      if (edited !== null) paths.push(write(`edited-${paths.length}`, edited.job));
    }
    paths.push(
      write(
        "skipped",
        await cheated(({ rows }) => {
          rows.forEach((row, i) => {
            if (row.mark === EXACT) rows[i] = { ...row, mark: AUDITED, bound: 1e-4 };
          });
        }),
      ),
    );
    paths.push(write("cut-anchors", await cheated(cutAnchors(2))));
    paths.push(
      write(
        "other-secret",
        await cheated(({ body }) => {
          body.opened = hexOf(new Uint8Array(32));
        }),
      ),
    );
    expect(verdicts(paths).filter((verdict) => verdict === "holds")).toEqual([]);
  });
});
