/**
 * A coordinator that serves for a long time, on virtual time: one small job after another, volunteers who come and go, some for good,
 * jobs of each scheme, some of them cancelled. What it holds must not grow with the jobs that it has had.
 */
import { isProblem } from "../../../server/web/coordinator-port.ts";
import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { type InferenceSubmission, inferenceSubmissionSchema } from "../../../shared/kinds/inference/submission.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { exponential, randomAt } from "../../../shared/random/simulation-random.ts";
import { HONEST } from "../../crowd/tab-faults.ts";
import { openWorld } from "../simulator/simulated-world.ts";
import { type MemorySample, sampleOfThis } from "./memory-samples.ts";

const TABS = 9;
const QUERIES = 12;
const INPUT_SIZE = 4;
/** Of the store: a disk has them, memory must not. */
const JOBS_STORED = 300;
const CANCELLED_SHARE = 0.1;
const STAYS_MS_MEAN = 20_000;
/** Who opens the page between two jobs, each with a key of its own, and is gone before it has done anything. */
const STRANGERS = 2;
const MS_PER_HOUR = 3_600_000;
const JOB_DRAW = 90;

const SUBMISSIONS: readonly Partial<InferenceSubmission>[] = [
  { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 1, completion: "exact" },
  { scheme: "systematic", queriesPerGroup: 3, stragglers: 1, liars: 0, completion: "fast" },
  { scheme: "uncoded", queriesPerGroup: 2, stragglers: 0, liars: 0 },
  { scheme: "replication", queriesPerGroup: 2, stragglers: 0, liars: 1 },
  { scheme: "spline", queriesPerGroup: 4, stragglers: 1, liars: 1 },
];

export interface ServiceOptions {
  readonly seed: number;
  readonly jobs: number;
  /** Virtual: what all jobs take together, with the pauses between them. */
  readonly hours: number;
  readonly samples: number;
  readonly onSample?: (sample: MemorySample) => void;
}

export interface ServiceOutcome {
  readonly samples: readonly MemorySample[];
  readonly virtualHours: number;
  /** By how they ended. */
  readonly ends: ReadonlyMap<string, number>;
}

/** @throws Error where a job is refused, or does not end */
export async function simulatedService({
  seed,
  jobs,
  hours,
  samples,
  onSample,
}: ServiceOptions): Promise<ServiceOutcome> {
  const runtime = createPlainRuntime();
  const world = await openWorld({
    seed,
    load: (bundle) => runtime.load(bundle),
    tabs: Array.from({ length: TABS }, (_, tab) => ({
      ...HONEST,
      isLiar: tab === 0,
      // A liar is remembered for good, so that there is one of it.
      sleepsFor: 50,
      straggleProbability: tab === 1 ? 0.2 : 0,
      lossProbability: tab === 2 ? 0.01 : 0,
      staysMsMean: tab < 4 ? STAYS_MS_MEAN : null,
    })),
  });
  const { clock, shell, store, settled, inTime } = world;
  const random = randomAt(seed, JOB_DRAW);
  const noise = (count: number) => Float32Array.from({ length: count }, () => random.uniform() - 0.5);
  const bundle = packDenseModel([{ kernel: noise(INPUT_SIZE * 3), bias: noise(3), activation: "linear" }]);
  const [modelSha256, queriesSha256] = await inTime(
    Promise.all([
      store.putBlob(bundle),
      store.putBlob(encodeNpy({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: noise(QUERIES * INPUT_SIZE) })),
    ]),
  );
  const source = { kind: "uploads", modelSha256, queriesSha256, inputScale: 1 };
  const ends = new Map<string, number>();
  const stored: string[] = [];
  const taken: MemorySample[] = [];

  async function runJob(): Promise<string> {
    const settings = SUBMISSIONS[random.integer(SUBMISSIONS.length)]!;
    const submission = inferenceSubmissionSchema.parse({
      kind: "inference",
      ...settings,
      source,
    });
    const reply = await inTime(shell.submit(submission));
    if (isProblem(reply)) throw new Error(`simulatedService: seed ${seed}: a job was refused: ${reply.message}`);
    const { jobId } = reply;
    if (random.uniform() < CANCELLED_SHARE) await shell.cancel(jobId);
    const view = () => shell.jobView(jobId)!;
    while (view().finishedMs === null) {
      if (!clock.next()) throw new Error(`simulatedService: seed ${seed}: job ${jobId} is stuck`);
      await settled();
    }
    ends.set(view().state, (ends.get(view().state) ?? 0) + 1);
    return jobId;
  }

  async function strangersLookIn(done: number): Promise<void> {
    for (let n = 0; n < STRANGERS; n++) {
      const sessionId = `stranger-${done}-${n}`;
      const about = { nickname: "", team: "", backend: "plain", addressPrefix: null, invitation: null } as const;
      const ignored = () => {};
      const link = {
        ...{ welcome: ignored, credit: ignored, unfit: ignored },
        ...{ assignment: ignored, cancel: ignored, refused: ignored },
      };
      shell.tabs.sessionOpened({ sessionId, volunteerId: `key of ${sessionId}`, ...about }, link);
      await settled();
      shell.tabs.sessionClosed(sessionId);
    }
  }

  for (let done = 1; done <= jobs; done++) {
    stored.push(await runJob());
    await strangersLookIn(done);
    await inTime(clock.sleep(exponential(random, (hours * MS_PER_HOUR) / jobs)));
    if (stored.length > JOBS_STORED) store.forgetJob(stored.shift()!);
    if (done % Math.max(1, Math.floor(jobs / samples)) !== 0) continue;
    // No job is at work: what none refers to can go, as housekeeping has it.
    await inTime(store.collectBlobs(new Set(), 0));
    const sample = sampleOfThis(done);
    taken.push(sample);
    onSample?.(sample);
  }
  if (world.problems.length > 0) throw new Error(`simulatedService: seed ${seed}: ${world.problems[0]}`);
  const virtualHours = clock.nowMs() / MS_PER_HOUR;
  shell.close();
  return { samples: taken, virtualHours, ends };
}
