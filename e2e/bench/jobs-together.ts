/**
 * Inference jobs of several models through the real coordinator on virtual time, several at once in one crowd: whatever one job says of a
 * volunteer, the others believe. Shell, core, numerics, codes and audits are those of production; tabs and time are simulated.
 */
import { type RowsJob, rowsJob } from "../../server/kinds/inference/rows/core/rows-job.ts";
import { isProblem } from "../../server/web/coordinator-port.ts";
import { inferenceSubmissionSchema } from "../../shared/kinds/inference/submission.ts";
import type { VolunteerView } from "../../shared/protocol/crowd-api.ts";
import { encodeNpy, type NpyArray } from "../../shared/protocol/npy.ts";
import { violations } from "../proofs/simulator/invariants.ts";
import { openWorld, type WorldOptions } from "../proofs/simulator/simulated-world.ts";

/** What became of a job: `refused` before it began, `suspended` while it ran, by VF12 and VF14. */
export type Fate = "done" | "refused" | "suspended";

export interface JobAsked {
  readonly bundle: Uint8Array;
  /** n x input shape, as numbers of the model */
  readonly queries: NpyArray;
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface JobEnded<Asked extends JobAsked> {
  readonly asked: Asked;
  readonly jobId: string;
  readonly fate: Fate;
  /** By volunteer: rows that the coordinator computed again, and of them those that differed. */
  readonly audits: ReadonlyMap<string, { readonly rows: number; readonly failed: number }>;
}

export interface TogetherOptions<Asked extends JobAsked> extends WorldOptions {
  readonly atOnce: number;
  /** Asked whenever one more may run. @returns null: no more. */
  next(): Asked | null;
  onEnd(ended: JobEnded<Asked>): void;
}

/** The rules of SPEC.md are looked at after one happening in so many: each time would take hours for a hundred thousand batches. */
const LOOK_EVERY = 100;
const VIRTUAL_MS_MAX = 60 * 60_000;

/** @returns the crowd as it is at the end. @throws Error where a rule is broken, a job fails, or one does not end */
export async function runTogether<Asked extends JobAsked>(options: TogetherOptions<Asked>): Promise<VolunteerView[]> {
  const { seed, atOnce } = options;
  const { clock, shell, store, problems, settled, inTime } = await openWorld(options);
  const running = new Map<string, { readonly asked: Asked; readonly sinceMs: number }>();

  async function begin(asked: Asked): Promise<void> {
    const blobs = [store.putBlob(asked.bundle), store.putBlob(encodeNpy(asked.queries))] as const;
    const [modelSha256, queriesSha256] = await inTime(Promise.all(blobs));
    const source = { kind: "uploads", modelSha256, queriesSha256, inputScale: 1 };
    const submission = inferenceSubmissionSchema.parse({ kind: "inference", ...asked.settings, source });
    const reply = await inTime(shell.submit(submission));
    if (!isProblem(reply)) return void running.set(reply.jobId, { asked, sinceMs: clock.nowMs() });
    if (reply.code !== "unstable-model")
      throw new Error(`runTogether: expected the job to be accepted, got ${reply.message}`);
    options.onEnd({ asked, jobId: "", fate: "refused", audits: new Map() });
  }

  async function look(): Promise<void> {
    for (const [jobId, { asked, sinceMs }] of running) {
      const job = rowsJob(shell.state, jobId)!;
      const { state, suspended, error } = job.stored;
      if (state === "failed") throw new Error(`runTogether: seed ${seed}: ${jobId} failed: ${error}`);
      if (clock.nowMs() - sinceMs > VIRTUAL_MS_MAX) throw new Error(`runTogether: seed ${seed}: ${jobId} is stuck`);
      const isOver = state === "done" || suspended !== null;
      if (!isOver) continue;
      running.delete(jobId);
      if (suspended !== null) await inTime(shell.cancel(jobId));
      options.onEnd({ asked, jobId, fate: suspended === null ? "done" : "suspended", audits: auditsOf(job) });
    }
  }

  const stuck = () =>
    [...running.keys()]
      .map((jobId) => `${jobId} waits: ${shell.jobView(jobId)?.waitingFor ?? "for nothing"}`)
      .join("; ");

  let isMore = true;
  for (let happenings = 0; isMore || running.size > 0; happenings++) {
    while (isMore && running.size < atOnce) {
      const asked = options.next();
      isMore = asked !== null;
      if (asked !== null) await begin(asked);
    }
    if (running.size > 0 && !clock.next())
      throw new Error(`runTogether: seed ${seed}: nothing happens any more: ${stuck()}`);
    await settled();
    const broken = [...(happenings % LOOK_EVERY === 0 ? violations(shell.state) : []), ...problems];
    if (broken.length > 0) throw new Error(`runTogether: seed ${seed}: ${broken.join("; ")}`);
    await look();
  }
  const volunteers = shell.volunteers();
  shell.close();
  return [...volunteers];
}

function auditsOf({ contributions }: Pick<RowsJob, "contributions">): Map<string, { rows: number; failed: number }> {
  const audited = [...contributions.values()].map(
    ({ volunteerId, auditedRows, failedRows }) => [volunteerId, { rows: auditedRows, failed: failedRows }] as const,
  );
  return new Map(audited);
}
