/**
 * A coordinator's shell on a store in memory, numerics in line, and tabs that compute on the plain runtime and answer at once:
 * everything of a live job but threads, sockets and browsers. What a tab does otherwise is given by the test.
 */

import { accountKey, newAccount } from "../../server/checks/account.ts";
import { type CoordinatorSettings, SETTINGS_DEFAULT } from "../../server/coordinator/state.ts";
import type { SentRows } from "../../server/kinds/inference/engine/differing-rows.ts";
import type { KindsExecutor, TaskInputs, TaskName } from "../../server/kinds/numerics-tasks.ts";
import { NUMERICS_TASKS } from "../../server/kinds/numerics-tasks.ts";
import type { TaskContext } from "../../server/numerics/numerics-references.ts";
import { tfjsWasmFiles } from "../../server/numerics/runtime-assets.ts";
import { ReceiptKeys, type ReceiptSigner } from "../../server/receipts/receipt-keys.ts";
import { systemClock } from "../../server/shell/clock.ts";
import { CoordinatorShell } from "../../server/shell/coordinator-shell.ts";
import { MemoryStore } from "../../server/store/testing/memory-store.ts";
import { type ApiProblem, isProblem } from "../../server/web/coordinator-port.ts";
import { unpackFormat } from "../../shared/compute/model-bundle.ts";
import type { Implementation, LoadedModel, ModelRuntime } from "../../shared/compute/model-runtime.ts";
import { ORDERS, type Order } from "../../shared/compute/orders.ts";
import { createOnnxRuntime } from "../../shared/compute/runtimes/onnx/onnx-runtime.ts";
import { loadOnnxSource } from "../../shared/compute/runtimes/onnx/source-onnx.ts";
import { trusted as trustedOnnx } from "../../shared/compute/runtimes/onnx/trusted-onnx.ts";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { createTfjsRuntime } from "../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";
import { trusted as trustedTfjs } from "../../shared/compute/runtimes/tfjs/trusted-tfjs.ts";
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import type { BatchMessage } from "../../shared/kinds/inference/batch.ts";
import { type InferenceSubmission, inferenceSubmissionSchema } from "../../shared/kinds/inference/submission.ts";
import type { Result } from "../../shared/protocol/messages.ts";
import { encodeNpy, type NpyArray } from "../../shared/protocol/npy.ts";
import type { DifferingRow } from "../../shared/protocol/operator-api.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { resultDigest, resultStatement } from "../../shared/receipts/result-digest.ts";
import { batchResult, type ComputedBatch, HonestWork, sliceOf } from "./honest-work.ts";
import { VolunteerKey } from "./volunteer-key.ts";

export interface Batch extends ComputedBatch {
  readonly assignment: BatchMessage;
  /** What its tab says that it computes this model on. */
  readonly backend: string;
  /** Where it belongs, which its tab is not told. */
  readonly roundIndex: number;
  readonly workerIndex: number;
}

export interface TabBehaviour {
  /** What it says that it computes with: WebAssembly, of which no bit may differ, unless told; "wasm" too for models that it is told it is unfit for. */
  readonly backend?: string;
  /** What it answers; null: nothing at all. By default the outputs. */
  readonly answers?: (batch: Batch) => Float32Array | null | Promise<Float32Array | null>;
  /** Where tabs sign: it signs with nothing that its key made. */
  readonly forgesSignature?: boolean;
  /** [PR106] It hands over so many rows of this batch, one after the other, and goes for good; null: it answers. */
  readonly goesAfter?: (batch: Batch) => number | null;
}

/** Why rows of this job's model cannot be computed in that task; null: they can. */
export type Breaking = (task: TaskName, jobId: string) => string | null;

/** What a test breaks: it is noted, and no failure of the test. */
export class Broken extends Error {
  override readonly name = "Broken";
}

export type CrowdRuntime = "plain" | "tfjs" | "onnx";

/** What tabs and audits use, other code for the same, and other orders of its sums. */
async function runtimesOf(runtime: CrowdRuntime): Promise<Readonly<Record<Implementation, ModelRuntime>>> {
  const inOrders = async (of: (order: Order) => ModelRuntime | Promise<ModelRuntime>) =>
    Object.fromEntries(await Promise.all(ORDERS.map(async (order) => [order, await of(order)]))) as Record<
      Order,
      ModelRuntime
    >;
  const plain = createPlainRuntime();
  const file: ModelRuntime = { ...plain, load: loadOnnxSource };
  if (runtime === "tfjs") {
    const files = tfjsWasmFiles();
    const [first, second] = [await createTfjsRuntime("wasm", files), await createTfjsRuntime("cpu")];
    return { first, second, tab: first, file, ...(await inOrders((order) => trustedTfjs.inOrder(order, files))) };
  }
  if (runtime === "plain") return { first: plain, second: plain, tab: plain, file, ...(await inOrders(() => plain)) };
  // One instance of the library runs one thing at a time, as a tab does; here all tabs share it.
  let lastTurn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = lastTurn.then(work);
    lastTurn = done.catch(() => undefined);
    return done;
  };
  // The probe is a dense model.
  const withProbe = (onnx: ModelRuntime): ModelRuntime => ({
    ...onnx,
    async load(bundle) {
      if (unpackFormat(bundle) !== "onnx") return plain.load(bundle);
      const model = await inTurn(() => onnx.load(bundle));
      return { ...model, run: (rows, rowCount) => inTurn(() => model.run(rows, rowCount)) };
    },
  });
  const first = withProbe(createOnnxRuntime());
  return {
    ...{ first, tab: first, file },
    second: withProbe(createOnnxRuntime({}, { graphOptimizationLevel: "disabled" })),
    ...(await inOrders(async (order) => withProbe(await trustedOnnx.inOrder(order, {})))),
  };
}

export class ShellWithTabs {
  readonly store = new MemoryStore();
  /** Who signs receipts, across restarts. */
  readonly signer: ReceiptSigner;
  /** Every batch that a tab was sent, and by which tab, in their order. */
  readonly batches: (Batch & { readonly tab: number })[] = [];
  /** What was found against whom, in its order. */
  readonly evidence: (SentRows & { readonly jobId: string; readonly rows: readonly DifferingRow[] })[] = [];
  shell!: CoordinatorShell;
  /** What the coordinator cannot compute; by default nothing. */
  breaking: Breaking = () => null;
  /** What it computes with tabs' code comes out otherwise each time. */
  isUnrepeatable = false;
  /** Nothing runs on tabs' own code here: rows of WebAssembly are compared as those of others. */
  lacksTabCode = false;
  /** [CE10] As many coordinators as it believes to be there. */
  livingCells = 1;
  /** Of the next process. */
  settings: Partial<CoordinatorSettings> = {};
  /** Do strangers seem to have one address? Then nobody shows a token. */
  isAddressShared = false;
  /** For whom jobs are that no token names, as far as this run knows; null: for their submitters. */
  party: string | null = null;
  /** That were told of for the sake of `breaking`. */
  readonly problems: string[] = [];
  readonly #runtimes: Readonly<Record<Implementation, ModelRuntime>>;
  readonly #honest: HonestWork;
  /** Messages of each Broken: errors that are made of it repeat its message. */
  readonly #broken = new Set<string>();
  readonly #tabs: readonly TabBehaviour[];
  /** Of each tab, where they sign their results. */
  readonly #keys: readonly VolunteerKey[];
  readonly #models = new Map<string, Promise<LoadedModel>>();
  #sessions = 0;
  #runs = 0;
  #tokens = 0;

  private constructor(
    tabs: readonly TabBehaviour[],
    runtimes: Readonly<Record<Implementation, ModelRuntime>>,
    signer: ReceiptSigner,
    keys: readonly VolunteerKey[],
  ) {
    this.#tabs = tabs;
    this.#keys = keys;
    this.signer = signer;
    this.#runtimes = runtimes;
    const load = (bundle: Uint8Array) => runtimes.first.load(bundle);
    const fetchBlob = async (token: string, sha256: string) =>
      (await this.shell.tabs.blobForToken(token, sha256))?.bytes ?? null;
    this.#honest = new HonestWork({ load, fetchBlob });
  }

  /**
   * @param runtime plain: dense models alone; tfjs, onnx: all that tabs run with that library
   * @param isSigning tabs have keys, sign their results, and are called by these keys; else they have names
   */
  static async open(
    tabs: readonly TabBehaviour[],
    runtime: CrowdRuntime = "plain",
    signer: ReceiptSigner = ReceiptKeys.inMemory(() => 0, "5e".repeat(32)),
    isSigning = false,
  ): Promise<ShellWithTabs> {
    const opened = new ShellWithTabs(
      tabs,
      await runtimesOf(runtime),
      signer,
      isSigning ? await Promise.all(tabs.map(() => VolunteerKey.make())) : [],
    );
    await opened.restart();
    return opened;
  }

  /** [CK2] The party, by default whoever gives no name, has asked for so many rows before, all answered: small jobs too are carried by that account. */
  async hasAskedFor(places: number, answerBound = 1e-3, party = "anonymous"): Promise<void> {
    const account = { ...newAccount(answerBound), places };
    const key = accountKey(party, answerBound, null);
    await this.store.apply([{ kind: "account", account: { accountKey: key, ...account } }]);
    this.shell.state.accounts.set(key, account);
  }

  /** The process ends, and the next one goes on with what was durable; the tabs come back. */
  async restart(): Promise<void> {
    this.shell?.close();
    const earlier = new Set(this.shell?.state.jobs.keys());
    this.shell = new CoordinatorShell({
      clock: systemClock(),
      store: this.store,
      executor: this.#executor(),
      secretRandom: simulationRandom(41),
      receiptSigner: this.signer,
      makeToken: () => `token-${String(this.#tokens++).padStart(20, "0")}`,
      livingCells: async () => this.livingCells,
      placingKey: "of the service",
      resolveSample: () => Promise.reject(new Error("ShellWithTabs has no samples")),
      regressionSample: () => Promise.reject(new Error("ShellWithTabs has no samples")),
      openEngine: () => {
        throw new Error("ShellWithTabs: expected inference jobs alone");
      },
      buildHash: "testing",
      settings: { ...SETTINGS_DEFAULT, ...this.settings },
      isAddressShared: this.isAddressShared,
      partyOf: (jobId) => (earlier.has(jobId) ? null : this.isAddressShared ? "" : this.party),
      faultsAllowed: true,
      onEvidence: (jobId, sent, rows) => void this.evidence.push({ jobId, ...sent, rows }),
      onProblem: (message, error) => {
        if (error instanceof Broken || this.#broken.has(String((error as Error)?.message)))
          return void this.problems.push((error as Error).message);
        throw new Error(message, { cause: error });
      },
    });
    await this.shell.restore();
    for (const tab of this.#tabs.keys()) this.#connect(tab);
  }

  /** Of tabs that sign. */
  get volunteerIds(): string[] {
    return this.#keys.map(({ volunteerId }) => volunteerId);
  }

  close(): void {
    this.shell.close();
  }

  upload(array: NpyArray): Promise<string> {
    return this.store.putBlob(encodeNpy(array));
  }

  submit(submission: Record<string, unknown>): Promise<{ jobId: string } | ApiProblem> {
    return this.shell.submit(
      inferenceSubmissionSchema.parse({ kind: "inference", ...submission }) as InferenceSubmission,
    );
  }

  /** @returns the job's id, once it has ended */
  async run(submission: Record<string, unknown>): Promise<string> {
    const reply = await this.submit(submission);
    if (isProblem(reply)) throw new Error(`the job was refused: ${reply.message}`);
    await this.ended(reply.jobId);
    return reply.jobId;
  }

  async ended(jobId: string): Promise<void> {
    while (this.shell.jobView(jobId)?.finishedMs == null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #executor(): KindsExecutor {
    const secretRandom = simulationRandom(42);
    const contextOf = (task: TaskName): TaskContext => ({
      secretRandom,
      model: async ({ sha256, bundle, behind, jobId, implementation: own = "first" }, implementation = own) => {
        const why = jobId === undefined ? null : this.breaking(task, jobId);
        if (why !== null) {
          this.#broken.add(why);
          throw new Broken(why);
        }
        const all = behind === undefined ? bundle : Buffer.concat([bundle, behind]);
        if (implementation === "tab" && this.lacksTabCode) throw new Broken("it does not run on tabs' code here");
        const model = await this.#model(sha256, all, implementation);
        return implementation === "tab" && this.isUnrepeatable ? timesOf(model, 1 + ++this.#runs / 1000) : model;
      },
    });
    return {
      run: <T extends TaskName>(task: T, input: TaskInputs[T]) => NUMERICS_TASKS[task](input, contextOf(task)),
      close: async () => {},
    };
  }

  #model(sha256: string, bundle: Uint8Array, implementation: Implementation): Promise<LoadedModel> {
    const name = `${implementation} ${sha256}`;
    const loaded = this.#models.get(name) ?? this.#runtimes[implementation].load(bundle);
    this.#models.set(name, loaded);
    return loaded;
  }

  #connect(tab: number): void {
    const sessionId = `session-${this.#sessions++}`;
    const { shell } = this;
    // One after the other, as a tab does.
    let lastTurn = Promise.resolve();
    const seen = new Set<number>();
    const { backend = "wasm" } = this.#tabs[tab]!;
    /** Models that it computes in WebAssembly because it was told so. */
    const aside = new Set<string>();
    const backendOf = (modelSha256: string) => (aside.has(modelSha256) ? "wasm" : backend);
    const answer = (assignment: AssignmentMessage) => {
      if (assignment.work !== "batch") return;
      const place = assignment.kind === "probe" ? NOWHERE : placeOf(shell, sessionId, seen);
      lastTurn = lastTurn.then(() => this.#work(shell, tab, sessionId, assignment, place, backendOf));
    };
    const key = this.#keys[tab];
    shell.tabs.sessionOpened(
      {
        sessionId,
        volunteerId: key?.volunteerId ?? `volunteer-${String(tab).padStart(2, "0")}`,
        ...(key === undefined ? {} : { publicKey: key.publicKey }),
        nickname: `tab ${tab}`,
        team: "",
        backend,
        addressPrefix: null,
        invitation: null,
      },
      {
        welcome: () => {},
        credit: () => {},
        unfit: ({ modelSha256, backend: unfit }) => {
          if (modelSha256 === undefined || unfit !== backendOf(modelSha256) || unfit === "wasm") return;
          aside.add(modelSha256);
          // As a message of its own.
          setImmediate(() => shell.tabs.modelOnBackend(sessionId, { modelSha256, backend: "wasm" }));
        },
        assignment: answer,
        cancel: ({ token }) => shell.tabs.returned(sessionId, { token }),
        refused: () => shell.tabs.sessionClosed(sessionId),
      },
    );
  }

  async #work(
    shell: CoordinatorShell,
    tab: number,
    sessionId: string,
    assignment: BatchMessage,
    place: Place,
    backendOf: (modelSha256: string) => string,
  ): Promise<void> {
    // It was taken back meanwhile.
    if ((await shell.tabs.blobForToken(assignment.token, assignment.model.sha256)) === null) return;
    const computed = await this.#honest.batch(assignment);
    if (computed === null) return;
    const backend = backendOf(assignment.model.sha256);
    const batch: Batch = { assignment, backend, ...place, ...computed };
    let said: Float32Array | null = batch.outputs;
    if (assignment.kind === "inference") {
      this.batches.push({ ...batch, tab });
      said = (await this.#tabs[tab]!.answers?.(batch)) ?? (this.#tabs[tab]!.answers ? null : said);
    }
    if (said === null) return;
    const rows = assignment.kind === "probe" ? null : (this.#tabs[tab]!.goesAfter?.(batch) ?? null);
    if (rows !== null) return this.#handOver(shell, tab, sessionId, assignment, said, rows);
    // As a message of its own: what waits for nothing but its turn has had it before.
    await new Promise((resolve) => setImmediate(resolve));
    const result = batchResult(assignment, said);
    shell.tabs.result(sessionId, await this.#signed(tab, assignment, result));
  }

  async #handOver(
    shell: CoordinatorShell,
    tab: number,
    sessionId: string,
    assignment: BatchMessage,
    outputs: Float32Array,
    rows: number,
  ): Promise<void> {
    const { outputSize } = assignment;
    for (let first = 0; first < rows; first++) {
      const soFar = outputs.slice(0, (first + 1) * outputSize);
      const slice = sliceOf(assignment, soFar, first);
      const digest = resultDigest({ dtype: "F32", shape: [first + 1, outputSize], data: soFar });
      const signature = await this.#keys[tab]?.sign(resultStatement(assignment, digest));
      shell.tabs.slice(sessionId, signature === undefined ? slice : { ...slice, signature });
    }
    shell.tabs.sessionClosed(sessionId);
  }

  async #signed(tab: number, assignment: BatchMessage, result: Result): Promise<Result> {
    if (this.#tabs[tab]!.forgesSignature) return { ...result, signature: new Uint8Array(64).fill(7) };
    return (await this.#keys[tab]?.signed(assignment, result)) ?? result;
  }
}

type Place = Pick<Batch, "roundIndex" | "workerIndex">;
const NOWHERE: Place = { roundIndex: 0, workerIndex: 0 };

/** Of the batch that this session is sent now: batches leave in the order in which they were decided. @param seen assignments before it */
function timesOf(model: LoadedModel, by: number): LoadedModel {
  return { ...model, run: async (rows, rowCount) => (await model.run(rows, rowCount)).map((value) => value * by) };
}

function placeOf({ state }: CoordinatorShell, sessionId: string, seen: Set<number>): Place {
  for (const { assignmentId, roundIndex, workerIndex, ...of } of state.assignments.values()) {
    if (of.sessionId !== sessionId || of.queueing !== "alone" || of.state === "dropped" || seen.has(assignmentId))
      continue;
    seen.add(assignmentId);
    return { roundIndex, workerIndex };
  }
  throw new Error(`placeOf: no batch of ${sessionId} is on its way`);
}
