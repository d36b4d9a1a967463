/** A real coordinator with its model processes, volunteers that look answers up, and submitters who have tokens of their own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../../server/config.ts";
import { openCompute } from "../../../server/open-compute.ts";
import { startCoordinator } from "../../../server/start-coordinator.ts";
import type { TrustedTimes } from "../../../server/trusted/trusted-times.ts";
import { encodeNpy, type NpyArray, parseNpy } from "../../../shared/protocol/npy.ts";
import {
  createParitabClient,
  type InferenceSubmissionInput,
  type ParitabClient,
} from "../../../shared/sdk/paritab-client.ts";
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
    Array.from({ length: volunteers }, (_, n) => openAnsweringVolunteer(url, `volunteer ${n}`, answer)),
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

/** Only queries as they are, so that answers can be looked up; audited like any other. */
const RAW_ROWS = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0 } as const;
type UploadedSource = Extract<InferenceSubmissionInput["source"], { kind: "uploads" }>;
type Settings = Partial<Omit<InferenceSubmissionInput, "kind" | "source">>;

export class Submitter {
  readonly client: ParitabClient;

  constructor(client: ParitabClient) {
    this.client = client;
  }

  /** @returns what a submission names them by */
  async upload({ files }: Pick<HostileModel, "files">, queries: NpyArray): Promise<UploadedSource> {
    const { modelSha256 } = await this.client.uploadModel(files);
    const { tensorSha256: queriesSha256 } = await this.client.uploadTensor(encodeNpy(queries));
    return { kind: "uploads", modelSha256, queriesSha256, inputScale: queries.dtype === "U8" ? 1 / 255 : 1 };
  }

  /** @returns the job's id @throws ParitabApiError where it is refused */
  async submitUploaded(source: UploadedSource, settings: Settings = {}): Promise<string> {
    const { jobId } = await this.client.submit({ kind: "inference", ...RAW_ROWS, ...settings, source });
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
