/** Streams on virtual time, for benches: opened, posted to as fast as they are answered, and closed. */
import { type InferenceJob, inferenceJob } from "../../server/kinds/inference/core/job.ts";
import { isProblem } from "../../server/web/coordinator-port.ts";
import { inferenceSubmissionSchema } from "../../shared/kinds/inference/submission.ts";
import { denseClassifier, INPUT_SIZE } from "../proofs/simulator/simulated-inference.ts";
import type { SimulatedWorld } from "../proofs/simulator/simulated-world.ts";

/** Queries that are posted together, and that may be on their way. */
const POST_ROWS = 200;
const UNANSWERED_MAX = 400;

export interface OpenStream {
  readonly answerBound: number;
  /** Groups of a full window. */
  readonly groupsPerRound: number;
  readonly crossChecks: "no" | "yes";
  readonly finalWithinMs?: number;
}

/** @returns its jobId. @throws Error where it is refused */
export async function openedStream(world: SimulatedWorld, stream: OpenStream): Promise<string> {
  const { answerBound, groupsPerRound, ...source } = stream;
  const modelSha256 = await world.inTime(world.store.putBlob(denseClassifier()));
  const submission = inferenceSubmissionSchema.parse({
    kind: "inference",
    source: { kind: "stream", modelSha256, closeAfterMs: 0, ...source },
    ...{ scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, groupsPerRound, answerBound },
  });
  const reply = await world.inTime(world.shell.submit(submission));
  if (isProblem(reply)) throw new Error(`openedStream: expected the stream to be accepted, got ${reply.message}`);
  return reply.jobId;
}

export interface Posted {
  readonly jobId: string;
  /** count x INPUT_SIZE */
  readonly queries: Float32Array;
}

/**
 * All queries are posted, as fast as they are answered, and are answered then.
 * @param observe after each post, and at the end
 */
export async function answered(
  world: SimulatedWorld,
  streams: readonly Posted[],
  observe: () => Promise<void> = async () => {},
): Promise<void> {
  const left = streams.map(({ jobId, queries }) => ({ jobId, queries, rows: queries.length / INPUT_SIZE, posted: 0 }));
  const jobOf = ({ jobId }: Posted) => inferenceJob(world.shell.state, jobId);
  const isNext = (stream: (typeof left)[number]) =>
    stream.posted < stream.rows && stream.posted - rowsDone(jobOf(stream)) <= UNANSWERED_MAX - POST_ROWS;
  while (left.some(({ posted, rows }) => posted < rows)) {
    await until(world, () => left.some(isNext));
    const stream = left.find(isNext)!;
    const { posted, queries } = stream;
    stream.posted = Math.min(stream.rows, posted + POST_ROWS);
    const values = Array.from({ length: stream.posted - posted }, (_, n) => ({
      values: queries.subarray((posted + n) * INPUT_SIZE, (posted + n + 1) * INPUT_SIZE),
    }));
    const reply = await world.inTime(world.shell.desks.inference.postQueries(stream.jobId, values, posted));
    if (isProblem(reply)) throw new Error(`answered: ${reply.message}`);
    await observe();
  }
  const isAnswered = (stream: (typeof left)[number]) => {
    const job = jobOf(stream);
    return job !== undefined && rowsDone(job) === stream.rows && job.openRounds.size === 0 && job.toRedo.size === 0;
  };
  await until(world, () => left.every(isAnswered));
  await observe();
}

/** It takes no more queries, and has ended then. */
export async function closed(world: SimulatedWorld, jobId: string): Promise<void> {
  await world.inTime(world.shell.stop(jobId));
  await until(world, () => inferenceJob(world.shell.state, jobId)?.stored.state === "done");
}

/** In durable rounds: all but those of the few that are open. */
export function rowsDone(job: InferenceJob | undefined): number {
  if (job === undefined || job.schedule.roundCount === 0) return 0;
  let { endPlace: rows } = job.schedule.planOf(job.schedule.roundCount - 1);
  for (const { plan } of job.openRounds.values()) rows -= plan.endPlace - plan.firstPlace;
  return rows;
}

/** @throws Error where the shell has something to say, or nothing is due any more */
export async function until({ advance, problems }: SimulatedWorld, isThere: () => boolean): Promise<void> {
  while (!isThere()) {
    if (problems.length > 0) throw new Error(`streams: ${problems.join("; ")}`);
    if (!(await advance())) throw new Error("streams: the stream is stuck");
  }
}
