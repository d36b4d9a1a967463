/**
 * What must hold of jobs on the ledger of rows after every event of one process of the coordinator, from its start to its crash. Names are those of SPEC.md.
 */
import type { Effect } from "../../../server/coordinator/effects.ts";
import type { CoordinatorState } from "../../../server/coordinator/state.ts";
import { keyOf } from "../../../server/kinds/inference/rows/core/accounts.ts";
import { areRowsChecked, type RowsJob, rowsJobs } from "../../../server/kinds/inference/rows/core/rows-job.ts";
import { OWN } from "../../../server/kinds/inference/rows/records.ts";
import type { RowsRecord } from "../../../server/kinds/inference/rows/work.ts";
import { addTo } from "../../../shared/control/shares.ts";
import type { DiskLedger } from "./disk-ledger.ts";

type Persist = Extract<Effect, { type: "persist" }>;

/** Sums of reserves are exact to less than that. */
const ROUNDING = 1e-6;

export class RowsRules {
  readonly #state: CoordinatorState;
  readonly #disk: DiskLedger;
  /** Final answers of volunteers, by job, when the block at work had its finding. */
  readonly #finalAtCharge = new Map<string, { readonly blockId: number; readonly final: number }>();

  constructor(state: CoordinatorState, disk: DiskLedger) {
    this.#state = state;
    this.#disk = disk;
  }

  /** [RW15] What was durable stands after a restart, and what was final is. */
  *restored(): Generator<string, undefined> {
    for (const job of rowsJobs(this.#state)) {
      const { jobId, finishedMs } = job.stored;
      if (finishedMs !== null) continue;
      const rows = new Map((job.restored?.rows ?? []).map((row) => [row.place, row]));
      for (const [place, { attempt, author, mark, isFinal }] of this.#disk.rows.answered(jobId)) {
        // What the code says is final nowhere: an estimate, or what a majority has answered.
        if (mark === "estimated" || (author === OWN && mark !== "exact" && mark !== "non-finite")) continue;
        const row = rows.get(place);
        if (row === undefined || row.author === null || row.attempt !== attempt)
          yield `[RW15] the answer to row ${place} of ${jobId} did not survive the restart`;
        else if (isFinal !== (row.isFinal || row.mark === "exact" || row.mark === "non-finite"))
          yield `[RW15] row ${place} of ${jobId} is ${isFinal ? "" : "not "}final on the disk alone`;
      }
    }
  }

  /** The event has been applied. */
  *after(effects: readonly Effect[]): Generator<string, undefined> {
    yield* this.#accounts();
    for (const job of rowsJobs(this.#state)) if (job.ledger !== null) yield* this.#job(job);
    for (const effect of effects) if (effect.type === "persist") yield* this.#persisted(effect);
  }

  /** [CK2] What is booked on an account is within its bound, and what it holds are the reserves of its open blocks. */
  *#accounts(): Generator<string, undefined> {
    const reserved = new Map<string, number>();
    for (const job of rowsJobs(this.#state)) {
      const block = (job.block ?? job.restored?.blocks.at(-1))?.block;
      if (block?.state === "open") addTo(reserved, keyOf(job), block.terms.reserve);
    }
    for (const [key, { answerBound, places, routeOne, charged, held }] of this.#state.accounts) {
      const booked = charged + held + routeOne;
      if (booked > answerBound * places + ROUNDING)
        yield `[CK2] account ${key} bears ${answerBound * places}, and ${booked} is booked on it`;
      if (Math.abs(held - (reserved.get(key) ?? 0)) > ROUNDING)
        yield `[CK2] account ${key} holds ${held}, and its open blocks reserve ${reserved.get(key) ?? 0}`;
    }
  }

  *#job(job: RowsJob): Generator<string, undefined> {
    const { stored, ledger, block, claims } = job;
    const { jobId } = stored;
    if (ledger === null || stored.finishedMs !== null) return;
    if (stored.suspended !== null && stored.unchecked === null && claims.size > 0)
      yield `[VF14] ${jobId} is suspended, and ${claims.size} claims of it are out`;
    if (!areRowsChecked(job) || block === null) return;
    let final = 0;
    for (let place = 0; place < ledger.counts.rows; place++) {
      const author = ledger.authorOf(place);
      if (author === null) continue;
      if (ledger.stateOf(place) === "final") final++;
      if (this.#state.volunteers.get(author)?.quarantine != null)
        yield `[VF4] row ${place} of ${jobId} is answered by ${author}, who is quarantined`;
    }
    yield* this.#finalAfterFinding(job, final);
  }

  /** [CK5] After a finding nothing of a block becomes final that is not, but what route 1 bounds. */
  *#finalAfterFinding({ stored: { jobId }, block }: RowsJob, final: number): Generator<string, undefined> {
    if (block === null || block.block.state !== "charged" || block.block.terms.routeOneShare > 0) return;
    const { blockId } = block;
    const before = this.#finalAtCharge.get(jobId);
    if (before?.blockId === blockId && final > before.final)
      yield `[CK5] block ${blockId} of ${jobId} had a finding, and ${final - before.final} of its rows became final after it`;
    this.#finalAtCharge.set(jobId, { blockId, final });
  }

  /** [JB3] The end of a job is written when every one of its rows is on the disk, or is written with it. */
  *#persisted({ records }: Persist): Generator<string, undefined> {
    const own = records.flatMap((record) => (record.kind === "job" ? [record] : []));
    for (const record of own) {
      const { type, job } = record.record as { readonly type: string; readonly job?: RowsJob["stored"] };
      if (type !== "job" || job?.rows !== true || job.state !== "done") continue;
      const answered = new Set([...this.#disk.rows.answered(job.jobId)].map(([place]) => place));
      for (const { jobId, record: said } of own) {
        const rows = jobId === job.jobId ? (said as RowsRecord) : null;
        for (const { place, author } of rows?.type === "rows" ? rows.rows : [])
          if (author === null) answered.delete(place);
          else answered.add(place);
      }
      if (answered.size < job.queryCount)
        yield `[JB3] ${job.jobId} is written as done, and ${job.queryCount - answered.size} of its rows are not durable`;
    }
  }
}
