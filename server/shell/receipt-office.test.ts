import { afterEach, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../e2e/crowd/shell-with-tabs.ts";
import { checkSignedJob, checksThat, parsedReceipt, runSmallJob, signedJob } from "../../e2e/crowd/signed-job.ts";
import type { InferenceReceipt } from "../../shared/kinds/inference/receipt.ts";
import { hexOf } from "../../shared/receipts/bytes.ts";
import { canonical } from "../../shared/receipts/canonical.ts";
import { checkReceipt, quarantinedSince } from "../../shared/receipts/check-receipt.ts";
import { bytesOfBase64 } from "../../shared/receipts/ed25519.ts";
import { commitmentTo } from "../../shared/receipts/job-draws.ts";
import { STATEMENT_BYTES_MAX } from "../../shared/receipts/limits.ts";
import { receiptFile } from "../../shared/receipts/receipt-file.ts";
import { keyIdOf, type SealedReceipt } from "../../shared/receipts/sealed-receipt.ts";
import { initialState } from "../coordinator/state.ts";
import { ReceiptKeys } from "../receipts/receipt-keys.ts";
import { someContribution, someVolunteer } from "../store/store.contract.ts";
import { MemoryStore } from "../store/testing/memory-store.ts";
import { systemClock } from "./clock.ts";
import { ReceiptOffice } from "./receipt-office.ts";
import { NO_PARTS } from "./receipt-parts.ts";
import { SYSTEMATIC } from "./testing/small-job.ts";

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

async function open(tabs: readonly TabBehaviour[]): Promise<ShellWithTabs> {
  opened = await ShellWithTabs.open(tabs);
  // Half of the rows are checked.
  await opened.hasAskedFor(1_000);
  return opened;
}

const honest = (count: number): TabBehaviour[] => Array.from({ length: count }, () => ({}));

test("[RC4] the receipt of a job that has ended is signed, and all of it holds: rows, draws, answers", async () => {
  const world = await ShellWithTabs.open(
    honest(7),
    "plain",
    ReceiptKeys.inMemory(() => 0),
    true,
  );
  opened = world;
  await world.hasAskedFor(1_000);
  const jobId = await runSmallJob(world, { ...SYSTEMATIC, nonce: "mine" });
  const signed = await signedJob(world, jobId);
  const [link] = await world.signer.links();
  const pinnedKey = keyIdOf(bytesOfBase64(link!.publicKey));
  const checked = await checkSignedJob(signed, { pinnedKey });
  expect(checked.findings.filter(({ state }) => state !== "holds")).toEqual([]);
  expect(checksThat(checked, "holds")).toEqual([
    ...["form", "keys", "statements", "pinned", "commitment", "files", "rows", "answers", "counts", "batches"],
    ...["signatures", "draws", "bounds"],
  ]);
  const receipt = (await world.shell.receipt(jobId)) as InferenceReceipt;
  expect(checked.ended!.receipt).toEqual(JSON.parse(JSON.stringify(receipt)));
});

test("[RC4] it is the same, byte by byte, however often it is asked for, and after a restart", async () => {
  const world = await open(honest(6));
  const jobId = await runSmallJob(world, SYSTEMATIC);
  const before = await signedJob(world, jobId);
  expect(await signedJob(world, jobId)).toEqual(before);
  await world.restart();
  expect(await signedJob(world, jobId)).toEqual(before);
});

test("[RC4] a job that still runs has none; of one that ended before receipts were signed it is said", async () => {
  const world = await open(honest(6));
  const jobId = await runSmallJob(world, SYSTEMATIC);
  const record = (await world.store.job(jobId))!;
  await world.store.apply([{ kind: "job", job: { ...record, jobId: "of-before", finishedMs: -1 } }]);
  expect(await world.shell.sealedReceipt("of-before")).toBe("unsigned");
  expect(await world.shell.sealedReceipt("nobody-s")).toBeNull();
});

test("[RC7] what was committed to when the job began is what is opened when it has ended, nonce and queries in it", async () => {
  const world = await open(honest(6));
  const submitted: unknown[] = [];
  const submit = world.submit.bind(world);
  world.submit = async (submission) => {
    const reply = await submit(submission);
    submitted.push(reply);
    return reply;
  };
  const jobId = await runSmallJob(world, { ...SYSTEMATIC, nonce: "a-nonce" });
  const { ended } = await checkSignedJob(await signedJob(world, jobId));
  const { commitment } = submitted[0] as { commitment: string };
  expect(ended!.commitment).toMatchObject({ commitment, nonce: "a-nonce" });
  expect(ended!.opened).toBe(hexOf(world.signer.jobSecret(jobId)));
  expect(commitmentTo(world.signer.jobSecret(jobId), "a-nonce", ended!.commitment!.queries)).toBe(commitment);
  expect(
    checksThat(await checkSignedJob(await signedJob(world, jobId), { pinnedCommitment: commitment }), "broken"),
  ).toEqual([]);
});

const JOBS_MAX = 20;

test("[RC5] who is quarantined after a job's end is told in an amendment; a release in another", async () => {
  let lies = false;
  const tabs = honest(7);
  tabs[3] = { answers: ({ outputs }) => (lies ? outputs.map((value) => -value) : outputs) };
  const world = await open(tabs);
  const first = await runSmallJob(world, SYSTEMATIC);
  const before = await signedJob(world, first);
  lies = true;
  const isNamed = () => world.shell.volunteers().some(({ quarantine }) => quarantine !== null);
  // Six tabs do for a job: whether the seventh gets a batch of it is decided by who is free.
  for (let job = 0; job < JOBS_MAX && !isNamed(); job++) {
    await runSmallJob(world, { ...SYSTEMATIC, name: `another ${job}` });
  }
  const after = await signedJob(world, first);
  const checked = await checkSignedJob(after);
  expect(checksThat(checked, "broken")).toEqual([]);
  const { statements } = checked.sealed!;
  expect(statements[0]).toEqual(parsedReceipt(before).statements[0]);
  expect(statements.slice(1).map(({ body }) => body)).toMatchObject([
    { seq: 1, what: "quarantined", volunteerId: "volunteer-03", jobId: first },
  ]);
  expect(quarantinedSince(checked.sealed!)).toHaveLength(1);
  await world.shell.release("volunteer-03", "its owner wrote to us");
  const released = parsedReceipt(await signedJob(world, first));
  expect(released.statements[2]!.body).toMatchObject({ what: "released", reason: "its owner wrote to us" });
  expect(quarantinedSince(released)).toEqual([]);
  await world.restart();
  expect(parsedReceipt(await signedJob(world, first))).toEqual(released);
});

test("[RC6] of three thousand volunteers the statement fits all the same: who did what lies beside it, and amendments know", async () => {
  const store = new MemoryStore();
  const volunteerIds = Array.from({ length: 3_000 }, (_, i) => String(i).padStart(32, "0"));
  const quarantine = { atMs: 1, jobId: "large", roundIndex: 0, reason: "a wrong row" };
  const volunteers = volunteerIds.map((volunteerId, i) => ({
    volunteerId,
    nickname: "somebody with a long name",
    quarantine: i === 7 ? quarantine : null,
  }));
  const state = initialState();
  await store.apply(
    volunteerIds.slice(5, 10).map((volunteerId) => ({
      kind: "contribution",
      contribution: someContribution(volunteerId, { jobId: "large" }),
    })),
  );
  for (const i of [5, 7]) {
    const standing = { ...someVolunteer(volunteerIds[i]!), quarantine };
    state.volunteers.set(volunteerIds[i]!, standing as never);
  }
  const office = new ReceiptOffice({
    ...{ store, state, clock: systemClock(), signer: ReceiptKeys.inMemory(() => 0) },
    onProblem: (message, error) => {
      throw new Error(message, { cause: error });
    },
    receipt: async () => ({ jobId: "large", kind: "matmul", volunteers, finishedMs: 5 }) as never,
    parts: async () => NO_PARTS,
  });
  const sealed = (await office.sealed("large")) as SealedReceipt;
  const [first, ...amendments] = sealed.statements.map(({ body }) => body);
  expect(canonical(first).length).toBeLessThan(STATEMENT_BYTES_MAX);
  expect(first).toMatchObject({ volunteersAreBeside: true, receipt: { volunteers: [] } });
  const beside = await office.file("large", "volunteers.json");
  expect(JSON.parse(new TextDecoder().decode(beside!))).toEqual(volunteers);
  // The seventh was quarantined before; the fifth is since.
  expect(amendments).toMatchObject([{ what: "quarantined", volunteerId: volunteerIds[5] }]);
  const file = (name: string) => office.file("large", name);
  const given = { receipt: receiptFile(sealed), file, answers: null, pinnedKey: null, pinnedCommitment: null };
  expect(checksThat(await checkReceipt(given), "broken")).toEqual([]);
});
