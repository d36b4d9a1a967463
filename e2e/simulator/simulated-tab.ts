/**
 * A tab that answers like the real one, on virtual time: its model runs for real, its faults are a pure function of
 * (seed, tab, count of its assignments), and the network between it and the coordinator loses, repeats and delays.
 */

import type { CoordinatorPort, TabLink } from "../../server/web/coordinator-port.ts";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { createPlainRuntime } from "../../shared/compute/plain-runtime.ts";
import { decodeFrame, encodeFrame } from "../../shared/protocol/frame.ts";
import type { Assignment, Refused, Result } from "../../shared/protocol/messages.ts";
import { exponential, randomAt } from "../../shared/random/simulation-random.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface TabFaults {
  readonly straggleProbability: number;
  /** Loses every answer for good. */
  readonly isMute: boolean;
  /** Gives each row another row's answer. */
  readonly isLiar: boolean;
  /** Share of messages, each way, that never arrive. */
  readonly lossProbability: number;
  /** Share of results that are sent twice. */
  readonly repeatProbability: number;
  /** Mean milliseconds until the tab closes and comes back as another session; null: it stays. */
  readonly staysMsMean: number | null;
  /** Share of results that are not numbers. */
  readonly garbageProbability: number;
}

const NETWORK_MS_MIN = 1;
const NETWORK_MS_MEAN = 4;
const COMPUTE_MS_MEAN = 8;
const RECONNECT_MS_MEAN = 60;

export interface TabWorld {
  readonly clock: VirtualClock;
  readonly seed: number;
  /** The coordinator that is up, or null between a crash and the restart. */
  coordinator(): CoordinatorPort | null;
}

export class SimulatedTab {
  readonly volunteerId: string;
  readonly tab: number;
  readonly faults: TabFaults;
  /** Right answers that it sent, by assignment: what credit can be given for at most. */
  honestAssignments = 0;
  readonly #world: TabWorld;
  #sessionId: string | null = null;
  #sessionCount = 0;
  #draws = 0;
  readonly #cancelled = new Set<string>();
  readonly #models = new Map<string, Promise<LoadedModel>>();

  constructor(world: TabWorld, tab: number, faults: TabFaults) {
    this.#world = world;
    this.tab = tab;
    this.faults = faults;
    this.volunteerId = `volunteer-${tab}`;
  }

  connect(): void {
    const coordinator = this.#world.coordinator();
    if (this.#sessionId !== null) return;
    if (coordinator === null) {
      this.#later(this.#exponential(RECONNECT_MS_MEAN), () => this.connect());
      return;
    }
    const sessionId = `session-${this.tab}-${this.#sessionCount++}`;
    this.#sessionId = sessionId;
    coordinator.sessionOpened(
      { sessionId, volunteerId: this.volunteerId, nickname: `tab ${this.tab}`, backend: "plain", addressPrefix: null },
      this.#link(sessionId),
    );
    if (this.faults.staysMsMean !== null) {
      this.#later(this.#exponential(this.faults.staysMsMean), () => this.#leave(sessionId));
    }
  }

  /** The coordinator is gone: a real tab's socket closes and it tries again with back-off. */
  coordinatorCrashed(): void {
    this.#sessionId = null;
    this.#later(this.#exponential(RECONNECT_MS_MEAN), () => this.connect());
  }

  #leave(sessionId: string): void {
    if (this.#sessionId !== sessionId) return;
    this.#sessionId = null;
    this.#world.coordinator()?.sessionClosed(sessionId);
    this.#later(this.#exponential(RECONNECT_MS_MEAN), () => this.connect());
  }

  #link(sessionId: string): TabLink {
    const deliver = (arrive: () => void) => {
      if (this.#chance(this.faults.lossProbability)) return;
      this.#later(this.#networkMs(), () => {
        if (this.#sessionId === sessionId) arrive();
      });
    };
    return {
      welcome: () => {},
      credit: () => {},
      // The first question always gets through: a lost one would only repeat the handshake's own time limit.
      assignment: (message) =>
        message.kind === "probe"
          ? this.#later(this.#networkMs(), () => this.#work(sessionId, message))
          : deliver(() => this.#work(sessionId, message)),
      cancel: ({ token }) => deliver(() => this.#cancelled.add(token)),
      refused: (message) => this.#later(this.#networkMs(), () => this.#refused(sessionId, message)),
    };
  }

  #refused(sessionId: string, message: Refused): void {
    if (this.#sessionId !== sessionId || message.code === "shutting-down") return;
    this.#leave(sessionId);
  }

  async #work(sessionId: string, assignment: Assignment): Promise<void> {
    if (this.#sessionId !== sessionId) return;
    const outputs = await this.#compute(assignment);
    if (outputs === null) return; // its token was void before the model could be fetched
    if (assignment.kind === "probe") {
      this.#later(COMPUTE_MS_MEAN, () => this.#send(sessionId, assignment, outputs));
      return;
    }
    if (this.faults.isMute) return;
    const straggles = this.#chance(this.faults.straggleProbability);
    const computeMs = this.#exponential(COMPUTE_MS_MEAN) + (straggles ? 400 + this.#exponential(400) : 0);
    if (this.faults.isLiar) rotateRows(outputs, assignment.outputSize);
    const garbage = this.#chance(this.faults.garbageProbability);
    if (garbage) outputs[0] = Number.NaN;
    this.#later(computeMs, () => {
      if (this.#cancelled.delete(assignment.token)) {
        this.#later(this.#networkMs(), () =>
          this.#world.coordinator()?.returned(sessionId, { token: assignment.token }),
        );
        return;
      }
      if (!this.faults.isLiar && !garbage) this.honestAssignments++;
      const copies = this.#chance(this.faults.repeatProbability) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        if (this.#chance(this.faults.lossProbability)) continue;
        this.#later(this.#networkMs(), () => this.#send(sessionId, assignment, outputs));
      }
    });
  }

  /** Sent under the session it was asked in, even if the tab has left it since: old tokens are tried out. */
  #send(sessionId: string, { token, rowCount, outputSize }: Assignment, outputs: Float32Array): void {
    const frame = encodeFrame({ outputs: { dtype: "F32", shape: [rowCount, outputSize], data: outputs } });
    const result: Result = { token, computeMs: 1, output: { kind: "inline", frame } };
    this.#world.coordinator()?.result(this.#sessionId ?? sessionId, result);
  }

  async #compute(assignment: Assignment): Promise<Float32Array | null> {
    const model = await this.#model(assignment);
    if (model === null) return null;
    if (assignment.input.kind !== "inline") throw new Error("simulated tabs get their inputs in the message");
    const { rows } = decodeFrame(assignment.input.frame);
    return model.run(rows!.data as Float32Array, assignment.rowCount);
  }

  async #model({ token, model }: Assignment): Promise<LoadedModel | null> {
    const held = this.#models.get(model.sha256);
    if (held !== undefined) return held;
    const blob = await this.#world.coordinator()?.blobForToken(token, model.sha256);
    if (!blob) return null;
    const loaded = createPlainRuntime().load(blob.bytes);
    this.#models.set(model.sha256, loaded);
    return loaded;
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
