/**
 * Stories of jobs on the ledger of rows: events go in one by one, and the shell's part (writes, rows that are computed and compared) is done here, by what
 * each volunteer said of each row. What is durable is kept, so that a story goes on after a crash.
 */
import type { WorkChoice } from "../../../../../shared/protocol/messages.ts";
import type { AccountNews } from "../../../../coordinator/accounts-elsewhere.ts";
import type { CoreRecord, Effect } from "../../../../coordinator/effects.ts";
import type { CoordinatorEvent, Happening } from "../../../../coordinator/events.ts";
import {
  type CoordinatorSettings,
  type CoordinatorState,
  initialState,
  SETTINGS_DEFAULT,
} from "../../../../coordinator/state.ts";
import { storedJob } from "../../../../coordinator/testing/story.ts";
import type { StoredContribution, StoredVolunteer } from "../../../../store/store.ts";
import { step } from "../../../core-kinds.ts";
import { COORDINATOR } from "../../core/job.ts";
import type { Judged, RowVerdict } from "../../core/work.ts";
import type { StoredJob } from "../../records.ts";
import { type RowsJob, rowsJob } from "../core/rows-job.ts";
import type {
  HeldRows,
  RestoredOnRows,
  RowClaim,
  RowEntry,
  RowsOutcome,
  RowsRecord,
  RowsWork,
  StoredAccount,
  StoredBlock,
} from "../work.ts";

import { SaidOfGroups } from "./said-of-groups.ts";

type Sent = Extract<Effect, { type: "sendAssignment" }>;

/** One word about a row: who said it, in which of its attempts, and whether it is right. */
interface Said {
  readonly volunteerId: string;
  readonly attempt: number;
  readonly isRight: boolean;
}

type OpenCoin = NonNullable<NonNullable<RestoredOnRows["onRows"]>["openCoins"]>[number];

export interface Durable {
  readonly jobs: Map<string, StoredJob>;
  /** By job: rows that were posted to it. */
  readonly posted: Map<string, number>;
  readonly rows: Map<string, Map<number, RowEntry & { isFinal: boolean }>>;
  readonly blocks: Map<string, StoredBlock[]>;
  /** By job, and in it by place and attempt: answers that were taken out before anybody had agreed. */
  readonly openCoins: Map<string, Map<string, OpenCoin>>;
  readonly accounts: Map<string, StoredAccount>;
  readonly volunteers: Map<string, StoredVolunteer>;
  readonly contributions: Map<string, Map<string, StoredContribution>>;
}

function nothingDurable(): Durable {
  return {
    ...{ jobs: new Map(), posted: new Map(), rows: new Map(), blocks: new Map(), openCoins: new Map() },
    ...{ accounts: new Map(), volunteers: new Map(), contributions: new Map() },
  };
}

export interface RowsStoryOptions {
  readonly settings?: Partial<CoordinatorSettings>;
  readonly durable?: Durable;
  /** Does this volunteer's answer to the row lie? Absent: nobody lies. */
  readonly lies?: (volunteerId: string, place: number) => boolean;
  /** Is this row in doubt, whatever device answered it? Absent: none is. */
  readonly isOpen?: (place: number) => boolean;
  /** In which places go out, groups one after the other; absent: in a secret one. */
  readonly order?: readonly number[];
  /** Does this volunteer's device compute the row coarsely? Absent: none does. */
  readonly isCoarse?: (volunteerId: string, place: number) => boolean;
  /** Is this volunteer's wrong answer the right one of another row? Absent: none is. */
  readonly isAnothers?: (volunteerId: string) => boolean;
  /** What trusted runs say of whoever differs; absent: it differs. */
  readonly verdict?: (volunteerId: string) => RowVerdict;
  /** Effects of which the story answers nothing; absent: none. */
  readonly holds?: (effect: Effect) => boolean;
  /** What others have booked on an account, where these records cannot be written for that; absent: there are no others. */
  readonly taken?: (records: readonly CoreRecord[]) => AccountNews | null;
}

/** A coordinator whose jobs run on the ledger, and the shell around it. */
export class RowsStory {
  readonly state: CoordinatorState;
  readonly durable: Durable;
  readonly effects: Effect[] = [];
  readonly events: CoordinatorEvent[] = [];
  nowMs = 1_000;
  readonly #options: RowsStoryOptions;
  /** By job and place. */
  readonly #said = new Map<string, Map<number, Said[]>>();
  /** By job and place: whose answer stands; COORDINATOR: its own. */
  readonly #stands = new Map<string, Map<number, string>>();
  readonly #sent = new Map<number, Sent>();
  readonly #groups = new Map<string, SaidOfGroups>();
  /** By timer: when it is due. */
  readonly #timers = new Map<number, number>();

  constructor(options: RowsStoryOptions = {}) {
    this.#options = options;
    this.durable = options.durable ?? nothingDurable();
    this.state = initialState({ ...SETTINGS_DEFAULT, ...options.settings });
  }

  // --- what happens -------------------------------------------------------------------------------------------------

  happen(happening: Happening): void {
    const queue: Happening[] = [happening];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const event = { ...next, atMs: this.nowMs } as CoordinatorEvent;
      this.events.push(event);
      for (const effect of step(this.state, event)) {
        this.effects.push(effect);
        if (effect.type === "setTimer") this.#timers.set(effect.timerId, effect.atMs);
        const came = this.#options.holds?.(effect) === true ? null : this.#carryOut(effect);
        if (came !== null) queue.push(came);
      }
    }
  }

  join(
    n: number,
    {
      sessionId = `s${n}`,
      addressGroup = `address ${n}` as string | null,
      precision = "float32" as "float32" | "float16",
      backend = "wasm",
      seat = {} as { readonly checkGroup?: string; readonly isAdmitted?: boolean; readonly choice?: WorkChoice },
    } = {},
  ): void {
    this.happen({
      type: "sessionOpened",
      ...{ sessionId, volunteerId: `v${n}`, nickname: `tab ${n}`, team: "", backend },
      ...{ addressGroup, invitationSha256: null, ...seat },
    });
    this.happen({ type: "sessionProbed", sessionId, precision });
  }

  crowd(count: number): void {
    for (let n = 1; n <= count; n++) this.join(n);
  }

  submit(jobId: string, rows: number, changes: Partial<StoredJob> = {}, submission: object = {}): void {
    this.happen({ type: "jobSubmitted", job: rowsStoredJob(jobId, rows, changes, submission) });
  }

  leave(sessionId: string): void {
    this.happen({ type: "sessionClosed", sessionId });
  }

  /** Claims that were sent and are waited for, the oldest first. */
  out(): Sent[] {
    return [...this.#sent.values()].filter(({ assignmentId, sessionId }) => {
      const assignment = this.state.assignments.get(assignmentId);
      if (assignment === undefined) this.#sent.delete(assignmentId);
      const isWaited = assignment?.state === "outstanding" || assignment?.state === "late";
      return isWaited && this.state.sessions.has(sessionId);
    });
  }

  rowsOf({ payload }: Sent): RowClaim["rows"] {
    return (payload as RowClaim).rows;
  }

  answer(sent: Sent, afterMs = 10): void {
    const { assignmentId, sessionId } = sent;
    this.nowMs += afterMs;
    const rows = [...this.rowsOf(sent).keys()];
    this.happen({ type: "resultArrived", sessionId, assignmentId, draw: 0.9, came: this.#came(sent, rows) as never });
  }

  /** [PC1] As the engine tells it. */
  #came(sent: Sent, rows: readonly number[]): HeldRows {
    const open = rows.filter((row) => this.#options.isOpen?.(this.rowsOf(sent)[row]!.place) === true);
    const doubts = { fixed32: open, float32: open, float16: open };
    return { type: "rows", rows, ...(open.length > 0 && { doubts }) };
  }

  /** Some rows of a claim, by their indices in it. */
  part(sent: Sent, rows: readonly number[]): void {
    const { assignmentId, sessionId } = sent;
    const slices = this.#came(sent, rows) as never;
    this.happen({ type: "sliceArrived", sessionId, assignmentId, draw: 0.9, slices });
  }

  /** Everybody answers the first that is out until nothing is. */
  answerAll(besides: (sent: Sent) => boolean = () => false, limit = 20_000): void {
    for (let n = 0; n < limit; n++) {
      const next = this.out().find(
        (sent) => !besides(sent) && this.state.assignments.get(sent.assignmentId)?.startedMs !== null,
      );
      if (next === undefined) return;
      this.answer(next, 1);
    }
    throw new Error(`answerAll: expected work to end within ${limit} answers, got more`);
  }

  /** Timers that are due on the way are fired, in order. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      for (const timerId of this.#timers.keys()) if (!this.state.timers.has(timerId)) this.#timers.delete(timerId);
      const due = [...this.#timers].filter(([, atMs]) => atMs <= untilMs);
      if (due.length === 0) break;
      const [timerId, atMs] = due.reduce((a, b) => (b[1] < a[1] ? b : a));
      this.nowMs = Math.max(this.nowMs, atMs);
      this.happen({ type: "timerFired", timerId });
    }
    this.nowMs = untilMs;
  }

  job(jobId: string): RowsJob {
    const job = rowsJob(this.state, jobId);
    if (job === undefined) throw new Error(`RowsStory: expected a job on the ledger, got ${jobId}`);
    return job;
  }

  stateOf(jobId: string): string {
    return this.state.jobs.get(jobId)?.stored.state ?? "gone";
  }

  /** What another coordinator finds when this one is killed now. */
  restart(options: Omit<RowsStoryOptions, "durable"> = this.#options): RowsStory {
    const { durable } = this;
    const story = new RowsStory({ ...options, durable });
    story.nowMs = this.nowMs + 1_000;
    // Bytes of durable rows, and words beside them, are in the store.
    for (const [jobId, said] of this.#said) story.#said.set(jobId, said);
    for (const [jobId, rows] of durable.rows) {
      const stands = [...rows.values()].flatMap(({ place, author }) =>
        author === null ? [] : [[place, author] as const],
      );
      story.#stands.set(jobId, new Map(stands));
    }
    const jobs = [...durable.jobs.values()].map((job): RestoredOnRows => {
      const { jobId } = job;
      const rows = [...(durable.rows.get(jobId)?.values() ?? [])];
      const openCoins = [...(durable.openCoins.get(jobId)?.values() ?? [])].filter(
        ({ place }) => durable.rows.get(jobId)?.get(place)?.mark !== "exact",
      );
      const onRows = { rows, blocks: durable.blocks.get(jobId) ?? [], openCoins };
      const posted = durable.posted.get(jobId) ?? job.queryCount;
      const contributions = [...(durable.contributions.get(jobId)?.values() ?? [])];
      return { job: { ...job, queryCount: posted }, contributions, onRows };
    });
    const accounts = [...durable.accounts.values()];
    story.happen({ type: "restored", jobs, volunteers: [...durable.volunteers.values()], accounts });
    return story;
  }

  // --- what is durable ----------------------------------------------------------------------------------------------

  durableRows(jobId: string): (RowEntry & { isFinal: boolean })[] {
    return [...(this.durable.rows.get(jobId)?.values() ?? [])].sort((a, b) => a.place - b.place);
  }

  /** Final places whose answer is wrong. */
  wrongFinal(jobId: string): number[] {
    return this.durableRows(jobId).flatMap(({ place, author, isFinal, mark }) => {
      if (!isFinal || author === null || author === COORDINATOR || mark === "exact") return [];
      return this.#options.lies?.(author, place) === true ? [place] : [];
    });
  }

  finalCount(jobId: string): number {
    return this.durableRows(jobId).filter(({ isFinal }) => isFinal).length;
  }

  asked<T extends RowsWork["type"]>(type: T): Extract<RowsWork, { type: T }>[] {
    return this.effects.flatMap((effect) => {
      if (effect.type !== "work" || effect.work.type !== type) return [];
      return [effect.work as Extract<RowsWork, { type: T }>];
    });
  }

  // --- the shell ----------------------------------------------------------------------------------------------------

  #carryOut(effect: Effect): Happening | null {
    switch (effect.type) {
      case "persist": {
        const taken = this.#options.taken?.(effect.records) ?? null;
        if (taken !== null) return { type: "persistFailed", effectId: effect.effectId, message: "taken", taken };
        for (const record of effect.records) {
          if (record.kind === "volunteer") this.durable.volunteers.set(record.volunteer.volunteerId, record.volunteer);
          if (record.kind === "job") this.#write(record.jobId, record.record as RowsRecord | { type: "job" });
        }
        return { type: "persisted", effectId: effect.effectId };
      }
      case "sendAssignment":
        this.#sent.set(effect.assignmentId, effect);
        return null;
      case "closeSession":
        return { type: "sessionClosed", sessionId: effect.sessionId };
      case "voidAssignment":
        return effect.tell
          ? { type: "assignmentReturned", sessionId: effect.sessionId, assignmentId: effect.assignmentId }
          : null;
      case "work": {
        const outcome = this.#work(effect.jobId, effect.work as RowsWork);
        if (outcome === null) return null;
        const { kind, jobId, effectId } = effect;
        return { type: "outcome", kind, jobId, effectId, outcome };
      }
      default:
        return null;
    }
  }

  #write(jobId: string, record: RowsRecord | { readonly type: "job" | "contribution" | "piece" }): void {
    const { durable } = this;
    const rows = durable.rows.get(jobId) ?? new Map();
    durable.rows.set(jobId, rows);
    const openCoins = durable.openCoins.get(jobId) ?? new Map<string, OpenCoin>();
    durable.openCoins.set(jobId, openCoins);
    switch (record.type) {
      case "job":
        durable.jobs.set(jobId, (record as unknown as { job: StoredJob }).job);
        return;
      case "rows":
        for (const row of (record as Extract<RowsRecord, { type: "rows" }>).rows) {
          const isFinal = row.mark === "exact" || row.mark === "non-finite";
          const before = rows.get(row.place);
          const isSame = before?.attempt === row.attempt && before?.author === row.author;
          if (before?.author != null && !isSame && before.mark !== "exact" && before.partner === undefined) {
            const { place, attempt, author } = before;
            openCoins.set(`${place} ${attempt}`, { place, attempt, author });
          }
          rows.set(row.place, { ...row, isFinal });
        }
        return;
      case "piece": {
        const { firstQuery, queryCount } = record as unknown as { firstQuery: number; queryCount: number };
        durable.posted.set(jobId, firstQuery + queryCount);
        return;
      }
      case "final":
        for (const place of (record as Extract<RowsRecord, { type: "final" }>).places)
          rows.set(place, { ...rows.get(place)!, isFinal: true });
        return;
      case "block": {
        const { block } = record as Extract<RowsRecord, { type: "block" }>;
        const isOpened = !(durable.blocks.get(jobId) ?? []).some(({ blockId }) => blockId === block.blockId);
        if (isOpened) openCoins.clear();
        const others = (durable.blocks.get(jobId) ?? []).filter(({ blockId }) => blockId !== block.blockId);
        durable.blocks.set(jobId, [...others, block]);
        return;
      }
      case "account": {
        const { account } = record as Extract<RowsRecord, { type: "account" }>;
        durable.accounts.set(account.key, account);
        return;
      }
      case "contribution": {
        const { contribution } = record as unknown as { contribution: StoredContribution };
        const ofJob = durable.contributions.get(jobId) ?? new Map();
        durable.contributions.set(jobId, ofJob.set(contribution.volunteerId, contribution));
        return;
      }
    }
  }

  #work(jobId: string, work: RowsWork): RowsOutcome | null {
    const said = this.#said.get(jobId) ?? new Map<number, Said[]>();
    const stands = this.#stands.get(jobId) ?? new Map<number, string>();
    const groups = this.#groups.get(jobId) ?? new SaidOfGroups();
    this.#groups.set(jobId, groups);
    this.#said.set(jobId, said);
    this.#stands.set(jobId, stands);
    const isRight = (volunteerId: string, place: number) => this.#options.lies?.(volunteerId, place) !== true;
    const isCoarse = (volunteerId: string, place: number) => this.#options.isCoarse?.(volunteerId, place) === true;
    const lookedAt = (volunteerId: string, place: number) =>
      isRight(volunteerId, place) ? (isCoarse(volunteerId, place) ? "coarse" : "fine") : "wrong";
    const wordsAt = (place: number) => said.get(place) ?? [];
    switch (work.type) {
      case "prepareRows":
        return {
          type: "rowsPrepared",
          rowMs: null,
          order: this.#options.order === undefined ? null : [...this.#options.order],
        };
      case "takeRows":
        for (const { place, attempt } of [...work.answers, ...work.words]) {
          const word = { volunteerId: work.volunteerId, attempt, isRight: isRight(work.volunteerId, place) };
          said.set(place, [...wordsAt(place), word]);
        }
        for (const { place } of work.answers) stands.set(place, work.volunteerId);
        return null;
      case "takeMixtures":
        for (const { place, attempt } of work.mixtures) {
          const word = { volunteerId: work.volunteerId, attempt, isRight: isRight(work.volunteerId, place) };
          said.set(place, [...wordsAt(place), word]);
        }
        groups.take(work);
        return null;
      case "dropMixtures":
        groups.drop(work);
        return null;
      case "decodeGroups":
        return { type: "groupsDecoded", groups: groups.decode(work, this.job(jobId).stored.submission, isRight) };
      case "takeOut":
        for (const { place } of work.rows) stands.delete(place);
        return null;
      case "lookKnown":
        return {
          type: "knownLooked",
          assignmentId: work.assignmentId,
          volunteerId: work.of.volunteerId,
          rows: work.places.map((place) => ({ place, looked: lookedAt(work.of.volunteerId, place) })),
        };
      case "lookCloser":
        return {
          type: "lookedCloser",
          rows: work.rows.map((row) => {
            const looked = lookedAt(work.of.volunteerId, row.place);
            const isAnothers = looked === "wrong" && this.#options.isAnothers?.(work.of.volunteerId) === true;
            stands.set(row.place, COORDINATOR);
            return { ...row, looked, ...(isAnothers && { isAnothers: true as const }) };
          }),
        };
      case "recompute":
        for (const { place } of work.rows)
          if (wordsAt(place).every((word) => !word.isRight)) stands.set(place, COORDINATOR);
        return {
          type: "recomputed",
          rows: work.rows.map(({ place, attempt, words, why }) => {
            const of = new Map(words.map(({ volunteerId, isFine }) => [volunteerId, isFine]));
            const isFound = ({ volunteerId }: Said) => of.get(volunteerId) === true && isCoarse(volunteerId, place);
            const told = wordsAt(place)
              .filter(({ volunteerId }) => of.has(volunteerId))
              .map((word) => ({
                ...{ ...word, isRight: word.isRight && !isFound(word) },
                ...(isCoarse(word.volunteerId, place) && word.isRight && { isCoarse: true as const }),
                ...(!word.isRight &&
                  this.#options.isAnothers?.(word.volunteerId) === true && { isAnothers: true as const }),
              }));
            return { place, attempt, words: told, ...(why === "estimate" && { estimateAgreed: place % 2 === 0 }) };
          }),
        };
      case "compare":
        return {
          type: "compared",
          pairs: work.pairs.map(({ place, attempt, author, second }) => {
            const byAuthor = author.volunteerId === COORDINATOR || isRight(author.volunteerId, place);
            const found = byAuthor === isRight(second.volunteerId, place) ? "agree" : "differ";
            return { place, attempt, author: author.volunteerId, second: second.volunteerId, found };
          }),
        };
      case "confirmRows": {
        const judged = work.volunteerIds.map((volunteerId): Judged => {
          const verdict = this.#options.verdict?.(volunteerId) ?? "differs";
          return { volunteerId, verdict, spread: 1e-6 };
        });
        return { type: "rowsConfirmed", judged };
      }
      default:
        return null;
    }
  }
}

/** A job of one address after the other, on the ledger. */
export function rowsStoredJob(
  jobId: string,
  rows: number,
  changes: Partial<StoredJob> = {},
  submission: object = {},
): StoredJob {
  // Bounds are what a submission says, and of one that does not the service's.
  const bound = { answerBound: undefined };
  const plain = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, ...bound };
  const crossChecks = { secretHex: "5e".repeat(32), terms: null, anchors: 0, certificate: null };
  return { ...storedJob(jobId, { ...plain, ...submission }, rows, 1_000), rows: true, crossChecks, ...changes };
}
