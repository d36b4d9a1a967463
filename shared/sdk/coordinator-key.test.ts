import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ReceiptKeys, rotateKey } from "../../server/receipts/receipt-keys.ts";
import { bytesOfBase64 } from "../receipts/ed25519.ts";
import { type KeyLink, keyIdOf } from "../receipts/sealed-receipt.ts";
import { notesInMemory } from "./coordinator-key.ts";
import { createParitabClient, type ParitabClientOptions } from "./paritab-client.ts";

const URL_OF = "http://far.test";
let folder: string;
let keys: ReceiptKeys;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "paritab-keys-"));
  keys = await ReceiptKeys.open(folder, () => 1_000);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a coordinator with these keys was asked to do. */
interface Asked {
  readonly submissions: { readonly nonce?: string; readonly kind: string }[];
  readonly client: ReturnType<typeof createParitabClient>;
}

/** @param links null: it knows no such address */
function coordinator(
  links: () => Promise<readonly KeyLink[]> | null,
  options: Partial<ParitabClientOptions> = {},
): Asked {
  const submissions: Asked["submissions"] = [];
  const answer = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(String(input instanceof Request ? input.url : input));
    if (pathname === "/api/receipt-keys") {
      const shown = await links();
      if (shown !== null) return Response.json(shown);
      return Response.json({ error: { code: "not-found", message: "no such address" } }, { status: 404 });
    }
    submissions.push(JSON.parse(String(init?.body)));
    return Response.json({ jobId: `job-${submissions.length}`, commitment: "c".repeat(64) }, { status: 201 });
  };
  const client = createParitabClient({ baseUrl: URL_OF, fetch: answer as typeof fetch, ...options });
  return { submissions, client };
}

const INFERENCE = { kind: "inference", source: { kind: "sample", sample: "mnist" } } as const;
const idOf = ({ publicKey }: KeyLink) => keyIdOf(bytesOfBase64(publicKey));

test("the first key that is shown is noted, a rotated one is vouched for by it, and what was committed to is noted with a nonce", async () => {
  const notes = notesInMemory();
  const { client, submissions } = coordinator(() => keys.links(), { notes });
  await client.submit(INFERENCE);
  const [first] = await keys.links();
  expect(await notes.key(URL_OF)).toBe(idOf(first!));
  await rotateKey(folder, 2_000);
  await client.submit({ ...INFERENCE, nonce: "mine" });
  expect(await notes.key(URL_OF)).toBe(idOf(first!));
  expect(submissions.map(({ nonce }) => nonce)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), "mine"]);
  const { nonce } = submissions[0]!;
  expect(await notes.job("job-1")).toEqual({ keyId: idOf(first!), commitment: "c".repeat(64), nonce });
  expect(await notes.job("job-2")).toMatchObject({ nonce: "mine" });
});

test("notes that cannot be written end nothing: the job is submitted, and each is told", async () => {
  const full = async () => {
    throw new Error("no space left");
  };
  const lost: string[] = [];
  const { client, submissions } = coordinator(() => keys.links(), {
    notes: { ...notesInMemory(), noteKey: full, noteJob: full },
    onNoteLost: ({ message }) => lost.push(message),
  });
  expect(await client.submit(INFERENCE)).toMatchObject({ jobId: "job-1" });
  expect([submissions.length, lost]).toEqual([1, ["no space left", "no space left"]]);
  const silent = coordinator(() => keys.links(), { notes: { ...notesInMemory(), noteJob: full } });
  expect(await silent.client.submit(INFERENCE)).toMatchObject({ jobId: "job-1" });
});

test("a submission that is sent again has the nonce that it had", async () => {
  const { client, submissions } = coordinator(() => keys.links());
  await client.submit(INFERENCE, undefined, "k".repeat(22));
  await client.submit(INFERENCE, undefined, "k".repeat(22));
  await client.submit(INFERENCE, undefined, "l".repeat(22));
  const [one, again, other] = submissions.map(({ nonce }) => nonce);
  expect(again).toBe(one);
  expect(other).not.toBe(one);
});

test("another coordinator in its place, or one that lost its key, is given nothing, until its key is named", async () => {
  const notes = notesInMemory();
  await coordinator(() => keys.links(), { notes }).client.submit(INFERENCE);
  const others = ReceiptKeys.inMemory(() => 1_000);
  const other = coordinator(() => others.links(), { notes });
  await expect(other.client.submit(INFERENCE)).rejects.toMatchObject({ name: "CoordinatorKeyError" });
  expect(other.submissions).toEqual([]);
  await rotateKey(folder, 2_000, true);
  const lost = coordinator(() => keys.links(), { notes });
  await expect(lost.client.submit(INFERENCE)).rejects.toThrow(
    /ask its operator, and pass the new key only if it is theirs/,
  );
  const now = idOf((await keys.links()).at(-1)!);
  await coordinator(() => keys.links(), { notes, coordinatorKey: now }).client.submit(INFERENCE);
  expect(await notes.key(URL_OF)).toBe(now);
  await lost.client.submit(INFERENCE);
  expect(lost.submissions).toHaveLength(1);
});

test("keys that do not vouch for each other are no chain, though the known one is among them", async () => {
  const [own] = await keys.links();
  const [foreign] = await ReceiptKeys.inMemory(() => 3_000).links();
  const forged = { ...foreign!, before: idOf(own!) };
  const { client, submissions } = coordinator(async () => [own!, forged], { coordinatorKey: idOf(own!) });
  await expect(client.submit(INFERENCE)).rejects.toThrow(
    /the coordinator's keys are no chain: .*its signature is not that of/,
  );
  expect(submissions).toEqual([]);
});

test("a coordinator of before signs nothing: it is taken where none is known, and refused where one is", async () => {
  const before = coordinator(() => null);
  await before.client.submit(INFERENCE);
  expect(before.submissions).toHaveLength(1);
  const named = coordinator(() => null, { coordinatorKey: "a".repeat(32) });
  await expect(named.client.submit(INFERENCE)).rejects.toThrow(/got the key none/);
});
