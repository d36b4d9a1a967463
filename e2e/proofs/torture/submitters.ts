/** Those who submit, read, upload and cancel while the coordinator is killed under them, and take down what they are told. */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { RandomSource } from "../../../shared/random/random.ts";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { submissionKey } from "../../../shared/sdk/submit-once.ts";
import { type KnownWork, TRAINING } from "./known-work.ts";
import type { Findings, Ledger, LedgerJob } from "./ledger.ts";

const INFERENCE_AT_WORK = 3;
const GRADIENTS_AT_WORK = 1;
/** One job in so many is cancelled while it runs. */
const CANCELLED_ONE_IN = 8;
const PAUSE_MS = 25;
const UPLOAD_PAUSE_MS = 120;
const ASK_AGAIN_MS = 30;
const ASKED_MAX = 100;

interface Pending {
  readonly kind: LedgerJob["kind"];
  readonly digits: LedgerJob["digits"];
  readonly send: (key: string) => Promise<{ jobId: string }>;
}

export class Submitters {
  readonly #client: ParitabClient;
  readonly #url: string;
  readonly #work: KnownWork;
  readonly #ledger: Ledger;
  readonly #findings: Findings;
  readonly #random: RandomSource;
  /** By key: submissions whose answer has not come. They may have been accepted. */
  readonly #pending = new Map<string, Pending>();
  readonly #halfSent: Socket[] = [];
  #training: Promise<{ featuresSha256: string; labelsSha256: string }> | null = null;
  #isOver = true;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(url: string, work: KnownWork, ledger: Ledger, findings: Findings, random: RandomSource) {
    this.#url = url;
    this.#client = createParitabClient({ baseUrl: url });
    this.#work = work;
    this.#ledger = ledger;
    this.#findings = findings;
    this.#random = random;
  }

  get client(): ParitabClient {
    return this.#client;
  }

  /** A coordinator has just started: what was never answered is sent again, and what was answered must hold. */
  async check(): Promise<void> {
    for (const key of [...this.#pending.keys()]) await asked(() => this.#send(key));
    await asked(() => this.#ledger.check(this.#client));
  }

  /** Until the coordinator dies. */
  begin(): void {
    this.#isOver = false;
    const loops = [this.#submitting(), this.#reading(), this.#uploading()];
    this.#loops = Promise.all(loops);
  }

  /** Resolves when every call has had its answer or its failure. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const socket of this.#halfSent.splice(0)) socket.destroy();
    await this.#loops;
  }

  /** Nothing new any more; resolves when every job has ended. @returns those that did not in time */
  async finish(msMax: number): Promise<string[]> {
    const untilMs = performance.now() + msMax;
    const atWork = () => [...this.#ledger.atWork("inference"), ...this.#ledger.atWork("regression")];
    while (atWork().length > 0 && performance.now() < untilMs) {
      for (const job of atWork()) await asked(() => this.#look(job));
      await sleep(PAUSE_MS * 4);
    }
    return atWork().map(({ jobId }) => jobId);
  }

  async #submitting(): Promise<void> {
    while (!this.#isOver) {
      await this.#tried(async () => {
        if (this.#ledger.atWork("inference").length < INFERENCE_AT_WORK) await this.#submitInference();
        if (this.#ledger.atWork("regression").length < GRADIENTS_AT_WORK) await this.#submitGradient();
      });
      await sleep(PAUSE_MS);
    }
  }

  async #submitInference(): Promise<void> {
    const count = 40 + this.#random.integer(160);
    const from = this.#random.integer(this.#work.digitCount - count);
    const settings = { queriesPerGroup: 2, stragglers: 1, liars: 1 + this.#random.integer(4) };
    const source = { kind: "sample", sample: "mnist", queryStart: from, queryCount: count } as const;
    await this.#submit("inference", { from, count }, (key) =>
      this.#client.submit({ kind: "inference", source, ...settings }, undefined, key),
    );
  }

  async #submitGradient(): Promise<void> {
    this.#training ??= this.#uploadTraining();
    this.#training.catch(() => (this.#training = null));
    const hashes = await this.#training;
    const code = { dataVolunteers: 2, stragglers: 1, liars: 1, validationShare: 0 } as const;
    const source = { kind: "uploads", ...hashes } as const;
    await this.#submit("regression", { from: 0, count: 0 }, (key) =>
      this.#client.submit({ kind: "regression", source, ...code, ...TRAINING }, undefined, key),
    );
  }

  async #uploadTraining() {
    const features = await this.#client.uploadTensor(this.#work.featuresNpy);
    const labels = await this.#client.uploadTensor(this.#work.labelsNpy);
    for (const { tensorSha256 } of [features, labels]) this.#ledger.uploads.add(tensorSha256);
    return { featuresSha256: features.tensorSha256, labelsSha256: labels.tensorSha256 };
  }

  async #submit(kind: Pending["kind"], digits: Pending["digits"], send: Pending["send"]): Promise<void> {
    const key = submissionKey();
    this.#pending.set(key, { kind, digits, send });
    await this.#send(key);
  }

  async #send(key: string): Promise<void> {
    const { kind, digits, send } = this.#pending.get(key)!;
    const { jobId } = await send(key);
    this.#pending.delete(key);
    this.#ledger.submitted(jobId, kind, digits);
  }

  async #reading(): Promise<void> {
    while (!this.#isOver) {
      const atWork = [...this.#ledger.atWork("inference"), ...this.#ledger.atWork("regression")];
      const job = atWork[this.#random.integer(Math.max(1, atWork.length))];
      if (job !== undefined) {
        await this.#tried(() => this.#look(job));
        if (job.ended === null && this.#random.integer(CANCELLED_ONE_IN * 10) === 0) {
          await this.#tried(() => this.#cancel(job));
        }
      }
      await sleep(PAUSE_MS);
    }
  }

  async #look(job: LedgerJob): Promise<void> {
    await this.#ledger.look(this.#client, job, await this.#client.job(job.jobId));
  }

  async #cancel(job: LedgerJob): Promise<void> {
    const { state } = await this.#client.cancel(job.jobId);
    // A job that was about to end anyway says so.
    if (state === "cancelled") job.isCancelled = true;
  }

  async #uploading(): Promise<void> {
    while (!this.#isOver) {
      this.#halfSend();
      const count = 1 + this.#random.integer(50);
      const from = this.#random.integer(this.#work.digitCount - count);
      await this.#tried(async () => {
        const { tensorSha256 } = await this.#client.uploadTensor(this.#work.digitsNpy(from, count));
        this.#ledger.uploads.add(tensorSha256);
      });
      await sleep(UPLOAD_PAUSE_MS);
    }
  }

  /** A body that never comes to its end. */
  #halfSend(): void {
    if (this.#halfSent.length > 3) this.#halfSent.shift()!.destroy();
    const { hostname, port, host } = new URL(this.#url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    socket.write(
      `POST /api/tensors HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/octet-stream\r\ncontent-length: 400000\r\n\r\n`,
    );
    socket.write(Buffer.alloc(100_000, 1));
    this.#halfSent.push(socket);
  }

  /** A call that a kill may cut off. Any other refusal is a finding. */
  async #tried(call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (isCutOff(error)) return;
      this.#findings.wrong(`a client was told: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Not reached; or so busy that it says to come later; or a job that ended in between. */
function isCutOff(error: unknown): boolean {
  return error instanceof ParitabApiError && (error.status === 0 || error.status === 503 || error.status === 409);
}

/** Asked again for as long as a coordinator that has started may still be busy with starting. */
async function asked(call: () => Promise<void>): Promise<void> {
  for (let left = ASKED_MAX; ; left--) {
    try {
      return await call();
    } catch (error) {
      if (!isCutOff(error) || left === 0) throw error;
      await sleep(ASK_AGAIN_MS);
    }
  }
}
