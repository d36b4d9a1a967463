/** A receipt with all that one can have: two keys, two amendments, a liar that was caught on the way, files beside it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReceiptKeys, rotateKey } from "../../../server/receipts/receipt-keys.ts";
import { SYSTEMATIC } from "../../../server/shell/testing/small-job.ts";
import { ShellWithTabs, type TabBehaviour } from "../../crowd/shell-with-tabs.ts";
import { runSmallJob, type SignedJob, signedJob } from "../../crowd/signed-job.ts";

/** Chance decides who is given batches of a job: so many jobs without one for a certain tab do not happen. */
const JOBS_MAX = 40;

export async function amendedJob(): Promise<SignedJob> {
  const folder = mkdtempSync(join(tmpdir(), "paritab-receipts-"));
  let liar: number | null = 6;
  const tabs = Array.from(
    { length: 8 },
    (_, tab): TabBehaviour => ({
      // Not in every row: that would be a device that computes wrong.
      answers: ({ outputs, assignment: { outputSize } }) =>
        liar === tab ? outputs.map((value, at) => (Math.floor(at / outputSize) % 2 === 0 ? -value : value)) : outputs,
    }),
  );
  const world = await ShellWithTabs.open(tabs, "plain", await ReceiptKeys.open(folder, () => 1_000), true);
  try {
    await world.hasAskedFor(1_000_000);
    const jobId = await runSmallJob(world, { ...SYSTEMATIC, nonce: "a-nonce" });
    await signedJob(world, jobId);
    const namedCount = () => world.shell.volunteers().filter(({ quarantine }) => quarantine !== null).length;
    // Who took part in the job and was honest in it: an amendment tells of no other.
    const [second, third] = [...new Set(world.batches.map(({ tab }) => tab))].filter((tab) => tab !== liar);
    for (const next of [second!, third!]) {
      liar = next;
      const before = namedCount();
      for (let job = 0; job < JOBS_MAX && namedCount() === before; job++) await runSmallJob(world, SYSTEMATIC);
      await signedJob(world, jobId);
      if (next === second) await rotateKey(folder, 2_000);
    }
    return await signedJob(world, jobId);
  } finally {
    world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
