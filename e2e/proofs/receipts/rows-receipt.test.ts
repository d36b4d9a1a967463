/** The receipt of a job whose rows went out one by one, by the product's own checks and by a program that shares no code with it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ReceiptKeys } from "../../../server/receipts/receipt-keys.ts";
import { INPUT_SIZE, model } from "../../../server/shell/testing/small-job.ts";
import type { InferenceReceipt } from "../../../shared/kinds/inference/receipt.ts";
import type { BlockReceipt } from "../../../shared/kinds/inference/rows-receipt.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { receiptParagraph } from "../../../shared/receipts/receipt-words.ts";
import { ShellWithTabs } from "../../crowd/shell-with-tabs.ts";
import { checkSignedJob, checksThat, type SignedJob, signedJob } from "../../crowd/signed-job.ts";

const ROWS = 300;
const PROGRAM = fileURLToPath(new URL("verify_receipt.py", import.meta.url));

let world: ShellWithTabs;
let signed: SignedJob;
beforeAll(async () => {
  const signer = ReceiptKeys.inMemory(() => 0, "5e".repeat(32));
  world = await ShellWithTabs.open(
    Array.from({ length: 6 }, () => ({})),
    "plain",
    signer,
    true,
  );
  const random = simulationRandom(3);
  const data = Float32Array.from({ length: ROWS * INPUT_SIZE }, () => normal(random));
  const source = {
    kind: "uploads",
    modelSha256: await world.store.putBlob(model),
    queriesSha256: await world.upload({ dtype: "F32", shape: [ROWS, INPUT_SIZE], data }),
  };
  const code = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, completion: "exact" };
  signed = await signedJob(world, await world.run({ ...code, source }));
}, 60_000);
afterAll(() => world.close());

/** @returns what the other program says; null: there is no Python here */
function inPython({ receipt, answers, files }: SignedJob): string | null {
  const folder = mkdtempSync(join(tmpdir(), "paritab-rows-receipt-"));
  try {
    writeFileSync(join(folder, "receipt.json"), receipt);
    writeFileSync(join(folder, "answers.npy"), answers);
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    const { error, stdout } = spawnSync("python3", [PROGRAM, folder], { encoding: "utf8" });
    return error === undefined ? stdout.replaceAll(folder, "").trim() : null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("[RC9] it holds: rows, authors, coins, signatures and bounds, in both", async () => {
  const checked = await checkSignedJob(signed);
  expect(checksThat(checked, "broken")).toEqual([]);
  expect(checksThat(checked, "holds")).toEqual(
    expect.arrayContaining(["files", "rows", "batches", "signatures", "commitment", "draws", "bounds"]),
  );
  expect(inPython(signed)).toSatisfy((said) => said === null || said === ": holds");
});

test("[RC1] it tells each block's terms and end, what the bound promises, and of no rounds", async () => {
  const checked = await checkSignedJob(signed);
  const { rows, code, redone } = checked.ended!.receipt as unknown as InferenceReceipt;
  expect(rows).toMatchObject({ isStrict: false, blocks: [{ rows: ROWS, timesAsked: 0, isCharged: false }] });
  const [{ coordinatorShare, partnerShare, sampleShare, checkShare, reserve, sampled }] = rows!.blocks as [
    BlockReceipt,
  ];
  const ofCoins = coordinatorShare + (2 / 3) * partnerShare;
  expect(1 - (1 - ofCoins) * (1 - sampleShare)).toBeCloseTo(checkShare, 12);
  expect(reserve).toBeCloseTo((1 - checkShare) / checkShare, 12);
  expect(sampled).toBeGreaterThan(0);
  expect(rows!.promise).toContain("Of all rows that you asked for, accepted or not, at most a share 0.001 is wrong");
  expect([code.rounds, code.roundsDone, redone.rounds]).toEqual([undefined, undefined, undefined]);
  expect(receiptParagraph(checked, [], 0)).toContain("accepted or not");
});

test("a byte changed in any file beside it is found by both", async () => {
  for (const [name, bytes] of signed.files) {
    const changed = bytes.slice();
    changed[Math.floor(changed.length / 2)]! ^= 1;
    const edited = { ...signed, files: new Map([...signed.files, [name, changed]]) };
    expect(checksThat(await checkSignedJob(edited), "broken")).toContain("files");
    expect(inPython(edited)).not.toBe(": holds");
  }
});
