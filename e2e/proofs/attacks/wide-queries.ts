/** Queries as large as inspection lets through, for a model that costs nothing: what the coordinator itself holds of them on trial. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { peakBytesOf } from "../../../server/trusted/process-usage.ts";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import { createParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { startProcess } from "../../coordinators/coordinator-process.ts";
import type { AttackOptions, AttackReport } from "./attack-report.ts";
import { byteQueries, Submitter } from "./attacked-coordinator.ts";
import { dense, globalMean, sequence } from "./hostile-models.ts";

const MIB = 1024 * 1024;
/** Sides of a picture, and how many there are: in the long form all that an upload may hold. */
const SIZES = { short: { side: 2_048, count: 24 }, long: { side: 4_096, count: 31 } };
/** An upload lies in memory as it came, as it was read, and shared with threads; rows of a trial some times beside it. */
const COPIES_MAX = 4;
const TRIAL_BYTES_MAX = 640 * MIB;

/** @returns whether its process stayed within what an upload takes; on Linux, which says how much it held at most */
export async function wide({ seed, isLong }: AttackOptions): Promise<AttackReport> {
  const { side, count } = SIZES[isLong ? "long" : "short"];
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-wide-"));
  const coordinator = await startProcess({ dataDirectory, environment: { PARITAB_LOG_LEVEL: "silent" } });
  try {
    const submitter = new Submitter(createParitabClient({ baseUrl: coordinator.url }));
    const model = sequence([side, side, 1], [globalMean, dense(2, 1)]);
    const before = peakBytesOf(coordinator.pid);
    const settings = { task: "regression", ifUnstable: "unchecked" } as const;
    const fate = await submitter.submit(model, byteQueries(count, model.inputShape, seed), settings).then(
      () => "accepted",
      (error: unknown) => {
        if (!(error instanceof ParitabApiError)) throw error;
        return `refused (${error.message})`;
      },
    );
    const grown = peakBytesOf(coordinator.pid) - before;
    const uploadBytes = count * side * side;
    const inMib = (bytes: number) => `${Math.round(bytes / MIB)} MiB`;
    return {
      before: "all rows of a trial as floats at once, several times over: 96 MiB of queries made it grow by 1186 MiB",
      after: `${fate}; ${inMib(uploadBytes)} of queries, the coordinator grew by ${inMib(grown)} at most`,
      holds: grown <= COPIES_MAX * uploadBytes + TRIAL_BYTES_MAX,
    };
  } finally {
    await coordinator.end("SIGTERM");
    await rm(dataDirectory, { recursive: true, force: true });
  }
}
