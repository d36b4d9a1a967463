/**
 * One simulated run, all of it drawn from a seed: a crowd with faults, jobs, crashes and restarts, on virtual time, with
 * the coordinator's own core, job code and shell. Invariants are checked after everything that happens. The world is one
 * object, and this file as long as it takes, because every fault may meet every other at any instant.
 */

import { codedRun, codedRuns } from "../../../server/coded/core/run-job.ts";
import { runPlanOf } from "../../../server/coded/core/run-lifecycle.ts";
import type { CoordinatorEvent } from "../../../server/coordinator/events.ts";
import { type CoordinatorSettings, initialState } from "../../../server/coordinator/state.ts";
import { stateFingerprint } from "../../../server/coordinator/testing/state-fingerprint.ts";
import { step } from "../../../server/kinds/core-kinds.ts";
import { regressionFiles } from "../../../server/kinds/regression/desk.ts";
import type { RegressionRecord } from "../../../server/kinds/regression/records.ts";
import { hashesInState } from "../../../server/operator/housekeeping.ts";
import { CoordinatorShell } from "../../../server/shell/coordinator-shell.ts";
import { hashesIn } from "../../../server/store/blob-references.ts";
import { type AccountRecord, type JobRecord, StoreError } from "../../../server/store/store.ts";
import { MemoryStore } from "../../../server/store/testing/memory-store.ts";
import { isProblem } from "../../../server/web/coordinator-port.ts";
import { RUNTIMES } from "../../../shared/compute/runtimes/runtimes.ts";
import { type InferenceSubmission, inferenceSubmissionSchema } from "../../../shared/kinds/inference/submission.ts";
import type { Submission } from "../../../shared/kinds/kinds.ts";
import { type MatmulSubmission, matmulSubmissionSchema } from "../../../shared/kinds/matmul/submission.ts";
import { type RegressionSubmission, regressionSubmissionSchema } from "../../../shared/kinds/regression/submission.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { exponential, randomAt, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { FNV_START, fnv1a } from "../../crowd/fnv.ts";
import { SimulatedTab } from "../../crowd/simulated-tab.ts";
import type { TabFaults } from "../../crowd/tab-faults.ts";
import { VirtualClock } from "../../crowd/virtual-clock.ts";
import { DiskLedger, ENDS } from "./disk-ledger.ts";
import { drawFaults } from "./draw-faults.ts";
import { EventRules } from "./event-rules.ts";
import { violations, violationsOfSessions, violationsOfWork } from "./invariants.ts";
import { modelledEngine } from "./modelled-engine.ts";
import { modelledExecutor, TASK_MS, type TaskTimes } from "./modelled-executor.ts";
import { Partitions } from "./partitions.ts";
import { checkReceipts, simulatedSecret } from "./receipts-hold.ts";
import { settled } from "./settled.ts";
import { SIMULATED_SETTINGS, shellSurroundings } from "./shell-surroundings.ts";
import {
  clusteredQueries,
  denseClassifier,
  INPUT_SIZE,
  type JobOutcome,
  jobOutcome,
  loadOnce,
  PARITY_SEED,
} from "./simulated-inference.ts";
import {
  type ProductOutcome,
  productOutcome,
  type SimulatedMatrices,
  simulatedMatrices,
} from "./simulated-matrices.ts";
import { SimulatedPoster } from "./simulated-poster.ts";
import {
  type SimulatedTraining,
  simulatedTraining,
  type TrainingOutcome,
  trainingOutcome,
} from "./simulated-training.ts";
import { WholeLooks } from "./whole-looks.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly tabs?: number;
  readonly faults?: (tab: number) => TabFaults;
  readonly jobs?: readonly Partial<InferenceSubmission>[];
  /** Jobs to which the same queries are posted while they run. */
  readonly streams?: readonly StreamOptions[];
  readonly regressionJobs?: readonly Partial<RegressionSubmission>[];
  readonly matmulJobs?: readonly Partial<MatmulSubmission>[];
  readonly queryCount?: number;
  /** Mean virtual ms between crashes; null: none. */
  readonly crashMsMean?: number | null;
  /** Mean virtual ms between releases: an operator who lets a quarantined volunteer go, rightly or not; null: none. */
  readonly releaseMsMean?: number | null;
  /** Share of writes in the midst of which the process dies. */
  readonly crashInWriteShare?: number;
  /** Of the crashes: share of those that are a stop which the operator asked for, and waited for. */
  readonly stopShare?: number;
  /** Mean virtual ms between cuts in the network; null: none. */
  readonly cutMsMean?: number | null;
  /** Mean virtual ms between collections of blobs; null: none. */
  readonly collectMsMean?: number | null;
  /** Submitters call off every job with this chance, at some instant. */
  readonly cancelShare?: number;
  /** From here on nothing fails any more, and every job must end; null: it goes on to the end. */
  readonly calmFromMs?: number | null;
  /** Is the log of events replayed at the end? By default it is. */
  readonly checksReplay?: boolean;
  /** A run is over after so much virtual time, even where jobs are left; by default when it must be stuck. */
  readonly virtualMsMax?: number;
  /** A run stops after so many happenings: where a failure is looked into. */
  readonly happeningsMax?: number;
  /** Share of writes that the store refuses. */
  readonly refusalShare?: number;
  readonly taskMs?: TaskTimes;
  /** The coordinator's second implementation; by default the first once more. */
  readonly loadSecond?: TabFaults["load"];
  /** The coordinator's model with its sums in another order; by default the first once more. */
  readonly loadInOrder?: TabFaults["load"];
  /** What the coordinator has of the WebAssembly that tabs compute on; by default the first once more. */
  readonly loadAsTabs?: TabFaults["load"];
  readonly settings?: Partial<CoordinatorSettings>;
  /** What submitters had asked for before. */
  readonly accounts?: readonly AccountRecord[];
  /** From the second process on: an operator has changed them. */
  readonly laterSettings?: Partial<CoordinatorSettings>;
  /** Draws derive from secrets of the jobs, and at the end the signed receipt of every job that has ended must hold. */
  readonly checksReceipts?: boolean;
  /** Sees every event of every process. */
  readonly onEvent?: (event: CoordinatorEvent, crashes: number) => void;
  /** Called after every happening, with the coordinator that is up. */
  readonly observe?: (shell: CoordinatorShell, nowMs: number) => void;
}

export interface StreamOptions {
  readonly submission: Partial<Omit<InferenceSubmission, "source">>;
  readonly closeAfterMs: number;
  /** Its volunteers check each other; its windows may be due sooner than anybody may ask for. Absent: it is audited. */
  readonly crossChecked?: { readonly finalWithinMs: number };
  /** Mean virtual ms between posts. */
  readonly postMsMean: number;
}

export interface SimulationReport {
  readonly seed: number;
  readonly happenings: number;
  readonly virtualMs: number;
  readonly crashes: number;
  readonly releases: number;
  readonly violations: readonly string[];
  readonly jobs: readonly JobOutcome[];
  /** Wrong answers for which accounts were charged. */
  readonly charged: number;
  readonly trainings: readonly TrainingOutcome[];
  readonly products: readonly ProductOutcome[];
  /** That were checked, and hold. */
  readonly receipts: number;
  readonly quarantined: readonly string[];
  /** Of them those that never lied. */
  readonly falselyQuarantined: readonly string[];
  /** Of everything that happened: the same seed gives the same. */
  readonly traceHash: string;
}

/** A run that takes longer than this in virtual time is stuck. */
const VIRTUAL_MS_MAX = 30 * 60_000;
/** Faults that stop may have sent volunteers to rest for half an hour, and everything must end after it. */
const CALM_MS_MAX = 12 * 3_600_000;
const HAPPENINGS_MAX = 400_000;
const STORE_MS_MEAN = 2;
const STOP_MS_MAX = 300;
const COLLECTION_MS_MIN = 60;

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
  #releases = 0;
  #happenings = 0;
  readonly #disk = new DiskLedger();
  readonly #partitions: Partitions | null;
  /** FNV-1a over everything that happened. */
  #trace = FNV_START;
  #looksDue = false;
  #isEntering = false;
  readonly #looks = new WholeLooks();
  /** Sessions that an event or its effects have named since the last look. */
  readonly #named = new Set<string>();
  #jobIds: string[] = [];
  readonly #training: SimulatedTraining;
  readonly #matrices: SimulatedMatrices;
  /** Of matrix jobs too. */
  #regressionJobIds: string[] = [];
  #tokens = 0;
  #asked: Promise<unknown>[] = [];
  readonly #posters: SimulatedPoster[] = [];
  #receipts = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { seed } = options;
    let writes = 0;
    this.#store = new MemoryStore({
      settle: async () => {
        if (this.#isEntering) return;
        const random = randomAt(seed, 2, writes++);
        await this.#clock.sleep(exponential(random, STORE_MS_MEAN));
        if (this.#isCalm()) return;
        if (random.uniform() < (options.crashInWriteShare ?? 0)) {
          this.#crash(random.integer(4), 20 + exponential(random, 50));
          return new Promise(() => {});
        }
        if (random.uniform() < (options.refusalShare ?? 0)) throw new StoreError("injected: the disk is full");
      },
      onCommit: (records) => this.#disk.written(records),
    });
    this.#training = simulatedTraining(seed);
    this.#matrices = simulatedMatrices(seed);
    this.#queries = clusteredQueries(seed, options.queryCount ?? 48);
    const isCalm = () => this.#isCalm();
    const world = {
      clock: this.#clock,
      seed,
      coordinatorTabs: () => this.#shell?.tabs ?? null,
      load: loadOnce,
      isCalm,
      isCut: (tab: number) => this.#partitions?.isCut(tab) === true,
    };
    const faults = options.faults ?? ((tab: number) => drawFaults(seed, tab));
    const tabCount = options.tabs ?? 12;
    this.#tabs = Array.from({ length: tabCount }, (_, tab) => new SimulatedTab(world, tab, faults(tab)));
    const everyMsMean = options.cutMsMean ?? null;
    const hangUp = (tab: number) => this.#tabs[tab]!.connectionLost();
    this.#partitions =
      everyMsMean === null ? null : new Partitions({ clock: this.#clock, seed, tabCount, everyMsMean, isCalm, hangUp });
  }

  #isCalm(): boolean {
    return this.#clock.nowMs() >= (this.#options.calmFromMs ?? Number.POSITIVE_INFINITY);
  }

  async toEnd(): Promise<SimulationReport> {
    // What comes from a file comes before: what follows takes no real time.
    await Promise.all(RUNTIMES.map(({ loadFormat }) => loadFormat()));
    const { accounts = [] } = this.#options;
    if (accounts.length > 0) await this.#enter(accounts);
    await this.#start();
    for (const tab of this.#tabs)
      this.#clock.after(exponential(randomAt(this.#options.seed, 3, tab.tab), 50), () => tab.connect());
    this.#scheduleCollection(0);
    await this.#submitAll();
    this.#scheduleCrash(0);
    this.#scheduleRelease(0);
    const { calmFromMs = null, happeningsMax = HAPPENINGS_MAX, virtualMsMax = VIRTUAL_MS_MAX } = this.#options;
    const untilMs = calmFromMs === null ? virtualMsMax : calmFromMs + CALM_MS_MAX;
    while (!this.#allEnded() && this.#clock.nowMs() < untilMs && this.#happenings < happeningsMax) {
      if (!this.#clock.next()) break;
      this.#happenings++;
      await settled();
      this.#check();
      if (this.#violations.length > 0) break;
    }
    if (this.#options.checksReplay !== false) this.#checkReplay();
    if (this.#options.checksReceipts === true && this.#violations.length === 0) await this.#checkReceipts();
    return this.#report();
  }

  /** Before anything happens: no virtual time passes. */
  async #enter(accounts: readonly AccountRecord[]): Promise<void> {
    this.#isEntering = true;
    await this.#store.apply(accounts.map((account) => ({ kind: "account", account })));
    this.#isEntering = false;
  }

  async #checkReceipts(): Promise<void> {
    if (this.#shell === null) return;
    const checked = await checkReceipts(this.#shell, this.#jobIds, simulatedSecret(this.#options.seed));
    this.#receipts = checked.held;
    this.#violations.push(...checked.broken);
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
        loadOnce,
        this.#options.loadSecond ?? loadOnce,
        this.#options.loadInOrder ?? loadOnce,
        this.#options.loadAsTabs ?? loadOnce,
      ),
      secretRandom: simulationRandom(seed * 1_000 + 500 + incarnation),
      settings: {
        ...SIMULATED_SETTINGS,
        ...this.#options.settings,
        ...(incarnation === 0 ? {} : this.#options.laterSettings),
      },
      ...(this.#options.checksReceipts === true ? { jobSecret: simulatedSecret(seed) } : {}),
      ...shellSurroundings(() => this.#tokens++),
      openEngine: (module) => modelledEngine(module, this.#clock, simulationRandom(seed * 1_000 + 700 + incarnation)),
      sinks: [
        {
          begins: (event) => {
            rules.before(event);
            this.#trace = fnv1a(Buffer.from(JSON.stringify(event)), this.#trace);
            if (this.#options.checksReplay !== false) this.#events.push(structuredClone(event));
            this.#options.onEvent?.(event, incarnation);
          },
          stepped: ({ event, effects }) => {
            this.#violations.push(...rules.after(event, effects), ...this.#weightsToldTooEarly(shell));
            for (const it of [event, ...effects]) if ("sessionId" in it) this.#named.add(it.sessionId);
            this.#looksDue = true;
          },
        },
      ],
      onProblem: (message, error) => {
        // What was injected, and what follows from it, is no finding.
        if (error instanceof StoreError) return;
        if (!(error instanceof Error) || !/could not be loaded/.test(error.message))
          this.#violations.push(`${message}: ${error}`);
      },
    });
    const rules = new EventRules(shell.state, this.#disk);
    await shell.restore();
    this.#shell = shell;
  }

  /** [GJ6] People are told of weights that are on the disk: no crash takes them back. */
  #weightsToldTooEarly(shell: CoordinatorShell): string[] {
    return codedRuns(shell.state).flatMap(({ stored: { jobId } }) => {
      const view = shell.jobView(jobId);
      const told = view?.kind === "regression" ? (view.weightsOf ?? 0) : 0;
      const durable = this.#disk.weights.get(jobId) ?? 0;
      return told <= durable
        ? []
        : [`[GJ6] ${jobId} is said to have weights of iteration ${told}, the disk has ${durable}`];
    });
  }

  async #submitAll(): Promise<void> {
    const { jobs = [{ scheme: "systematic" as const }], regressionJobs = [], matmulJobs = [] } = this.#options;
    const shape = [this.#queries.length / INPUT_SIZE, INPUT_SIZE];
    const queriesNpy = encodeNpy({ dtype: "F32", shape, data: this.#queries });
    for (const job of jobs) {
      const parity = job.scheme === "parm" ? [denseClassifier(PARITY_SEED)] : [];
      this.#asked.push(
        this.#ask(
          [this.#model, queriesNpy, ...parity],
          this.#jobIds,
          ([modelSha256, queriesSha256, parityModelSha256]) =>
            inferenceSubmissionSchema.parse({
              kind: "inference",
              ...job,
              source: { kind: "uploads", modelSha256, queriesSha256, ...(parityModelSha256 && { parityModelSha256 }) },
            }),
        ),
      );
    }
    for (const stream of this.#options.streams ?? []) {
      const { closeAfterMs, crossChecked } = stream;
      const asked = this.#ask([this.#model], this.#jobIds, ([modelSha256]) => {
        const submission = inferenceSubmissionSchema.parse({
          kind: "inference",
          ...stream.submission,
          source: { kind: "stream", modelSha256, closeAfterMs },
        });
        const checked =
          crossChecked === undefined
            ? { crossChecks: "no" as const }
            : { crossChecks: "yes" as const, ...crossChecked };
        return { ...submission, source: { ...submission.source, ...checked } } as Submission;
      });
      this.#asked.push(asked.then((jobId) => this.#post(jobId, stream)));
    }
    const { leftNpy, rightNpy } = this.#matrices;
    for (const job of matmulJobs) {
      this.#asked.push(
        this.#ask([leftNpy, rightNpy], this.#regressionJobIds, ([leftSha256, rightSha256]) =>
          matmulSubmissionSchema.parse({
            kind: "matmul",
            ...job,
            source: { kind: "uploads", leftSha256, rightSha256 },
          }),
        ),
      );
    }
    const { featuresNpy, labelsNpy } = this.#training;
    for (const job of regressionJobs) {
      this.#asked.push(
        this.#ask([featuresNpy, labelsNpy], this.#regressionJobIds, ([featuresSha256, labelsSha256]) =>
          regressionSubmissionSchema.parse({
            kind: "regression",
            ...job,
            source: { kind: "uploads", featuresSha256, labelsSha256 },
          }),
        ),
      );
    }
  }

  /**
   * As a submitter would: uploads what is needed and asks; all of it again, until the coordinator has said that the job is
   * accepted. An upload may have been collected meanwhile.
   */
  async #ask(
    uploads: readonly Uint8Array[],
    jobIds: string[],
    submissionOf: (sha256s: readonly string[]) => Submission,
  ): Promise<string> {
    const asker = this.#asked.length;
    for (;;) {
      const accepted = await this.#askOnce(uploads, submissionOf);
      if (accepted !== null) {
        jobIds.push(accepted.jobId);
        accepted.invitations?.forEach((invitation, i) => {
          this.#tabs[i]?.invite(invitation);
        });
        this.#maybeCancel(accepted.jobId, asker);
        return accepted.jobId;
      }
      await this.#clock.sleep(50);
    }
  }

  async #post(jobId: string, { postMsMean }: StreamOptions): Promise<void> {
    const rows = Array.from({ length: this.#queries.length / INPUT_SIZE }, (_, query) =>
      this.#queries.subarray(query * INPUT_SIZE, (query + 1) * INPUT_SIZE),
    );
    const world = {
      clock: this.#clock,
      seed: this.#options.seed,
      coordinator: () => this.#shell,
      broken: (message: string) => void this.#violations.push(message),
    };
    const poster = new SimulatedPoster(world, jobId, rows, postMsMean);
    this.#posters.push(poster);
    await poster.toEnd();
  }

  async #askOnce(
    uploads: readonly Uint8Array[],
    submissionOf: (sha256s: readonly string[]) => Submission,
  ): Promise<{ jobId: string; invitations?: readonly string[] } | null> {
    const shell = this.#shell;
    if (shell === null) return null;
    const work = async () => {
      const sha256s: string[] = [];
      for (const bytes of uploads) sha256s.push(await this.#store.putBlob(bytes));
      const reply = await shell.submit(submissionOf(sha256s));
      return isProblem(reply) ? null : reply;
    };
    // A process that has died says nothing more; a disk that refuses is asked again.
    const gaveUp = this.#clock.sleep(5_000).then(() => null);
    const asked = work().catch((error: unknown) => {
      if (!(error instanceof StoreError)) this.#violations.push(`a submission could not be made: ${error}`);
      return null;
    });
    return Promise.race([asked, gaveUp]);
  }

  #maybeCancel(jobId: string, asker: number): void {
    const random = randomAt(this.#options.seed, 7, asker);
    if (random.uniform() >= (this.#options.cancelShare ?? 0)) return;
    this.#clock.after(exponential(random, 200), () => void this.#shell?.cancel(jobId));
  }

  #scheduleCrash(count: number): void {
    const { crashMsMean = null, stopShare = 0, seed } = this.#options;
    if (crashMsMean === null) return;
    const random = randomAt(seed, 4, count);
    this.#clock.after(exponential(random, crashMsMean), () => {
      if (this.#isCalm()) return;
      // Of the writes under way some prefix had reached the disk.
      const [survivors, downMs] = [random.integer(3), 20 + exponential(random, 50)];
      if (random.uniform() < stopShare) void this.#stop(downMs);
      else this.#crash(survivors, downMs);
      this.#scheduleCrash(count + 1);
    });
  }

  /** The operator stops it: what tabs have in hand may still come in, and all writes under way are waited for. */
  async #stop(downMs: number): Promise<void> {
    const shell = this.#shell;
    await shell?.drain(this.#clock.nowMs() + STOP_MS_MAX);
    if (shell !== null && shell === this.#shell) this.#crash(Number.POSITIVE_INFINITY, downMs);
  }

  #crash(survivors: number, downMs: number): void {
    if (this.#shell === null) return;
    this.#shell.close();
    this.#shell = null;
    this.#crashes++;
    this.#store.crash(survivors);
    for (const tab of this.#tabs) tab.coordinatorCrashed();
    this.#clock.after(downMs, () => {
      this.#start().catch((error: unknown) => this.#violations.push(`[RS1] the restart failed: ${error}`));
    });
  }

  #scheduleCollection(count: number): void {
    const { collectMsMean = null, seed } = this.#options;
    if (collectMsMean === null) return;
    // A submission is made within one: the grace of what nothing refers to yet is from one collection to the next.
    const waitMs = COLLECTION_MS_MIN + exponential(randomAt(seed, 8, count), collectMsMean);
    this.#clock.after(waitMs, () => {
      const shell = this.#shell;
      const nowMs = this.#clock.nowMs();
      if (this.#isCalm()) return;
      if (shell !== null && shell.state.storeProblem === null) {
        void this.#store.collectBlobs(new Set(hashesInState(shell.state)), nowMs).then(() => this.#checkBlobs());
      }
      this.#scheduleCollection(count + 1);
    });
  }

  /** [PS4] What an accepted job needs is there, whatever was collected. */
  async #checkBlobs(): Promise<void> {
    for (const jobId of this.#disk.jobs.keys()) {
      if (this.#disk.jobs.get(jobId) !== null) continue;
      const job = await this.#store.job(jobId);
      for (const sha256 of job === null ? [] : blobsOf(job))
        if (!this.#store.holds(sha256))
          this.#violations.push(`[PS4] blob ${sha256.slice(0, 8)} of ${jobId} was collected`);
    }
  }

  #scheduleRelease(count: number): void {
    const { releaseMsMean = null, seed } = this.#options;
    if (releaseMsMean === null) return;
    const random = randomAt(seed, 6, count);
    this.#clock.after(exponential(random, releaseMsMean), () => {
      if (this.#isCalm()) return;
      const shell = this.#shell;
      const quarantined = shell?.volunteers().filter(({ quarantine }) => quarantine !== null) ?? [];
      if (shell != null && quarantined.length > 0) {
        this.#releases++;
        void shell.release(quarantined[random.integer(quarantined.length)]!.volunteerId, "injected: the operator errs");
      }
      this.#scheduleRelease(count + 1);
    });
  }

  #check(): void {
    if (this.#shell === null || !this.#looksDue) return;
    this.#looksDue = false;
    const { state } = this.#shell;
    if (this.#looks.isDue(state.sessions.size)) this.#violations.push(...violations(state));
    else this.#violations.push(...violationsOfSessions(state, this.#named), ...violationsOfWork(state));
    this.#named.clear();
    const { jobs } = this.#shell.state;
    for (const jobId of [...this.#jobIds, ...this.#regressionJobIds])
      if (jobs.size > 0 && !jobs.has(jobId)) this.#violations.push(`[JB1] acknowledged job ${jobId} is gone`);
    for (const poster of this.#posters) poster.check(this.#shell);
    this.#options.observe?.(this.#shell, this.#clock.nowMs());
  }

  #checkReplay(): void {
    if (this.#shell === null) return;
    const replayed = initialState(this.#shell.state.settings);
    for (const event of this.#events) step(replayed, event);
    const [real, again] = [stateFingerprint(this.#shell.state), stateFingerprint(replayed)];
    if (real !== again) this.#violations.push("[EV1] the event log does not replay to the same state");
    this.#trace = fnv1a(Buffer.from(real), this.#trace);
  }

  #allEnded(): boolean {
    const shell = this.#shell;
    const wanted = (this.#options.jobs?.length ?? 1) + (this.#options.streams?.length ?? 0);
    const { regressionJobs = [], matmulJobs = [] } = this.#options;
    const wantedTrainings = regressionJobs.length + matmulJobs.length;
    if (shell === null || this.#jobIds.length < wanted || this.#regressionJobIds.length < wantedTrainings) return false;
    const { jobs } = shell.state;
    const jobIds = [...this.#jobIds, ...this.#regressionJobIds];
    return jobIds.every((jobId) => ENDS.includes(jobs.get(jobId)?.stored.state ?? ""));
  }

  async #report(): Promise<SimulationReport> {
    const shell = this.#shell;
    const loaded = await loadOnce(this.#model);
    const base = await loaded.run(this.#queries, this.#queries.length / INPUT_SIZE);
    const jobs: JobOutcome[] = [];
    for (const jobId of this.#jobIds) {
      jobs.push(
        jobOutcome(
          jobId,
          shell?.jobView(jobId) ?? null,
          (await shell?.desks.inference.allAnswers(jobId)) ?? null,
          base,
        ),
      );
    }
    const trainings: TrainingOutcome[] = [];
    const products: ProductOutcome[] = [];
    for (const jobId of this.#regressionJobIds) {
      const stored = shell === null ? undefined : codedRun(shell.state, jobId)?.stored;
      const view = shell?.jobView(jobId);
      if (view?.kind === "matmul") {
        const product = (await shell?.desks.matmul.product(jobId)) ?? null;
        products.push(productOutcome(this.#matrices, view, product?.product ?? null));
      }
      if (stored === undefined || view?.kind !== "regression") continue;
      const waitingFor = shell?.jobView(jobId)?.waitingFor ?? null;
      const checkpoint = await this.#store.checkpoint(jobId);
      const { featuresNpy, labelsNpy } = this.#training;
      const record = stored as RegressionRecord;
      const read = async (sha256: string) => (sha256 === record.featuresSha256 ? featuresNpy : labelsNpy);
      const engineJob = await regressionFiles(record, runPlanOf(record), read);
      trainings.push(trainingOutcome(engineJob, record, waitingFor, checkpoint));
    }
    const quarantined = (shell?.volunteers() ?? []).filter((v) => v.quarantine !== null).map((v) => v.volunteerId);
    const isLiar = ({ isLiar, lie, attack }: TabFaults) => isLiar || lie !== undefined || attack !== undefined;
    const liars = new Set(this.#tabs.flatMap((tab) => (isLiar(tab.faults) ? tab.names : [])));
    return {
      seed: this.#options.seed,
      trainings,
      products,
      happenings: this.#happenings,
      virtualMs: Math.round(this.#clock.nowMs()),
      crashes: this.#crashes,
      releases: this.#releases,
      violations: this.#violations,
      jobs,
      charged: [...(shell?.state.accounts.values() ?? [])].reduce((sum, { charged }) => sum + charged, 0),
      receipts: this.#receipts,
      quarantined,
      falselyQuarantined: quarantined.filter((volunteerId) => !liars.has(volunteerId)),
      traceHash: (this.#trace >>> 0).toString(16).padStart(8, "0"),
    };
  }
}

/** Blobs that a job at work cannot do without. */
function blobsOf({ data }: JobRecord): string[] {
  const { invitations: _hashesOfTokens, ...source } = data;
  return hashesIn(source);
}
