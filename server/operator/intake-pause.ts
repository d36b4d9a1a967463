/** Whether new jobs are taken. What the operator said last holds across restarts, and for all coordinators that share a database. */
import { join } from "node:path";
import { createTurnQueue } from "../../shared/control/turn-queue.ts";
import { type IntakeView, intakeViewSchema } from "../../shared/protocol/house-api.ts";
import type { OperatorRecords } from "../store/operator-records.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import { takeFormerFile } from "./former-file.ts";

/** Of each coordinator's own directory, until migration 0019. */
const FORMER_NAME = "intake.json";
const OPEN: IntakeView = { pausedFor: null, sinceMs: null };

export class IntakePause {
  readonly #store: OperatorRecords;
  readonly #nowMs: () => number;
  #view: IntakeView = OPEN;
  readonly #inTurn = createTurnQueue();

  /**
   * @param ownDirectory may hold the file of an earlier version
   * @throws where that says something else than whether jobs are taken
   */
  static async open(store: OperatorRecords, ownDirectory: string, nowMs: () => number): Promise<IntakePause> {
    await takeFormerFile(join(ownDirectory, FORMER_NAME), intakeViewSchema, async (said) => {
      // Where one of several was paused all are: nobody's file opens what another one's has closed.
      if (said.pausedFor !== null) await store.setIntake(said);
    });
    const pause = new IntakePause(store, nowMs);
    await pause.reload();
    return pause;
  }

  private constructor(store: OperatorRecords, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** [CE4] Also when another coordinator has said something. One reading after the other: what was read last is the latest. */
  reload(): Promise<void> {
    return this.#inTurn(async () => {
      this.#view = (await this.#store.intake()) ?? OPEN;
    });
  }

  get view(): IntakeView {
    return this.#view;
  }

  /** Durable when it resolves. @param pausedFor null: new jobs are taken */
  async set(pausedFor: string | null): Promise<IntakeView> {
    const view = pausedFor === null ? OPEN : { pausedFor, sinceMs: this.#nowMs() };
    await this.#store.setIntake(view);
    await this.reload();
    return view;
  }

  /** Why no new job is taken now; null: it is. */
  problem(): ApiProblem | null {
    const { pausedFor } = this.#view;
    if (pausedFor === null) return null;
    return { status: 503, code: "intake-paused", message: `the operator takes no new jobs now: ${pausedFor}` };
  }
}
