/** Whether new jobs are taken. What the operator said last holds across restarts: it lies in intake.json of the data directory. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type IntakeView, intakeViewSchema } from "../../shared/protocol/house-api.ts";
import { replaceDurably } from "../durable-files.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";

const INTAKE_NAME = "intake.json";
const OPEN: IntakeView = { pausedFor: null, sinceMs: null };

export class IntakePause {
  readonly #path: string;
  readonly #nowMs: () => number;
  #view: IntakeView;

  /** @throws where the file is there and says something else than whether jobs are taken */
  static async open(dataDirectory: string, nowMs: () => number): Promise<IntakePause> {
    const path = join(dataDirectory, INTAKE_NAME);
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    return new IntakePause(path, nowMs, text === null ? OPEN : intakeViewSchema.parse(JSON.parse(text)));
  }

  private constructor(path: string, nowMs: () => number, view: IntakeView) {
    this.#path = path;
    this.#nowMs = nowMs;
    this.#view = view;
  }

  get view(): IntakeView {
    return this.#view;
  }

  /** Durable when it resolves. @param pausedFor null: new jobs are taken */
  async set(pausedFor: string | null): Promise<IntakeView> {
    const view = pausedFor === null ? OPEN : { pausedFor, sinceMs: this.#nowMs() };
    await replaceDurably(this.#path, `${JSON.stringify(view)}\n`);
    this.#view = view;
    return view;
  }

  /** Why no new job is taken now; null: it is. */
  problem(): ApiProblem | null {
    const { pausedFor } = this.#view;
    if (pausedFor === null) return null;
    return { status: 503, code: "intake-paused", message: `the operator takes no new jobs now: ${pausedFor}` };
  }
}
