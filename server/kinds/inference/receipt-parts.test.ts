import { expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { checkSignedJob, signedJob } from "../../../e2e/crowd/signed-job.ts";
import { ReceiptKeys } from "../../receipts/receipt-keys.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../shell/testing/small-job.ts";
import { allAppends } from "../../store/store.contract.ts";
import { isProblem } from "../../web/coordinator-port.ts";

/** Chance says how far a job is when the process ends. */
const JOBS_MAX = 40;

async function sourceIn(world: ShellWithTabs) {
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
  ]);
  return { kind: "uploads", modelSha256, queriesSha256 };
}

test("[RC9] signatures are kept with their rows: a restart in the middle of a job loses none", async () => {
  const signer = ReceiptKeys.inMemory(() => 0, "5e".repeat(32));
  const world = await ShellWithTabs.open(
    Array.from({ length: 6 }, () => ({})),
    "plain",
    signer,
    true,
  );
  try {
    await world.hasAskedFor(1_000_000);
    const source = await sourceIn(world);
    const restartInside = async (): Promise<string | null> => {
      const reply = await world.submit({ ...SYSTEMATIC, source });
      if (isProblem(reply)) throw new Error(reply.message);
      const isStored = async () => (await allAppends(world.store, reply.jobId)).length > 0;
      while (!(await isStored())) await new Promise((done) => setImmediate(done));
      const wasAtWork = world.shell.jobView(reply.jobId)?.finishedMs === null;
      await world.restart();
      await world.ended(reply.jobId);
      return wasAtWork ? reply.jobId : null;
    };
    let jobId: string | null = null;
    for (let jobs = 0; jobs < JOBS_MAX && jobId === null; jobs++) jobId = await restartInside();
    const { findings } = await checkSignedJob(await signedJob(world, jobId!));
    const signatures = findings.find(({ check }) => check === "signatures");
    expect(signatures).toMatchObject({ state: "holds", text: expect.not.stringContaining("not signed") });
  } finally {
    world.close();
  }
});
