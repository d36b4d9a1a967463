import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../e2e/crowd/shell-with-tabs.ts";
import { checkSignedJob, checksThat, parsedReceipt, runSmallJob, signedJob } from "../../e2e/crowd/signed-job.ts";
import { utf8 } from "../../shared/receipts/bytes.ts";
import { checkKeys } from "../../shared/receipts/check-statements.ts";
import { bytesOfBase64, isSignedBy } from "../../shared/receipts/ed25519.ts";
import { keyIdOf } from "../../shared/receipts/sealed-receipt.ts";
import { SYSTEMATIC } from "../shell/testing/small-job.ts";
import { RECEIPT_KEYS_NAME, ReceiptKeys, rotateKey } from "./receipt-keys.ts";
import { runReceiptKeys } from "./receipt-keys-command.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paritab-keys-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => ReceiptKeys.open(folder, () => 1_000);
const path = () => join(folder, RECEIPT_KEYS_NAME);

test("[RC8] keys are made at the first start, readable by their owner alone, and are the same at the next", async () => {
  const keys = await open();
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(await keys.links()).toMatchObject([{ fromMs: 1_000, before: null }]);
  const again = await open();
  expect(await again.links()).toEqual(await keys.links());
  expect(again.jobSecret("job")).toEqual(keys.jobSecret("job"));
  expect(again.jobSecret("job")).not.toEqual(again.jobSecret("another"));
});

test("[RC8] what is signed verifies with the public key, and with no other text", async () => {
  const keys = await open();
  const { keyId, signature } = await keys.sign((id) => utf8(`said by ${id}`));
  const publicKey = bytesOfBase64((await keys.links())[0]!.publicKey);
  expect(keyIdOf(publicKey)).toBe(keyId);
  expect(await isSignedBy(publicKey, utf8(`said by ${keyId}`), bytesOfBase64(signature))).toBe(true);
  expect(await isSignedBy(publicKey, utf8(`said by ${keyId}.`), bytesOfBase64(signature))).toBe(false);
});

test("the example of RFC 8032, section 7.1, test 2", async () => {
  const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
  const publicKey = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const signature = hex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  );
  expect(await isSignedBy(publicKey, Uint8Array.of(0x72), signature)).toBe(true);
  expect(await isSignedBy(publicKey, Uint8Array.of(0x73), signature)).toBe(false);
});

test("[RC8] a rotation holds at once, the key before vouches for the new one, and draws of jobs stay what they were", async () => {
  const keys = await open();
  const secret = keys.jobSecret("job");
  const first = await keys.sign(() => utf8("a"));
  const second = await rotateKey(folder, 2_000);
  expect((await keys.sign(() => utf8("a"))).keyId).toBe(second);
  const links = await keys.links();
  expect(links).toMatchObject([{ before: null }, { before: first.keyId, fromMs: 2_000 }]);
  expect((await checkKeys(links)).finding.state).toBe("holds");
  expect((await checkKeys(links.toReversed())).finding.state).toBe("broken");
  expect((await open()).jobSecret("job")).toEqual(secret);
});

test("[RC8] a key that was lost vouches for nobody, and whoever checks is told so", async () => {
  const keys = await open();
  await rotateKey(folder, 2_000, true);
  const { finding } = await checkKeys(await keys.links());
  expect(finding).toMatchObject({ state: "open", text: expect.stringMatching(/it was lost/) });
});

test("[RC8] a receipt signed before a rotation verifies after it; its amendments are signed by the new key", async () => {
  let lies = false;
  const signer = await open();
  const tabs = Array.from({ length: 7 }, (_, tab) => ({
    answers: ({ outputs }: { outputs: Float32Array }) => (lies && tab === 2 ? outputs.map((value) => -value) : outputs),
  }));
  const world = await ShellWithTabs.open(tabs, "plain", signer);
  // Half of the rows are checked.
  await world.hasAskedFor(1_000);
  try {
    const jobId = await runSmallJob(world, SYSTEMATIC);
    const before = await signedJob(world, jobId);
    const second = await rotateKey(folder, 2_000);
    expect((await signedJob(world, jobId)).receipt).toEqual(before.receipt);
    lies = true;
    await runSmallJob(world, SYSTEMATIC);
    const after = await signedJob(world, jobId);
    expect(parsedReceipt(after).statements.map(({ body }) => body.keyId)).toEqual([
      expect.not.stringMatching(second),
      second,
    ]);
    const [first] = await signer.links();
    const pinnedKey = keyIdOf(bytesOfBase64(first!.publicKey));
    for (const signed of [before, after]) {
      expect(checksThat(await checkSignedJob(signed, { pinnedKey }), "broken")).toEqual([]);
    }
  } finally {
    world.close();
  }
});

test("[RC8] a file that is none of keys is not written over, and what to do is said", async () => {
  await open();
  writeFileSync(path(), '{"secret":"00","keys":[]}');
  await expect(open()).rejects.toThrow(/receipt-keys.json: secret: .*; put back the file of your last backup/);
  expect(readFileSync(path(), "utf8")).toBe('{"secret":"00","keys":[]}');
});

test("the command lists and rotates; --help is no error, a wrong command line is", async () => {
  await open();
  const said: string[] = [];
  const run = (...argv: string[]) =>
    runReceiptKeys(argv, { PARITAB_DATA_DIR: folder }, Date.UTC(2026, 0, 1), (line) => said.push(line));
  expect(await run("list")).toBe(0);
  expect(await run("rotate")).toBe(0);
  expect(said).toHaveLength(3);
  expect(said[2]).toMatch(/^[0-9a-f]{32} {2}since 2026-01-01T00:00:00.000Z {2}vouched for by [0-9a-f]{32}$/);
  expect(said[2]).toContain(said[0]!.slice(0, 32));
  expect(await run("--help")).toBe(0);
  expect(await run("burn")).toBe(2);
  expect(said.at(-1)).toMatch(/^usage: npm run receipt-keys/);
});
