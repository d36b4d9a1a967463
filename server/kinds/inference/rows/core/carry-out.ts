/**
 * What a checked block says after each of its steps is carried out: answers become the job's and are credited in one durable step, words are compared, rows
 * are computed here, and findings wait until the charge of their block is durable.
 */
import { addTo } from "../../../../../shared/control/shares.ts";
import { unreachable } from "../../../../../shared/control/unreachable.ts";
import type { CheckEffect } from "../../../../checks/checked-rows-words.ts";
import { must } from "../../../../coordinator/assert.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { bookCredits, type Credits } from "../../../../coordinator/credits.ts";
import { ownRecord, persistOwn, recordOfVolunteer } from "../../../../coordinator/persistence.ts";
import { restVolunteer } from "../../../../coordinator/reputation.ts";
import { clearTimer, emitNumerics, emitWork, setJobTimer } from "../../../../coordinator/step-context.ts";
import { isMixture, mixtureItem } from "../../../../rows/words.ts";
import { contributionOf, countWithdrawn, takeChangedContributions } from "../../core/contributions.ts";
import { rowsTakenIn } from "../../core/crowd-lately.ts";
import { COORDINATOR } from "../../core/job.ts";
import type { RowAttempt, RowClaim, RowEntry, RowMark, RowsPurpose, RowsRecord, RowsTimer, RowsWork } from "../work.ts";
import { accountRecords, chargeReserve } from "./accounts.ts";
import { noteAnswered } from "./answered-lately.ts";
import { blockNotCertified } from "./blocks.ts";
import { blockCertified } from "./certificates.ts";
import { claimIsVoid, forgetClaim, letGoWhereDone } from "./claims.ts";
import { askToCompare, compareDue, compareDueMs } from "./compares.ts";
import { wordOf } from "./devices.ts";
import { decodeDueMs, decodeTogether, groupDecodable, membersOut, mixtureCame } from "./groups.ts";
import { mayLeaveOut, shorten } from "./leaving-out.ts";
import { emitRecompute } from "./recompute.ts";
import { areRowsChecked, type ClaimOut, noteWords, type RowsJob } from "./rows-job.ts";

import { lookIntoRows } from "./trust.ts";

type EffectOf<T extends CheckEffect["type"]> = Extract<CheckEffect, { type: T }>;

/** What one batch of effects comes to, before it is asked for in an order that counts: bytes first, then what is made of them. */
interface Gathered {
  readonly answers: Map<number, RowAttempt[]>;
  readonly words: Map<number, RowAttempt[]>;
  readonly known: Map<number, number[]>;
  readonly entries: Map<number, RowEntry>;
  /** Rows of it that were taken in, by volunteer; and words of it that agreed. */
  readonly taken: Map<string, number>;
  readonly agreed: Map<string, number>;
  /** [CK11] Rows that were taken in of a job of which the coordinator computes each. */
  readonly own: number[];
  /** Claims of which a row was taken in for the first time, by volunteer. */
  readonly begun: Map<string, number>;
  readonly takenOut: RowAttempt[];
  readonly mixtures: Map<number, MixtureIn[]>;
  /** Mixtures that were taken in, by volunteer. */
  readonly mixed: Map<string, number>;
  readonly compare: EffectOf<"compare">[];
  readonly claims: Set<ClaimOut>;
  /** Claims of which less is needed than before. */
  readonly shortened: Set<ClaimOut>;
}

type MixtureIn = RowAttempt & { readonly group: number; readonly index: number };

/** Carries out all that the job's block has said, in its order, until it says nothing more. */
export function carryOut(step: Step, job: RowsJob): void {
  // What is said on the way is carried out by whoever began.
  if (job.isCarryingOut) return;
  job.isCarryingOut = true;
  while (job.said.length > 0) {
    const gathered: Gathered = {
      ...{ answers: new Map(), words: new Map(), known: new Map(), entries: new Map() },
      ...{ taken: new Map(), agreed: new Map(), begun: new Map() },
      ...{ takenOut: [], compare: [], own: [], claims: new Set(), shortened: new Set() },
      ...{ mixtures: new Map(), mixed: new Map() },
    };
    const later = job.said.splice(0).filter((effect) => !gather(step, job, effect, gathered));
    for (const effect of later) if (effect.type === "ended") keepWords(step, job, effect, gathered);
    askFor(step, job, gathered);
    if (job.checked !== null) job.said.push(...job.checked.recompute(gathered.own, step.nowMs));
    for (const effect of later) decide(step, job, effect);
    decodeTogether(step, job);
    for (const claim of gathered.claims) letGoWhereDone(step, job, claim);
    for (const claim of gathered.shortened) shorten(step, job, claim);
    if (!job.isCharging) lookIntoRows(step, job);
  }
  decodeTogether(step, job);
  compareDue(step, job);
  job.isCarryingOut = false;
  if (job.ledger !== null) noteAnswered(job.answeredLately, { atMs: step.nowMs, rows: job.ledger.counts.answered });
  keepTimer(step, job);
}

/** @returns false: it is for `decide`, once rows of the same batch are taken in */
function gather(step: Step, job: RowsJob, effect: CheckEffect, into: Gathered): boolean {
  switch (effect.type) {
    case "accepted":
      accepted(job, effect, into);
      return true;
    case "vouched":
      vouched(job, effect, into);
      return true;
    case "exact":
      exact(job, effect, into);
      return true;
    case "takenOut":
      if (effect.named !== undefined) countWithdrawn(job, effect.named, effect.places.length + effect.mixtures.length);
      for (const place of effect.places) takenOut(job, place, into);
      for (const place of membersOut(step, job, effect)) takenOut(job, place, into);
      return true;
    case "knownWrong":
      // What its device answered never enters the block: not even as words.
      for (const claim of job.claims.values()) if (claim.sessionId === effect.sessionId) claim.held.clear();
      return false;
    case "mixture":
      mixtureIn(job, effect, into);
      return true;
    case "drop": {
      const claim = mayLeaveOut(job, effect);
      if (claim !== null) into.shortened.add(claim);
      return true;
    }
    case "compare":
      noteWords(job, effect.place, [effect.second]);
      into.compare.push(effect);
      hold(job, effect.claimId, effect.place, into, into.words, { place: effect.place, attempt: effect.attempt });
      return true;
    case "compareKnown":
      hold(job, effect.claimId, effect.place, into, into.known, effect.place);
      return true;
    default:
      return false;
  }
}

function accepted(job: RowsJob, effect: EffectOf<"accepted">, into: Gathered): void {
  const { claimId, place, attempt, volunteerId } = effect;
  const claim = hold(job, claimId, place, into, into.answers, { place, attempt });
  const mark: RowMark = areRowsChecked(job) ? "checked" : "unchecked";
  job.groups.estimated.delete(place);
  into.entries.set(place, { place, attempt, author: volunteerId, mark });
  addTo(into.taken, volunteerId, 1);
  if (job.tabsFirstUntilMs !== null) into.own.push(place);
  // [CR1] A claim counts as one assignment, however many parts it came in.
  if (claim === null || claim.isCounted) return;
  claim.isCounted = true;
  addTo(into.begun, volunteerId, 1);
}

/** It is credited as the row that it is to its tab. That it was right says nothing of a record. */
function mixtureIn(job: RowsJob, effect: EffectOf<"mixture">, into: Gathered): void {
  const { claimId, group, index, attempt, volunteerId } = effect;
  const place = mixtureItem(group, index);
  mixtureCame(job, group, index);
  noteWords(job, place, [volunteerId]);
  const claim = hold(job, claimId, place, into, into.mixtures, { place, attempt, group, index });
  addTo(into.mixed, volunteerId, 1);
  if (claim === null || claim.isCounted) return;
  claim.isCounted = true;
  addTo(into.begun, volunteerId, 1);
}

function vouched(job: RowsJob, { place, attempt, author, partner }: EffectOf<"vouched">, into: Gathered): void {
  const mark: RowMark = partner === null ? "exact" : "checked";
  // Of an answer that was taken out the coin alone is answered.
  if (job.ledger?.attemptOf(place) === attempt)
    into.entries.set(place, { place, attempt, author, mark, partner: partner ?? COORDINATOR });
  // [CR1] A partner is credited when its word is in.
  if (partner !== null) addTo(into.agreed, partner, 1);
}

function exact({ ledger, nonFinite }: RowsJob, { place }: EffectOf<"exact">, { entries }: Gathered): void {
  const attempt = must(ledger, "the ledger of a job with a block").attemptOf(place);
  const known = entries.get(place);
  if (known?.mark === "exact" && known.attempt === attempt) return;
  const mark: RowMark = nonFinite.has(place) ? "non-finite" : "exact";
  entries.set(place, { place, attempt, author: COORDINATOR, mark });
}

function takenOut({ ledger }: RowsJob, place: number, into: Gathered): void {
  const attempt = must(ledger, "the ledger of a job with a block").attemptOf(place);
  into.takenOut.push({ place, attempt });
  into.entries.set(place, { place, attempt, author: null, mark: "unchecked" });
}

/** The block has said what this row of a claim is: its bytes are handed on. */
function hold<T>(
  job: RowsJob,
  claimId: number,
  place: number,
  { claims }: Gathered,
  into: Map<number, T[]>,
  row: T,
): ClaimOut | null {
  const assignmentId = job.assignmentOf.get(claimId);
  const claim = assignmentId === undefined ? undefined : job.claims.get(assignmentId);
  if (assignmentId === undefined || claim === undefined) return null;
  claim.held.delete(place);
  claims.add(claim);
  const rows = into.get(assignmentId);
  if (rows === undefined) into.set(assignmentId, [row]);
  else rows.push(row);
  return claim;
}

/** What the claim answered and nobody needs now is kept as words: it is compared with the next answer of its row, if there is one. */
function keepWords({ state }: Step, job: RowsJob, { claimId }: EffectOf<"ended">, into: Gathered): void {
  const assignment = state.assignments.get(job.assignmentOf.get(claimId) ?? -1);
  const claim = assignment === undefined ? undefined : job.claims.get(assignment.assignmentId);
  if (claim === undefined || assignment === undefined) return;
  const { rows } = assignment.payload as RowClaim;
  for (const { place, attempt } of rows)
    if (isMixture(place)) claim.held.delete(place);
    else if (claim.held.has(place)) {
      noteWords(job, place, [claim.volunteerId]);
      hold(job, claimId, place, into, into.words, { place, attempt });
    }
  into.claims.add(claim);
}

function askFor(step: Step, job: RowsJob, gathered: Gathered): void {
  const { answers, words, known, takenOut, compare, mixtures } = gathered;
  for (const [assignmentId, came] of mixtures) {
    const { volunteerId } = must(job.claims.get(assignmentId), "AS2: mixtures come of a claim that is out");
    const { precision } = wordOf(step.state, job, volunteerId);
    emitWork<RowsWork>(step, job, { type: "takeMixtures", assignmentId, volunteerId, precision, mixtures: came });
  }
  for (const assignmentId of new Set([...answers.keys(), ...words.keys()])) {
    const { volunteerId } = must(job.claims.get(assignmentId), "AS2: rows come of a claim that is out");
    emitWork<RowsWork>(step, job, {
      type: "takeRows",
      ...{ assignmentId, volunteerId, precision: wordOf(step.state, job, volunteerId).precision },
      ...{ answers: answers.get(assignmentId) ?? [], words: words.get(assignmentId) ?? [] },
    });
  }
  if (takenOut.length > 0) emitWork<RowsWork>(step, job, { type: "takeOut", rows: takenOut });
  for (const [assignmentId, places] of known) {
    const { volunteerId, sessionId } = must(job.claims.get(assignmentId), "AS2: rows come of a claim that is out");
    const of = wordOf(step.state, job, volunteerId);
    const effectId = emitNumerics<RowsWork>(step, job, { type: "lookKnown", assignmentId, of, places });
    job.lookingAt.set(effectId, sessionId);
  }
  for (const { second } of compare) step.state.checkLapses.answered(second);
  askToCompare(step, job, compare);
  writeRows(step, job, gathered);
}

/** [PS1] [CR1] Rows, and the credit for them, in one append. */
function writeRows(step: Step, job: RowsJob, { entries, taken, agreed, begun, mixed }: Gathered): void {
  if (entries.size === 0 && agreed.size === 0 && mixed.size === 0) return;
  const credits: Credits = new Map();
  for (const volunteerId of new Set([...taken.keys(), ...agreed.keys(), ...mixed.keys()])) {
    const [rows, words] = [taken.get(volunteerId) ?? 0, agreed.get(volunteerId) ?? 0];
    const beside = mixed.get(volunteerId) ?? 0;
    const assignments = begun.get(volunteerId) ?? 0;
    const { macsPerQuery, parity } = job.stored;
    const macs = (rows + words) * macsPerQuery + beside * (parity ?? job.stored).macsPerQuery;
    credits.set(volunteerId, { macs, assignments });
    if (rows + beside === 0) continue;
    const contribution = contributionOf(job, volunteerId);
    contribution.rows += rows + beside;
    contribution.assignments += assignments;
    if (rows > 0) rowsTakenIn(step, volunteerId, rows);
  }
  const credited = bookCredits(step.state, credits);
  const record: RowsRecord = { type: "rows", rows: [...entries.values()] };
  persistOwn<RowsPurpose>(step, job, { type: "rowsTaken", credited: credited.map(({ volunteerId }) => volunteerId) }, [
    ...(entries.size > 0 ? [ownRecord(job, record)] : []),
    ...credited.map(recordOfVolunteer),
    ...takeChangedContributions(job),
  ]);
}

function decide(step: Step, job: RowsJob, effect: CheckEffect): void {
  switch (effect.type) {
    case "charge":
      return charge(step, job);
    case "found":
      job.findingsWaiting.push(effect);
      return;
    case "recompute":
      return emitRecompute(step, job, effect.rows);
    case "certified":
      return blockCertified(step, job, effect);
    case "notCertified":
      return blockNotCertified(job, effect);
    case "decodable":
      return groupDecodable(step, job, effect.group, effect.missing);
    case "late": {
      const session = step.state.sessions.get(effect.sessionId);
      if (session !== undefined) session.lateAssignments++;
      return;
    }
    case "void":
      return claimIsVoid(step, job, effect.claimId, effect.sessionId);
    case "knownWrong":
      return knownIsWrong(step, job, effect);
    case "rest":
      return restVolunteer(step, effect.volunteerId);
    case "letLie":
      // One that rests is drawn for no check for a while; it computes on.
      step.state.checkLapses.lapsed(effect.volunteerId, step.nowMs);
      return;
    case "ended":
      return;
    case "accepted":
    case "mixture":
    case "vouched":
    case "exact":
    case "takenOut":
    case "compare":
    case "compareKnown":
    case "drop":
      throw new TypeError(`carryOut: expected ${effect.type} to be gathered before`);
    default:
      return unreachable("carryOut: no such effect", effect);
  }
}

/** Durable before anything that follows from the finding is told. */
function charge(step: Step, job: RowsJob): void {
  chargeReserve(step, job);
  const blockId = job.block?.blockId ?? 0;
  job.isCharging = true;
  persistOwn<RowsPurpose>(step, job, { type: "charged", blockId }, accountRecords(step, job));
}

/** [PC6] A row whose answer the coordinator has is wrong: no finding of the block, but it says what its device, or its volunteer, is. */
function knownIsWrong(step: Step, job: RowsJob, { volunteerId, sessionId, place }: EffectOf<"knownWrong">): void {
  const attempt = job.ledger?.attemptOf(place) ?? 0;
  const look = [...job.lookingCloser.values()].find((one) => one.sessionId === sessionId);
  const findings = look?.findings ?? job.findingsWaiting;
  findings.push({ volunteerId, place, attempt, isBeyondDoubt: true, partner: null });
  // Its rows are for others, whether it has answered them or not.
  for (const claim of [...job.claims.values()]) if (claim.sessionId === sessionId) forgetClaim(step, job, claim, true);
}

/** The ledger is looked at when the next of its claims is due. */
function keepTimer(step: Step, job: RowsJob): void {
  const due = [job.checked?.nextDueMs ?? null, decodeDueMs(job), job.tabsFirstUntilMs, compareDueMs(job)];
  const dueMs = due.reduce(earlier);
  if (job.timer !== null && job.timer.dueMs === dueMs) return;
  clearTimer(step, job.timer?.timerId ?? null);
  job.timer = null;
  if (dueMs === null || !Number.isFinite(dueMs)) return;
  const timerId = setJobTimer<RowsTimer>(step, job, Math.max(step.nowMs, Math.ceil(dueMs)), { type: "ledgerTick" });
  job.timer = { timerId, dueMs };
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
