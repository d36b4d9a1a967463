/** A coordinator as operators run it, in a process of its own, with one real job after another: what its process holds must not grow. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { startProcess } from "../../coordinators/coordinator-process.ts";
import { openAnsweringVolunteer } from "../../crowd/answering-volunteer.ts";
import { Submitter } from "../attacks/attacked-coordinator.ts";
import { answersTo, honestWork, wrongOf } from "../attacks/honest-job.ts";
import type { MemorySample } from "./memory-samples.ts";

const VOLUNTEERS = 3;
const QUERIES = 40;
/** Each comes back with a new key now and then. */
const JOBS_PER_KEY = 100;

export interface RealServiceOptions {
  readonly seed: number;
  readonly jobs: number;
  readonly samples: number;
  readonly onSample?: (sample: MemorySample) => void;
}

export interface RealServiceOutcome {
  readonly samples: readonly MemorySample[];
  /** Numbers of answers that are wrong. */
  readonly wrong: number;
}

/** @throws Error where a job fails */
export async function realService({ seed, jobs, samples, onSample }: RealServiceOptions): Promise<RealServiceOutcome> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-memory-"));
  const environment = { PARITAB_LOG_LEVEL: "silent" };
  const coordinator = await startProcess({ dataDirectory, environment, flags: ["--allow-faults"] });
  const { url } = coordinator;
  try {
    const work = await honestWork(QUERIES, seed);
    const answer = await answersTo(work, 0);
    const open = (n: number) => openAnsweringVolunteer(url, `volunteer ${n}`, answer, "cpu");
    const crowd = await Promise.all(Array.from({ length: VOLUNTEERS }, (_, n) => open(n)));
    const submitter = new Submitter(createParitabClient({ baseUrl: url }));
    const source = await submitter.upload(work.model, work.queries);
    const taken: MemorySample[] = [];
    let wrong = 0;
    for (let done = 1; done <= jobs; done++) {
      const jobId = await submitter.submitUploaded(source, { task: "regression" });
      wrong += (await wrongOf(work, submitter, jobId)).wrong;
      if (done % JOBS_PER_KEY === 0) {
        const n = (done / JOBS_PER_KEY) % VOLUNTEERS;
        crowd[n]!.stop();
        crowd[n] = await open(n);
      }
      if (done % Math.max(1, Math.floor(jobs / samples)) !== 0) continue;
      const sample = { jobs: done, ...(await heldBy(url)) };
      taken.push(sample);
      onSample?.(sample);
    }
    for (const volunteer of crowd) volunteer.stop();
    return { samples: taken, wrong };
  } finally {
    await coordinator.end("SIGTERM");
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

/** As the process itself counts. */
async function heldBy(url: string): Promise<Omit<MemorySample, "jobs">> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
  const heapBytes = figure("nodejs_heap_size_used_bytes") + figure("nodejs_external_memory_bytes");
  return { rssBytes: figure("process_resident_memory_bytes"), heapBytes };
}
