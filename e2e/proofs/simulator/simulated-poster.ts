/** A submitter who posts queries to a stream while it runs: some at a time, again where nobody acknowledged them, and then closes it. */
import type { CoordinatorShell } from "../../../server/shell/coordinator-shell.ts";
import { StoreError } from "../../../server/store/store.ts";
import { isProblem } from "../../../server/web/coordinator-port.ts";
import { exponential, randomAt } from "../../../shared/random/simulation-random.ts";
import type { VirtualClock } from "../../crowd/virtual-clock.ts";

export interface PosterWorld {
  readonly clock: VirtualClock;
  readonly seed: number;
  coordinator(): CoordinatorShell | null;
  broken(message: string): void;
}

const PATIENCE_MS = 2_000;
const AWAY_MS = 40;
const POST_ROWS_MAX = 5;
/** Of the queries that are posted some are none. */
const BAD_SHARE = 0.1;

export class SimulatedPoster {
  readonly jobId: string;
  readonly #world: PosterWorld;
  readonly #rows: readonly Float32Array[];
  readonly #postMsMean: number;
  /** Queries that the coordinator has said it has: from the first on, without gaps. */
  #acknowledged = 0;

  /** @param rows its queries, in their order */
  constructor(world: PosterWorld, jobId: string, rows: readonly Float32Array[], postMsMean: number) {
    this.#world = world;
    this.jobId = jobId;
    this.#rows = rows;
    this.#postMsMean = postMsMean;
  }

  /** Resolves when everything is acknowledged and the stream is closed, or the job has ended otherwise. */
  async toEnd(): Promise<void> {
    const { clock, seed } = this.#world;
    const random = randomAt(seed, 40, this.#rows.length);
    while (this.#acknowledged < this.#rows.length) {
      await clock.sleep(exponential(random, this.#postMsMean));
      const rows = this.#rows.slice(this.#acknowledged, this.#acknowledged + 1 + random.integer(POST_ROWS_MAX));
      const posted = rows.flatMap((values) =>
        random.uniform() < BAD_SHARE ? [{ problem: "injected: no query" }, { values }] : [{ values }],
      );
      const at = this.#acknowledged;
      const answer = await this.#ask((shell) => shell.desks.inference.postQueries(this.jobId, posted, at));
      if (this.#hasEnded()) return;
      if (answer === null) await clock.sleep(AWAY_MS);
      else if (!isProblem(answer)) this.#isTaken(answer.firstIndex, answer.taken, at, rows.length);
      // Cancelled: it ends once its coins are answered.
      else if (answer.code === "job-ended") return;
      // What the disk refuses is posted again.
      else if (answer.code !== "not-durable")
        this.#world.broken(`[SM2] a post to ${this.jobId} was refused: ${answer.message}`);
    }
    while (!this.#hasEnded()) {
      if ((await this.#ask((shell) => shell.stop(this.jobId))) === true) return;
      await clock.sleep(AWAY_MS);
    }
  }

  #isTaken(firstIndex: number, taken: number, at: number, rows: number): void {
    if (firstIndex !== at || taken !== rows)
      this.#world.broken(`[SM2] ${taken} queries from ${firstIndex} on were taken of ${rows} from ${at} on`);
    this.#acknowledged = firstIndex + taken;
  }

  /** [SM2] What was acknowledged is there, whatever happened since. */
  check(shell: CoordinatorShell): void {
    const { queryCount } = shell.desks.inference.standing(this.jobId) ?? { queryCount: 0 };
    // A coordinator that has just started has read nothing yet.
    if (shell.state.jobs.size > 0 && queryCount < this.#acknowledged)
      this.#world.broken(`[SM2] ${this.jobId} has ${queryCount} queries, and ${this.#acknowledged} were acknowledged`);
    if (shell.desks.inference.standing(this.jobId)?.state === "done" && queryCount !== this.#rows.length)
      this.#world.broken(`[SM6] ${this.jobId} is done with ${queryCount} of ${this.#rows.length} queries`);
  }

  #hasEnded(): boolean {
    const standing = this.#world.coordinator()?.desks.inference.standing(this.jobId);
    // One whose end is being written takes no more either.
    return standing != null && (standing.finishedMs !== null || standing.state === "finishing");
  }

  /** null: nobody answered in time. */
  async #ask<T>(question: (shell: CoordinatorShell) => Promise<T>): Promise<T | null> {
    const shell = this.#world.coordinator();
    if (shell === null) return null;
    const asked = question(shell).catch((error: unknown) => {
      if (!(error instanceof StoreError)) this.#world.broken(`${this.jobId} could not be asked: ${error}`);
      return null;
    });
    return Promise.race([asked, this.#world.clock.sleep(PATIENCE_MS).then(() => null)]);
  }
}
