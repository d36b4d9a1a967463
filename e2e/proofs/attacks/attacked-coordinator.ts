/** A real coordinator with its model processes, volunteers that look answers up, and submitters who have tokens of their own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../../server/config.ts";
import { openCompute } from "../../../server/open-compute.ts";
import { startCoordinator } from "../../../server/start-coordinator.ts";
import type { TrustedTimes } from "../../../server/trusted/trusted-times.ts";
import { encodeNpy, type NpyArray, parseNpy } from "../../../shared/protocol/npy.ts";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import {
  createParitabClient,
  type InferenceSubmissionInput,
  type ParitabClient,
} from "../../../shared/sdk/paritab-client.ts";
import { waitMs } from "../../../shared/sdk/patience.ts";
import { type Answerer, openAnsweringVolunteer } from "../../crowd/answering-volunteer.ts";
import type { HostileModel } from "./hostile-models.ts";

export interface AttackedCoordinator {
  readonly times: TrustedTimes;
  /** How many volunteers are quarantined now. */
  quarantined(): Promise<number>;
  /** Somebody with a token of their own. */
  submitter(name: string): Promise<Submitter>;
  close(): Promise<void>;
}

export interface AttackedOptions {
  readonly volunteers: number;
  readonly answer: Answerer;
  /** Processor time of one trial, where it is not the coordinator's own limit. */
  readonly trialMsMax?: number;
}

export async function attackedCoordinator({
  volunteers,
  answer,
  trialMsMax,
}: AttackedOptions): Promise<AttackedCoordinator> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-attack-"));
  const flags = ["--port", "0", "--data-dir", dataDirectory, "--allow-faults"];
  const config = readConfig({ PARITAB_LOG_LEVEL: "silent", PARITAB_AUTH: "on" }, flags);
  const coordinator = await startCoordinator(config, (submitterOf) =>
    openCompute({ ...config, submitterOf, ...(trialMsMax === undefined ? {} : { trialMsMax }) }),
  );
  const { url, adminToken } = coordinator;
  const administrator = createParitabClient({ baseUrl: url, token: adminToken! });
  const crowd = await Promise.all(
    Array.from({ length: volunteers }, (_, n) =>
      comingAgain(() => openAnsweringVolunteer(url, `volunteer ${n}`, answer, "cpu")),
    ),
  );
  return {
    times: coordinator.trustedTimes,
    async quarantined() {
      const found = await administrator.quarantines();
      return found.filter(({ quarantine }) => quarantine !== null).length;
    },
    async submitter(name) {
      const { token } = await administrator.createToken({ submitter: name, scopes: ["submit", "read", "cancel"] });
      return new Submitter(createParitabClient({ baseUrl: url, token }));
    },
    async close() {
      for (const volunteer of crowd) volunteer.stop();
      await coordinator.close();
      await rm(dataDirectory, { recursive: true });
    },
  };
}

/** Whoever is told to come back later does so for that long. */
const PATIENCE_MS_MAX = 600_000;
const COME_AGAIN_MS = 2_000;

/** A coordinator that runs late turns new tabs away: people open the page again. */
export async function comingAgain<T>(open: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += COME_AGAIN_MS) {
    try {
      return await open();
    } catch (error) {
      if (!/try again later/.test(String(error)) || waitedMs >= PATIENCE_MS_MAX) throw error;
      await waitMs(COME_AGAIN_MS);
    }
  }
}

/** Only queries as they are, so that answers can be looked up; audited like any other. */
const RAW_ROWS = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0 } as const;
type UploadedSource = Extract<InferenceSubmissionInput["source"], { kind: "uploads" }>;
type Settings = Partial<Omit<InferenceSubmissionInput, "kind" | "source">>;

export class Submitter {
  readonly client: ParitabClient;
  #toldToWait = 0;

  constructor(client: ParitabClient) {
    this.client = client;
  }

  /** How often it was told that the coordinator is busy, and came back when it was asked to. */
  get toldToWait(): number {
    return this.#toldToWait;
  }

  async #politely<T>(ask: () => Promise<T>): Promise<T> {
    for (let waitedMs = 0; ; ) {
      try {
        return await ask();
      } catch (error) {
        const { status, retryAfterMs } = error instanceof ParitabApiError ? error : { status: 0, retryAfterMs: null };
        if (status !== 503 || retryAfterMs === null || waitedMs >= PATIENCE_MS_MAX) throw error;
        this.#toldToWait++;
        await waitMs(retryAfterMs);
        waitedMs += retryAfterMs;
      }
    }
  }

  /** @returns what a submission names them by */
  async upload({ files }: Pick<HostileModel, "files">, queries: NpyArray): Promise<UploadedSource> {
    const { modelSha256 } = await this.#politely(() => this.client.uploadModel(files));
    const npy = encodeNpy(queries);
    const { tensorSha256: queriesSha256 } = await this.#politely(() => this.client.uploadTensor(npy));
    return { kind: "uploads", modelSha256, queriesSha256, inputScale: queries.dtype === "U8" ? 1 / 255 : 1 };
  }

  /** @returns the job's id @throws ParitabApiError where it is refused */
  async submitUploaded(source: UploadedSource, settings: Settings = {}): Promise<string> {
    const submission = { kind: "inference", ...RAW_ROWS, ...settings, source } as const;
    const { jobId } = await this.#politely(() => this.client.submit(submission));
    return jobId;
  }

  async submit(model: Pick<HostileModel, "files">, queries: NpyArray, settings: Settings = {}): Promise<string> {
    return this.submitUploaded(await this.upload(model, queries), settings);
  }

  /** Waits for its end. @returns outputs, n x C */
  async outputsOf(jobId: string): Promise<Float32Array> {
    for await (const job of this.client.watch(jobId)) {
      if (job.state === "failed") throw new Error(`the job failed: ${job.error}`);
    }
    return parseNpy(await this.client.answersFile(jobId, "npy")).data as Float32Array;
  }
}

/** n queries of that shape: every entry a byte from the seed, none 0. */
export function byteQueries(count: number, shape: readonly number[], seed: number): NpyArray {
  const size = shape.reduce((product, length) => product * length, count);
  const data = Uint8Array.from({ length: size }, (_, i) => 1 + ((((i + seed) * 2_654_435_761) >>> 24) % 255));
  return { dtype: "U8", shape: [count, ...shape], data };
}
