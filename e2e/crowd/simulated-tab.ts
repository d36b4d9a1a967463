/**
 * A tab that answers like the real one, on virtual time: its model runs for real, its faults are a pure function of
 * (seed, tab, count of its assignments), and the network between it and the coordinator loses, repeats and delays.
 */

import { HAND_OVER_MS } from "../../client/kinds/inference/tab/hand-over.ts";
import { CARDS_LEFT_OUT } from "../../server/coordinator/different-answer.ts";
import type { TabLink, TabsPort } from "../../server/web/coordinator-port.ts";
import type { ProductAssignment } from "../../shared/coded/assignments.ts";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import type { BatchMessage } from "../../shared/kinds/inference/batch.ts";
import type { Refused, Result, Slice, WorkChoice } from "../../shared/protocol/messages.ts";
import { exponential, randomAt } from "../../shared/random/simulation-random.ts";
import { computeMsOf, slicesOf } from "./compute-time.ts";
import { type Collusion, ForgedProducts } from "./forged-products.ts";
import { batchResult, HonestWork, productResult, sliceOf } from "./honest-work.ts";
import { HONEST, type TabFaults } from "./tab-faults.ts";
import { volunteerName } from "./tab-names.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** No frame of numbers. */
const GARBAGE: Result["output"] = { kind: "inline", frame: Uint8Array.of(1, 2, 3) };

const NETWORK_MS_MIN = 1;
const NETWORK_MS_MEAN = 4;
const COMPUTE_MS_MEAN = 8;
const RECONNECT_MS_MEAN = 60;
/** Whoever changes its key waits so long, so that its latest answer has arrived. */
const RENAME_MS = 60;
/** So long is left to what it has just handed over to arrive, where it leaves then. */
const BEHIND_SLICE_MS = 40;

type Load = (bundle: Uint8Array) => Promise<LoadedModel>;

export interface TabWorld {
  readonly clock: VirtualClock;
  readonly seed: number;
  /** The coordinator that is up, or null between a crash and the restart. */
  coordinatorTabs(): TabsPort | null;
  /** How tabs load models; by default on the plain runtime. */
  readonly load?: Load;
  /** Of tabs with the swap attack. */
  readonly collusion?: Collusion;
  /** Nothing gets through between this tab and the coordinator, either way. */
  readonly isCut?: (tab: number) => boolean;
  /** From here on every tab and the network do as they should. */
  readonly isCalm?: () => boolean;
}

export class SimulatedTab {
  volunteerId: string;
  /** Every volunteer that it has been. */
  readonly names: string[];
  readonly tab: number;
  readonly faults: TabFaults;
  /** Right answers that it sent, by assignment: what credit can be given for at most. */
  honestAssignments = 0;
  /** Batches that it computed, and their rows. */
  batches = 0;
  rows = 0;
  /** Results with a lie in them that the coordinator took in, by the volunteer that it then was. */
  readonly lies = new Map<string, number>();
  /** Names under which it was told that it computes a model wrong altogether. */
  readonly turnedAway = new Set<string>();
  /** What it was invited with to a T-private job, from the next session on. */
  invitation: string | null = null;
  readonly #world: TabWorld;
  #sessionId: string | null = null;
  #sessionCount = 0;
  #otherNames = 0;
  #backends = 0;
  #isOnProcessor = false;
  #draws = 0;
  /** Batches in the order in which they came; the first is under way. */
  #batchesOfName = 0;
  #batches: { readonly sessionId: string; readonly assignment: BatchMessage }[] = [];
  #underWay: { readonly rowCount: number; readonly sinceMs: number; readonly computeMs: number } | null = null;
  readonly #cancelled = new Set<string>();
  /** [PR113] By batch: how many of its rows are needed. */
  readonly #needed = new Map<string, number>();
  #choice: WorkChoice | null = null;
  /** Of the job that it was sent something of last. */
  #lastJob: { readonly jobId: string; readonly submitter: string } | null = null;
  readonly #honest: HonestWork;
  #forged: ForgedProducts;
  /** Products in the order in which they came; the first is under way. */
  #products: { readonly sessionId: string; readonly assignment: ProductAssignment }[] = [];

  constructor(world: TabWorld, tab: number, faults: TabFaults) {
    this.#world = world;
    this.tab = tab;
    this.faults = faults;
    this.#honest = new HonestWork({
      load: this.#loader(faults.load ?? world.load ?? createPlainRuntime().load),
      fetchBlob: async (token, sha256) => world.coordinatorTabs()?.blobForToken(token, sha256)?.bytes ?? null,
    });
    this.#forged = new ForgedProducts(world.collusion, tab);
    this.volunteerId = volunteerName(faults.keyOf ?? tab);
    this.names = [this.volunteerId];
  }

  /** What it does now: its faults, until the world is calm. */
  get #acts(): TabFaults {
    if (this.#world.isCalm?.() !== true) return this.faults;
    const { addressPrefix = null, load } = this.faults;
    return { ...HONEST, addressPrefix, whenQuarantined: "comes as another", ...(load === undefined ? {} : { load }) };
  }

  #loader(own: Load): Load {
    const { onCard } = this.faults;
    if (onCard === undefined) return own;
    return async (bundle) => {
      const [card, processor] = [await onCard(bundle), await own(bundle)];
      return { ...processor, run: (rows, rowCount) => (this.#isOnProcessor ? processor : card).run(rows, rowCount) };
    };
  }

  #backendName(): string {
    if (this.#isOnProcessor) return "wasm";
    return this.#backends === 0 ? (this.faults.backend ?? "plain 0") : `plain ${this.#backends}`;
  }

  get #isCut(): boolean {
    return this.#world.isCut?.(this.tab) === true;
  }

  connect(): void {
    const coordinator = this.#world.coordinatorTabs();
    if (this.#sessionId !== null) return;
    if (coordinator === null || this.#isCut || this.#acts.isAway?.() === true) {
      this.#later(this.#exponential(RECONNECT_MS_MEAN), () => this.connect());
      return;
    }
    const sessionId = `session-${this.tab}-${this.#sessionCount++}`;
    this.#sessionId = sessionId;
    if (this.#world.isCalm?.() === true) this.#choice = null;
    coordinator.sessionOpened(
      {
        sessionId,
        volunteerId: this.volunteerId,
        nickname: `tab ${this.tab}`,
        team: `team ${this.tab % 3}`,
        backend: this.#backendName(),
        addressPrefix: this.#addressPrefix,
        invitation: this.invitation,
        choice: this.#choice,
        ownerId: this.faults.deviceOf === undefined ? null : volunteerName(this.faults.deviceOf),
      },
      this.#link(sessionId),
    );
    const { staysMsMean, pausesMsMean = null, choosesMsMean = null } = this.#acts;
    if (staysMsMean !== null) this.#later(this.#exponential(staysMsMean), () => this.#leave(sessionId));
    if (pausesMsMean !== null) this.#later(this.#exponential(pausesMsMean), () => this.#pause(sessionId, pausesMsMean));
    if (choosesMsMean !== null)
      this.#later(this.#exponential(choosesMsMean), () => this.#choose(sessionId, choosesMsMean));
  }

  get #addressPrefix(): string | null {
    const { addressPrefix = null, movesWhenRenamed = false } = this.faults;
    if (addressPrefix === null || !movesWhenRenamed || this.#otherNames === 0) return addressPrefix;
    return `${addressPrefix}, moved ${this.#otherNames} times`;
  }

  /** All again, the project or all but the job that it worked for last, or a project that nobody has: then all again. */
  #choose(sessionId: string, choosesMsMean: number): void {
    if (this.#sessionId !== sessionId) return;
    const { jobId, submitter } = this.#lastJob ?? { jobId: "none", submitter: "nobody" };
    const choices: readonly (WorkChoice | null)[] = [
      { projects: [submitter], refused: [] },
      { projects: null, refused: [jobId] },
      { projects: ["nobody"], refused: [] },
    ];
    const isCalm = this.#world.isCalm?.() === true;
    const drawn = Math.floor(this.#random().uniform() * choices.length);
    this.#choice = isCalm || this.#choice !== null ? null : choices[drawn]!;
    this.#world.coordinatorTabs()?.choice(sessionId, this.#choice);
    if (!isCalm) this.#later(this.#exponential(choosesMsMean), () => this.#choose(sessionId, choosesMsMean));
  }

  /** Whoever is invited opens the tab again, with the invitation. */
  invite(invitation: string): void {
    this.invitation = invitation;
    const sessionId = this.#sessionId;
    if (sessionId !== null) this.#later(this.#exponential(RECONNECT_MS_MEAN), () => this.#leave(sessionId));
  }

  /** It says that it wants no work; what it holds it goes on with. */
  #pause(sessionId: string, pausesMsMean: number): void {
    if (this.#sessionId !== sessionId) return;
    this.#world.coordinatorTabs()?.availability(sessionId, false);
    this.#later(this.#exponential(pausesMsMean), () => {
      if (this.#sessionId === sessionId) this.#world.coordinatorTabs()?.availability(sessionId, true);
    });
  }

  /** The network has been cut for so long that either side takes the connection for lost. */
  connectionLost(): void {
    const sessionId = this.#sessionId;
    if (sessionId === null) return;
    this.coordinatorCrashed();
    this.#world.coordinatorTabs()?.sessionClosed(sessionId);
  }

  /** The coordinator is gone: a real tab's socket closes and it tries again with back-off. */
  coordinatorCrashed(): void {
    this.#sessionId = null;
    this.#forgetBatches();
    this.#products = [];
    this.#later(this.#exponential(RECONNECT_MS_MEAN), () => this.connect());
  }

  /** The tab closes and is opened again: what it held in memory is gone. */
  #leave(sessionId: string): void {
    if (this.#sessionId !== sessionId) return;
    this.#sessionId = null;
    this.#forgetBatches();
    this.#products = [];
    this.#honest.forgetShards();
    this.#forged = new ForgedProducts(this.#world.collusion, this.tab);
    this.#world.coordinatorTabs()?.sessionClosed(sessionId);
    this.#later(this.#exponential(RECONNECT_MS_MEAN), () => this.connect());
  }

  /** Of what it was at, it has computed so much as there was time for. */
  #forgetBatches(): void {
    this.#batches = [];
    if (this.#underWay === null) return;
    const { rowCount, sinceMs, computeMs } = this.#underWay;
    const left = Math.max(0, 1 - (this.#world.clock.nowMs() - sinceMs) / computeMs);
    this.rows -= Math.floor(rowCount * left);
    this.#underWay = null;
  }

  #link(sessionId: string): TabLink {
    const deliver = (arrive: () => void) => {
      if (this.#isCut || this.#chance(this.#acts.lossProbability)) return;
      this.#later(this.#networkMs(), () => {
        if (this.#sessionId === sessionId) arrive();
      });
    };
    return {
      welcome: () => {},
      credit: () => {},
      unfit: ({ message }) => deliver(() => this.#isUnfit(sessionId, message)),
      // The first question always gets through: a lost one would only repeat the handshake's own time limit.
      assignment: (message) =>
        message.kind === "probe"
          ? this.#later(this.#networkMs(), () => this.#work(sessionId, message))
          : deliver(() => this.#work(sessionId, message)),
      cancel: ({ token }) => deliver(() => this.#cancel(sessionId, token)),
      ...(this.#acts.leavesOut === true && {
        shorten: ({ token, rowCount }) => deliver(() => this.#needed.set(token, Math.max(1, rowCount))),
      }),
      refused: (message) => this.#later(this.#networkMs(), () => this.#refused(sessionId, message)),
    };
  }

  /** Whoever reads that its device computes a model wrong tries another back-end, or does what it does when it is shut out. */
  #isUnfit(sessionId: string, message: string): void {
    if (this.#sessionId !== sessionId) return;
    if (message === CARDS_LEFT_OUT) {
      this.#isOnProcessor = true;
      return this.#leave(sessionId);
    }
    this.turnedAway.add(this.volunteerId);
    const { whenQuarantined = "comes back" } = this.#acts;
    if (whenQuarantined === "stays away") return this.#stayAway(sessionId);
    if (whenQuarantined === "comes as another") this.#becomeAnother();
    else this.#backends++;
    this.#leave(sessionId);
  }

  #stayAway(sessionId: string): void {
    this.#sessionId = null;
    this.#world.coordinatorTabs()?.sessionClosed(sessionId);
  }

  #rename(sessionId: string): void {
    if (this.#sessionId !== sessionId) return;
    this.#becomeAnother();
    this.#leave(sessionId);
  }

  #becomeAnother(): void {
    this.volunteerId = volunteerName(this.tab, ++this.#otherNames);
    this.#batchesOfName = 0;
    this.names.push(this.volunteerId);
  }

  #refused(sessionId: string, message: Refused): void {
    if (this.#sessionId !== sessionId || message.code === "shutting-down") return;
    const { whenQuarantined = "comes back" } = this.#acts;
    const isQuarantined = message.code === "wrong-answers";
    if (isQuarantined && whenQuarantined === "stays away") return this.#stayAway(sessionId);
    if (isQuarantined && whenQuarantined === "comes as another") this.#becomeAnother();
    this.#leave(sessionId);
  }

  async #work(sessionId: string, assignment: AssignmentMessage): Promise<void> {
    if (this.#sessionId !== sessionId) return;
    if (assignment.kind !== "probe") this.#lastJob = { jobId: assignment.jobId, submitter: assignment.submitter };
    switch (assignment.work) {
      case "shard": {
        if (!(await this.#honest.hold(assignment)) || this.#acts.isMute) return;
        const result: Result = { token: assignment.token, computeMs: 0, output: { kind: "held" } };
        return this.#answer(sessionId, result, { isHonest: true, isLie: false });
      }
      case "product":
        this.#products.push({ sessionId, assignment });
        if (this.#products.length === 1) await this.#nextProduct();
        return;
      case "batch":
        if (assignment.kind === "probe") return this.#answerProbe(sessionId, assignment);
        if (this.#acts.isAway?.() === true) return this.#leave(sessionId);
        this.#batches.push({ sessionId, assignment });
        if (this.#batches.length === 1) await this.#nextBatch();
    }
  }

  #cancel(sessionId: string, token: string): void {
    for (const waiting of [this.#batches, this.#products]) {
      const place = waiting.findIndex(({ assignment }) => assignment.token === token);
      if (place < 1) continue;
      waiting.splice(place, 1);
      this.#giveBack(sessionId, token);
      return;
    }
    this.#cancelled.add(token);
  }

  #giveBack(sessionId: string, token: string): void {
    this.#later(this.#networkMs(), () => this.#world.coordinatorTabs()?.returned(sessionId, { token }));
  }

  /** It says that it could not; told to drop it meanwhile, it has let go of it thereby. */
  #fail(sessionId: string, token: string): void {
    if (this.#cancelled.delete(token)) return this.#giveBack(sessionId, token);
    this.#later(this.#networkMs(), () =>
      this.#world.coordinatorTabs()?.failed(sessionId, { token, message: "injected" }),
    );
  }

  async #answerProbe(sessionId: string, assignment: BatchMessage): Promise<void> {
    const computed = await this.#honest.batch(assignment);
    if (computed === null) return;
    this.#later(COMPUTE_MS_MEAN, () => this.#send(sessionId, batchResult(assignment, computed.outputs)));
  }

  async #nextBatch(): Promise<void> {
    const next = this.#batches[0];
    if (next === undefined) return;
    const { sessionId, assignment } = next;
    const done = () => {
      if (this.#batches[0] !== next) return; // it left meanwhile
      this.#batches.shift();
      void this.#nextBatch();
    };
    // Its model may fail at a row.
    const computed = await this.#honest.batch(assignment).catch(() => null);
    const { token, rowCount, outputSize } = assignment;
    const faults = this.#acts;
    // Or its token was void before the model and the rows could be fetched.
    if (computed === null) {
      done();
      if (!faults.isMute) this.#fail(sessionId, token);
      return;
    }
    const { rows, outputs: honest } = computed;
    let outputs = honest;
    if (faults.isMute || faults.isSilent?.() === true) return done();
    const computeMs = this.#taskMs(rowCount);
    if (this.#chance(faults.failsProbability ?? 0)) {
      this.#later(computeMs, () => {
        done();
        this.#fail(sessionId, token);
      });
      return;
    }
    const count = this.batches - 1;
    const isAwake = count >= (faults.sleepsFor ?? 0);
    const rotates = faults.isLiar && isAwake;
    if (rotates) rotateRows(outputs, outputSize);
    const batch = { count, rows, outputs, rowCount, outputSize };
    const lie = isAwake ? (faults.lie?.(batch, this.volunteerId) ?? null) : null;
    if (lie !== null) outputs = lie;
    const garbage = this.#chance(faults.garbageProbability);
    const isGone = () => this.#batches[0] !== next || this.#sessionId !== sessionId;
    let handed = 0;
    const onRows = (first: number, rows: number) => {
      if (isGone()) return;
      handed = rows;
      this.#handOver(sessionId, sliceOf(assignment, outputs.subarray(0, rows * outputSize), first));
      if (faults.leavesAfterSlice?.({ rows: batch.rows, rowCount }, rows) === true)
        this.#later(BEHIND_SLICE_MS, () => this.#leave(sessionId));
    };
    this.#inSlices(computeMs, assignment, garbage ? () => {} : onRows, (computed) => {
      done();
      this.#needed.delete(token);
      const isShort = computed < rowCount;
      if (this.#cancelled.delete(token) || (isShort && computed === handed)) return this.#giveBack(sessionId, token);
      const isHonest = !rotates && lie === null && !garbage;
      // Of a batch that it does not end its answer has the rows that it has not handed over.
      const said = isShort
        ? batchResult(
            { ...assignment, rowCount: computed - handed },
            outputs.subarray(handed * outputSize, computed * outputSize),
          )
        : batchResult(assignment, outputs);
      this.#answer(sessionId, garbage ? { ...said, output: GARBAGE } : said, { isHonest, isLie: lie !== null });
      if (++this.#batchesOfName === faults.renamesAfter) this.#later(RENAME_MS, () => this.#rename(sessionId));
    });
  }

  /** Goes on when the batch is computed, or at the end of a slice where it was told to drop it. @param onRows told of rows that are to be handed over */
  #inSlices(
    computeMs: number,
    { token, rowCount, inSlices }: BatchMessage,
    onRows: (first: number, rows: number) => void,
    then: (computed: number) => void,
  ): void {
    const { slices: own = 1 } = this.#acts;
    const slices = Math.min(rowCount, Math.max(own, slicesOf(computeMs)));
    const everyMs = own > 1 ? 0 : HAND_OVER_MS;
    let [first, handedMs] = [0, 0];
    const handOver = (share: number): void => {
      const rows = Math.floor(rowCount * share);
      if (inSlices !== true || own === 0 || rows === first || computeMs * share - handedMs < everyMs) return;
      onRows(first, rows);
      [first, handedMs] = [rows, computeMs * share];
    };
    const underWay = { rowCount, sinceMs: this.#world.clock.nowMs(), computeMs };
    this.#underWay = underWay;
    const after = (left: number): void => {
      const computed = Math.floor((rowCount * (slices - left)) / slices);
      const isEnough = computed >= (this.#needed.get(token) ?? rowCount) && left < slices;
      if (left > 0 && left < slices && !isEnough && !this.#cancelled.has(token)) handOver(1 - left / slices);
      if (left > 0 && !isEnough && !this.#cancelled.has(token))
        return this.#later(computeMs / slices, () => after(left - 1));
      if (this.#underWay === underWay) {
        this.rows -= Math.floor((rowCount * left) / slices);
        this.#underWay = null;
      }
      then(computed);
    };
    after(slices);
  }

  async #nextProduct(): Promise<void> {
    const next = this.#products[0];
    if (next === undefined) return;
    const { sessionId, assignment } = next;
    const done = () => {
      if (this.#products[0] === next) this.#products.shift();
      void this.#nextProduct();
    };
    const honest = await this.#honest.multiply(assignment);
    if (honest !== null) this.#world.collusion?.lay(assignment, this.tab, honest);
    if (this.#products[0] !== next) return; // it left meanwhile
    const faults = this.#acts;
    const { token, shard, product } = assignment;
    if (honest === null || faults.isMute) {
      done();
      if (!faults.isMute) this.#fail(sessionId, token);
      return;
    }
    const { rows } = shard[product]!;
    const garbage = this.#chance(faults.garbageProbability);
    this.#later(this.#taskMs(rows), () => {
      if (this.#products[0] !== next) return;
      done();
      if (this.#cancelled.delete(token)) return this.#giveBack(sessionId, token);
      if (this.#chance(faults.failsProbability ?? 0)) return this.#fail(sessionId, token);
      const { residues, isForged } = this.#forged.sent(assignment, honest, faults.attack ?? null);
      if (garbage) residues[0] = 2 ** 32 - 1;
      this.#answer(sessionId, productResult(assignment, residues), {
        isHonest: !isForged && !garbage,
        isLie: isForged,
      });
    });
  }

  /** Counts the task. @returns the milliseconds that it takes */
  #taskMs(rowCount: number): number {
    const { straggleProbability, computeTime } = this.#acts;
    const straggles = this.#chance(straggleProbability);
    const count = this.batches++;
    this.rows += rowCount;
    const ownMs =
      computeTime === undefined
        ? this.#exponential(COMPUTE_MS_MEAN)
        : computeMsOf(computeTime, this.#world.seed, this.tab, count, rowCount);
    return ownMs + (straggles ? 400 + this.#exponential(400) : 0);
  }

  /** Over a network that loses and repeats. */
  #answer(sessionId: string, result: Result, { isHonest, isLie }: { isHonest: boolean; isLie: boolean }): void {
    const { volunteerId } = this;
    if (isHonest) this.honestAssignments++;
    const { repeatProbability, lossProbability } = this.#acts;
    const copies = this.#chance(repeatProbability) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (this.#isCut || this.#chance(lossProbability)) continue;
      this.#later(this.#networkMs(), () => {
        const { verdict } = this.#send(sessionId, result);
        if (isLie && verdict === "received") this.lies.set(volunteerId, (this.lies.get(volunteerId) ?? 0) + 1);
      });
    }
  }

  #handOver(sessionId: string, slice: Slice): void {
    const { lossProbability, repeatProbability } = this.#acts;
    const copies = this.#chance(repeatProbability) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (this.#isCut || this.#chance(lossProbability)) continue;
      this.#later(this.#networkMs(), () => this.#world.coordinatorTabs()?.slice(this.#sessionId ?? sessionId, slice));
    }
  }

  /** Sent under the session it was asked in, even if the tab has left it since: old tokens are tried out. */
  #send(sessionId: string, result: Result): { verdict: string } {
    return this.#world.coordinatorTabs()?.result(this.#sessionId ?? sessionId, result) ?? { verdict: "lost" };
  }

  #later(ms: number, run: () => void): void {
    this.#world.clock.after(ms, run);
  }

  #random() {
    return randomAt(this.#world.seed, 1, this.tab, this.#draws++);
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.#random().uniform() < probability;
  }

  #exponential(mean: number): number {
    return exponential(this.#random(), mean);
  }

  #networkMs(): number {
    return NETWORK_MS_MIN + this.#exponential(NETWORK_MS_MEAN);
  }
}

function rotateRows(outputs: Float32Array, width: number): void {
  const first = outputs.slice(0, width);
  outputs.copyWithin(0, width);
  outputs.set(first, outputs.length - width);
}
