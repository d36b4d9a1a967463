/**
 * One simulated run, all of it drawn from a seed: a crowd with faults, jobs, crashes and restarts, on virtual time, with
 * the coordinator's own core, job code and shell. Invariants are checked after everything that happens.
 */

import type { CoordinatorEvent } from "../../server/coordinator/events.ts";
import { type CoordinatorSettings, initialState, SETTINGS_DEFAULT } from "../../server/coordinator/state.ts";
import { step } from "../../server/coordinator/step.ts";
import { stateFingerprint } from "../../server/coordinator/testing/state-fingerprint.ts";
import { CoordinatorShell } from "../../server/shell/coordinator-shell.ts";
import { MemoryStore } from "../../server/store/memory-store.ts";
import { StoreError } from "../../server/store/store.ts";
import { isProblem } from "../../server/web/coordinator-port.ts";
import { packDenseModel } from "../../shared/compute/dense-model.ts";
import { hashNoise } from "../../shared/compute/hash-noise.ts";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { createPlainRuntime } from "../../shared/compute/plain-runtime.ts";
import { type InferenceSubmission, inferenceSubmissionSchema, type Submission } from "../../shared/protocol/api.ts";
import { type GradientSubmission, gradientSubmissionSchema } from "../../shared/protocol/gradient-api.ts";
import { type MatmulSubmission, matmulSubmissionSchema } from "../../shared/protocol/matmul-api.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { exponential, normal, randomAt, simulationRandom } from "../../shared/random/simulation-random.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../shared/verify/compare-rows.ts";
import { violations } from "./invariants.ts";
import { modelledExecutor, TASK_MS, type TaskTimes } from "./modelled-executor.ts";
import { modelledMaster } from "./modelled-master.ts";
import {
  type ProductOutcome,
  productOutcome,
  type SimulatedMatrices,
  simulatedMatrices,
} from "./simulated-matrices.ts";
import { SimulatedTab, type TabFaults } from "./simulated-tab.ts";
import {
  type SimulatedTraining,
  simulatedTraining,
  type TrainingOutcome,
  trainingOutcome,
} from "./simulated-training.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly tabs?: number;
  readonly faults?: (tab: number) => TabFaults;
  readonly jobs?: readonly Partial<InferenceSubmission>[];
  readonly gradientJobs?: readonly Partial<GradientSubmission>[];
  readonly matmulJobs?: readonly Partial<MatmulSubmission>[];
  readonly queryCount?: number;
  /** Mean virtual ms between crashes; null: none. */
  readonly crashMsMean?: number | null;
  /** Share of writes that the store refuses. */
  readonly refusalShare?: number;
  readonly taskMs?: TaskTimes;
  readonly settings?: Partial<CoordinatorSettings>;
  /** Called after every happening, with the coordinator that is up. */
  readonly observe?: (shell: CoordinatorShell, nowMs: number) => void;
}

export interface SimulationReport {
  readonly seed: number;
  readonly happenings: number;
  readonly virtualMs: number;
  readonly crashes: number;
  readonly violations: readonly string[];
  readonly jobs: readonly {
    jobId: string;
    scheme: string;
    state: string;
    waitingFor: string | null;
    answers: number;
    exactOrAudited: number;
    wrongExactOrAudited: number;
    missing: number;
    final: number;
    wrongFinal: number;
  }[];
  readonly trainings: readonly TrainingOutcome[];
  readonly products: readonly ProductOutcome[];
  readonly quarantined: readonly string[];
  /** Of them those that never lied. */
  readonly falselyQuarantined: readonly string[];
  /** Of everything that happened: the same seed gives the same. */
  readonly traceHash: string;
}

/** A run that takes longer than this in virtual time is stuck. */
const VIRTUAL_MS_MAX = 30 * 60_000;
const HAPPENINGS_MAX = 400_000;
const INPUT_SIZE = 8;
const CLASSES = 4;
const MODEL_SEED = 77;
const PARITY_SEED = 78;
const STORE_MS_MEAN = 2;
const HALF_DEVIATION = 0.004;
const HALF_SEED = 79;

export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const run = new Simulation(options);
  return run.toEnd();
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #clock = new VirtualClock();
  readonly #store: MemoryStore;
  readonly #model = denseClassifier();
  readonly #queries: Float32Array;
  readonly #tabs: SimulatedTab[];
  readonly #violations: string[] = [];
  #shell: CoordinatorShell | null = null;
  #events: CoordinatorEvent[] = [];
  #crashes = 0;
  #happenings = 0;
  #trace = "";
  #jobIds: string[] = [];
  readonly #training: SimulatedTraining;
  readonly #matrices: SimulatedMatrices;
  /** Of matrix jobs too. */
  #gradientJobIds: string[] = [];
  #tokens = 0;
  #asked: Promise<void>[] = [];

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { seed } = options;
    let writes = 0;
    this.#store = new MemoryStore({
      settle: async () => {
        const random = randomAt(seed, 2, writes++);
        await this.#clock.sleep(exponential(random, STORE_MS_MEAN));
        if (random.uniform() < (options.refusalShare ?? 0)) throw new StoreError("injected: the disk is full");
      },
    });
    this.#training = simulatedTraining(seed);
    this.#matrices = simulatedMatrices(seed);
    this.#queries = clusteredQueries(seed, options.queryCount ?? 48);
    const world = { clock: this.#clock, seed, coordinator: () => this.#shell };
    const faults = options.faults ?? ((tab: number) => drawFaults(seed, tab));
    this.#tabs = Array.from({ length: options.tabs ?? 12 }, (_, tab) => new SimulatedTab(world, tab, faults(tab)));
  }

  async toEnd(): Promise<SimulationReport> {
    await this.#start();
    for (const tab of this.#tabs)
      this.#clock.after(exponential(randomAt(this.#options.seed, 3, tab.tab), 50), () => tab.connect());
    await this.#submitAll();
    this.#scheduleCrash(0);
    while (!this.#allEnded() && this.#clock.nowMs() < VIRTUAL_MS_MAX && this.#happenings < HAPPENINGS_MAX) {
      if (!this.#clock.next()) break;
      this.#happenings++;
      await settled();
      this.#check();
      if (this.#violations.length > 0) break;
    }
    this.#checkReplay();
    return this.#report();
  }

  async #start(): Promise<void> {
    this.#events = [];
    const { seed } = this.#options;
    const incarnation = this.#crashes;
    const shell = new CoordinatorShell({
      clock: this.#clock,
      store: this.#store,
      executor: modelledExecutor(
        this.#clock,
        simulationRandom(seed * 1_000 + incarnation),
        this.#options.taskMs ?? TASK_MS,
      ),
      secretRandom: simulationRandom(seed * 1_000 + 500 + incarnation),
      settings: { ...SETTINGS_DEFAULT, ...this.#options.settings },
      makeToken: () => `token-${String(this.#tokens++).padStart(20, "0")}`,
      gradientSample: () => Promise.reject(new Error("the simulator has no samples")),
      openMaster: () => modelledMaster(this.#clock, simulationRandom(seed * 1_000 + 700 + incarnation)),
      resolveSample: () => Promise.reject(new Error("the simulator has no samples")),
      buildHash: "simulated",
      faultsAllowed: true,
      onEvent: (event) => this.#events.push(structuredClone(event)),
      onProblem: (message, error) => {
        // What was injected, and what follows from it, is no finding.
        if (error instanceof StoreError) return;
        if (!(error instanceof Error) || !/could not be loaded/.test(error.message))
          this.#violations.push(`${message}: ${error}`);
      },
    });
    await shell.restore();
    this.#shell = shell;
  }

  async #submitAll(): Promise<void> {
    const [modelSha256, queriesSha256] = await this.#withTime(() =>
      Promise.all([
        this.#upload(this.#model),
        this.#upload(
          encodeNpy({ dtype: "F32", shape: [this.#queries.length / INPUT_SIZE, INPUT_SIZE], data: this.#queries }),
        ),
      ]),
    );
    const jobs = this.#options.jobs ?? [{ scheme: "systematic" as const }];
    for (const job of jobs) {
      const parity =
        job.scheme === "parm"
          ? { parityModelSha256: await this.#withTime(() => this.#upload(denseClassifier(PARITY_SEED))) }
          : {};
      const submission = inferenceSubmissionSchema.parse({
        kind: "inference",
        groupsPerRound: 3,
        ...job,
        source: { kind: "uploads", modelSha256, queriesSha256, ...parity },
      });
      this.#asked.push(this.#ask(submission, this.#jobIds));
    }
    await this.#submitMatrices();
    if (this.#options.gradientJobs === undefined) return;
    const [featuresSha256, labelsSha256] = await this.#withTime(() =>
      Promise.all([this.#upload(this.#training.featuresNpy), this.#upload(this.#training.labelsNpy)]),
    );
    for (const job of this.#options.gradientJobs) {
      const source = { kind: "uploads", featuresSha256, labelsSha256 };
      const submission = gradientSubmissionSchema.parse({ kind: "gradient", ...job, source });
      this.#asked.push(this.#ask(submission, this.#gradientJobIds));
    }
  }

  async #submitMatrices(): Promise<void> {
    if (this.#options.matmulJobs === undefined) return;
    const [leftSha256, rightSha256] = await this.#withTime(() =>
      Promise.all([this.#upload(this.#matrices.leftNpy), this.#upload(this.#matrices.rightNpy)]),
    );
    for (const job of this.#options.matmulJobs) {
      const source = { kind: "uploads", leftSha256, rightSha256 };
      const submission = matmulSubmissionSchema.parse({ kind: "matmul", ...job, source });
      this.#asked.push(this.#ask(submission, this.#gradientJobIds));
    }
  }

  /** As a submitter would: again, while the store refuses. */
  async #upload(bytes: Uint8Array): Promise<string> {
    for (;;) {
      try {
        return await this.#store.putBlob(bytes);
      } catch {
        await this.#clock.sleep(50);
      }
    }
  }

  /** As a submitter would: again, until the coordinator has said that the job is accepted. */
  async #ask(submission: Submission, jobIds: string[]): Promise<void> {
    for (;;) {
      const shell = this.#shell;
      const reply =
        shell === null
          ? null
          : await Promise.race([shell.submit(submission), this.#clock.sleep(5_000).then(() => null)]);
      if (reply !== null && !isProblem(reply)) {
        jobIds.push(reply.jobId);
        reply.invitations?.forEach((invitation, i) => {
          const tab = this.#tabs[i];
          if (tab !== undefined) tab.invitation = invitation;
        });
        return;
      }
      await this.#clock.sleep(50);
    }
  }

  /** Lets virtual time pass until something that waits for it is done. */
  async #withTime<T>(work: () => Promise<T>): Promise<T> {
    let value: { value: T } | null = null;
    const done = work().then((result) => {
      value = { value: result };
    });
    await settled();
    while (value === null && this.#clock.next()) await settled();
    await done;
    return value!.value;
  }

  #scheduleCrash(count: number): void {
    const { crashMsMean = null, seed } = this.#options;
    if (crashMsMean === null) return;
    const random = randomAt(seed, 4, count);
    this.#clock.after(exponential(random, crashMsMean), () => {
      if (this.#shell === null) return;
      this.#shell.close();
      this.#shell = null;
      this.#crashes++;
      // Of the writes under way some prefix had reached the disk.
      this.#store.crash(random.integer(3));
      for (const tab of this.#tabs) tab.coordinatorCrashed();
      this.#clock.after(20 + exponential(random, 50), () => {
        this.#start().catch((error: unknown) => this.#violations.push(`[RS1] the restart failed: ${error}`));
      });
      this.#scheduleCrash(count + 1);
    });
  }

  #check(): void {
    if (this.#shell === null) return;
    this.#violations.push(...violations(this.#shell.state));
    for (const jobId of this.#jobIds) {
      if (this.#shell.state.jobs.size > 0 && !this.#shell.state.jobs.has(jobId))
        this.#violations.push(`[JB1] acknowledged job ${jobId} is gone`);
    }
    for (const jobId of this.#gradientJobIds) {
      if (this.#shell.state.gradientJobs.size > 0 && !this.#shell.state.gradientJobs.has(jobId))
        this.#violations.push(`[JB1] acknowledged gradient job ${jobId} is gone`);
    }
    this.#options.observe?.(this.#shell, this.#clock.nowMs());
  }

  #checkReplay(): void {
    if (this.#shell === null) return;
    const replayed = initialState(this.#shell.state.settings);
    for (const event of this.#events) step(replayed, event);
    const [real, again] = [stateFingerprint(this.#shell.state), stateFingerprint(replayed)];
    if (real !== again) this.#violations.push("[EV1] the event log does not replay to the same state");
    this.#trace = real;
  }

  #allEnded(): boolean {
    const shell = this.#shell;
    const wanted = this.#options.jobs?.length ?? 1;
    const { gradientJobs = [], matmulJobs = [] } = this.#options;
    const wantedTrainings = gradientJobs.length + matmulJobs.length;
    if (shell === null || this.#jobIds.length < wanted || this.#gradientJobIds.length < wantedTrainings) return false;
    return [...this.#jobIds, ...this.#gradientJobIds].every((jobId) =>
      ["done", "failed", "cancelled"].includes(shell.jobView(jobId)?.state ?? ""),
    );
  }

  async #report(): Promise<SimulationReport> {
    const shell = this.#shell;
    const loaded = await createPlainRuntime().load(this.#model);
    const queryCount = this.#queries.length / INPUT_SIZE;
    const base = await loaded.run(this.#queries, queryCount);
    const jobs: SimulationReport["jobs"][number][] = [];
    for (const jobId of this.#jobIds) {
      const view = shell?.jobView(jobId);
      const all = await shell?.allAnswers(jobId);
      let exactOrAudited = 0;
      let wrongExactOrAudited = 0;
      let missing = 0;
      let final = 0;
      let wrongFinal = 0;
      all?.marks.forEach((mark, query) => {
        if (mark === 0) missing++;
        if (mark < 3) return;
        exactOrAudited++;
        const at = query * CLASSES;
        const right = rowAgrees(
          base.subarray(at, at + CLASSES),
          all.outputs.subarray(at, at + CLASSES),
          // Half-precision tabs answer for no query of an exact job.
          PRECISION_TOLERANCE[view?.kind === "inference" && view.completion === "exact" ? "float32" : "float16"],
        );
        if (!right) wrongExactOrAudited++;
        if (all.final[query] !== 1) return;
        final++;
        if (!right) wrongFinal++;
      });
      jobs.push({
        jobId,
        scheme: view?.scheme ?? "?",
        state: view?.state ?? "gone",
        waitingFor: view?.waitingFor ?? null,
        answers: queryCount,
        exactOrAudited,
        wrongExactOrAudited,
        missing,
        final,
        wrongFinal,
      });
    }
    const trainings: TrainingOutcome[] = [];
    const products: ProductOutcome[] = [];
    for (const jobId of this.#gradientJobIds) {
      const stored = shell?.state.gradientJobs.get(jobId)?.stored;
      const view = shell?.jobView(jobId);
      if (view?.kind === "matmul") {
        const product = (await shell?.matmulProduct(jobId)) ?? null;
        products.push(productOutcome(this.#matrices, view, product?.product ?? null));
      }
      if (stored === undefined || view?.kind !== "gradient") continue;
      const waitingFor = shell?.jobView(jobId)?.waitingFor ?? null;
      trainings.push(trainingOutcome(this.#training, stored, waitingFor, await this.#store.gradientCheckpoint(jobId)));
    }
    const quarantined = (shell?.volunteers() ?? []).filter((v) => v.quarantine !== null).map((v) => v.volunteerId);
    const isLiar = ({ isLiar, lie, attack }: TabFaults) => isLiar || lie !== undefined || attack !== undefined;
    const liars = new Set(this.#tabs.flatMap((tab) => (isLiar(tab.faults) ? [tab.volunteerId] : [])));
    return {
      seed: this.#options.seed,
      trainings,
      products,
      happenings: this.#happenings,
      virtualMs: Math.round(this.#clock.nowMs()),
      crashes: this.#crashes,
      violations: this.#violations,
      jobs,
      quarantined,
      falselyQuarantined: quarantined.filter((volunteerId) => !liars.has(volunteerId)),
      traceHash: this.#trace,
    };
  }
}

/** Everything that waits for nothing but its turn has had it. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function drawFaults(seed: number, tab: number): TabFaults {
  const random = randomAt(seed, 5, tab);
  const chance = (probability: number) => random.uniform() < probability;
  return {
    straggleProbability: chance(0.8) ? 0.1 : 0,
    isMute: tab > 2 && chance(0.08),
    isLiar: tab > 2 && chance(0.15),
    lossProbability: chance(0.3) ? 0.05 : 0,
    repeatProbability: chance(0.3) ? 0.2 : 0,
    staysMsMean: chance(0.3) ? 400 : null,
    garbageProbability: chance(0.1) ? 0.2 : 0,
    addressPrefix: tab % 4 === 0 ? null : `10.0.${tab % 6}.0/24`,
    ...(tab % 9 === 5 && seed % 3 === 0 ? { load: loadHalfPrecise } : {}),
  };
}

/** As a device that keeps its numbers in half precision: answers are off by some tenths of a percent. */
async function loadHalfPrecise(bundle: Uint8Array): Promise<LoadedModel> {
  const loaded = await createPlainRuntime().load(bundle);
  return {
    ...loaded,
    async run(rows, rowCount) {
      const outputs = await loaded.run(rows, rowCount);
      return outputs.map((value, at) => value * (1 + HALF_DEVIATION * hashNoise(HALF_SEED, at)));
    },
  };
}

/** Two dense layers with fixed weights: a classifier whose regions are not linear. */
function denseClassifier(seed = MODEL_SEED): Uint8Array {
  const random = simulationRandom(seed);
  const weights = (count: number) => Float32Array.from({ length: count }, () => normal(random));
  return packDenseModel([
    { kernel: weights(INPUT_SIZE * 6), bias: weights(6), activation: "relu" },
    { kernel: weights(6 * CLASSES), bias: weights(CLASSES), activation: "linear" },
  ]);
}

function clusteredQueries(seed: number, count: number): Float32Array {
  const random = simulationRandom(seed + 11);
  const centres = Array.from({ length: 5 }, () => Float32Array.from({ length: INPUT_SIZE }, () => 2 * normal(random)));
  const queries = new Float32Array(count * INPUT_SIZE);
  for (let query = 0; query < count; query++) {
    const centre = centres[random.integer(centres.length)]!;
    for (let d = 0; d < INPUT_SIZE; d++) queries[query * INPUT_SIZE + d] = centre[d]! + 0.3 * normal(random);
  }
  return queries;
}
