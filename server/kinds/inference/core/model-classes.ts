/** How exactly each back-end of a volunteer computes each model, and who gets no work of one. SPEC.md PC rules. */
import type { BackendClass, PrecisionClass } from "../../../../shared/verify/compare-rows.ts";
import {
  addRows,
  type BatchVerdict,
  CLASS_ROWS_MIN,
  isFineClass,
  judgeBatch,
  measuredClass,
  NOTHING_LOOKED,
  type RowsLooked,
} from "../../../../shared/verify/model-class.ts";
import { standsHalfPrecision } from "../../../../shared/verify/sensitivity.ts";
import { isChosenBy, takesJob } from "../../../coordinator/choice-rules.ts";
import type { Crowd, Step } from "../../../coordinator/core-kind.ts";
import { OTHER_MODEL_ANSWERS } from "../../../coordinator/different-answer.ts";
import { isOutOfTurn } from "../../../coordinator/failed-models.ts";
import { isReadyForWork } from "../../../coordinator/idle-sessions.ts";
import { recordRestarts } from "../../../coordinator/reputation.ts";
import { sessionsOf } from "../../../coordinator/sessions-of.ts";
import type { Assignment, CoordinatorState, Session, Volunteer } from "../../../coordinator/state.ts";
import { emit } from "../../../coordinator/step-context.ts";
import type { ModelJob } from "./job.ts";
import type { Measured } from "./measured.ts";

/** Models and back-ends that are remembered of one volunteer; the oldest goes first, and is measured again. */
const CLASSES_MAX = 64;
/**
 * [PC9] Back-ends of a volunteer that are measured for one model: each costs the coordinator rows, and a tab names them as it likes. Tabs have
 * four.
 */
export const MEASURED_BACKENDS_MAX = 8;
/** Back-ends that a volunteer may have tried in vain with one model: their names are what its tab says. */
const UNFIT_BACKENDS_MAX = 3;

/** [PC7] What a session computes that model on, as far as it has said. */
export function backendOf(
  { backend, modelBackends }: Pick<Session, "backend" | "modelBackends">,
  modelSha256: string,
): string {
  return modelBackends.get(modelSha256) ?? backend;
}

/** The same for this job: [PC13] where that asks for fixed arithmetic, the session is believed to do so until it says otherwise. */
export function backendFor({ stored }: ModelJob, session: Session, modelSha256: string): string {
  const { backend, modelBackends } = session;
  return backendOf({ modelBackends, backend: stored.isFixedOnly === true ? FIXED_BACKEND : backend }, modelSha256);
}

function classKeyIn(job: ModelJob, session: Session): string {
  const { modelSha256 } = job.stored;
  return classKeyFor(modelSha256, backendFor(job, session, modelSha256));
}

/** [PC13] Is that no back-end for this job? */
export function isOtherThanFixed({ stored }: ModelJob, backend: string): boolean {
  return stored.isFixedOnly === true && backend !== FIXED_BACKEND;
}

/**
 * [PC10] The back-end whose arithmetic is fixed to the last bit, by the standard of WebAssembly. Every tab has the library, of that version and on as many
 * threads, that this coordinator computes with: a page of another build is told to reload (PR6).
 */
const FIXED_BACKEND = "wasm";

/** [PC10] Does a standard fix its arithmetic? Nothing fixes that of a card, whatever it is called. */
export function isFixedBackend(backend: string): boolean {
  return backend === FIXED_BACKEND;
}

/** @param precision what the known question said */
export function probedOn(backend: string, precision: PrecisionClass): BackendClass {
  return precision === "float32" && isFixedBackend(backend) ? "fixed32" : precision;
}

/** What is known of a session by now. */
export function measuredIn(job: ModelJob, session: Session): Measured {
  const backend = backendFor(job, session, job.stored.modelSha256);
  const probed = session.state === "ready" ? probedOn(backend, session.precision) : "float16";
  return { volunteerId: session.volunteerId, classKey: classKeyFor(job.stored.modelSha256, backend), probed };
}

export function classKeyFor(modelSha256: string, backend: string): string {
  return `${modelSha256} ${backend}`;
}

function modelOfClass(classKey: string): string {
  return classKey.slice(0, classKey.indexOf(" "));
}

export function backendOfClass(classKey: string): string {
  return classKey.slice(classKey.indexOf(" ") + 1);
}

export function rowsLookedAt(state: CoordinatorState, { volunteerId, classKey }: Omit<Measured, "probed">): RowsLooked {
  return state.volunteers.get(volunteerId)?.classes.get(classKey) ?? NOTHING_LOOKED;
}

/** [PC3] Its class by now: half precision, until rows of the model have shown that it is finer. */
export function classOf(state: CoordinatorState, measured: Measured): BackendClass {
  return measuredClass(rowsLookedAt(state, measured), measured.probed);
}

/** [PC3] What it is taken for while it is not measured: nothing that is believed, but how closely it is looked at. */
export function expectedClass(state: CoordinatorState, measured: Measured): BackendClass {
  return rowsLookedAt(state, measured).coarse > 0 ? "float16" : measured.probed;
}

/** Are there rows enough to tell its class? */
export function isMeasured(state: CoordinatorState, measured: Measured): boolean {
  const { fine, coarse } = rowsLookedAt(state, measured);
  return fine + coarse >= CLASS_ROWS_MIN;
}

/**
 * Enters what rows of a batch say of the back-end that computed it.
 * @param isFine was the batch looked at as one of float32? [PC4] Else it is judged as half precision, whatever was measured meanwhile
 */
export function enterRows(step: Step, measured: Measured, now: RowsLooked, isFine: boolean): BatchVerdict {
  const { state } = step;
  const before = rowsLookedAt(state, measured);
  const verdict = judgeBatch(isFine ? classOf(state, measured) : "float16", before, now);
  const volunteer = state.volunteers.get(measured.volunteerId);
  if (volunteer === undefined) return verdict;
  remember(volunteer, measured.classKey, addRows(before, now));
  if (isAllWrong(volunteer.classes.get(measured.classKey)) || hasAllBackends(volunteer, measured.classKey))
    noteUnfit(state, measured);
  // [PC4] It was believed to compute finely: what it passed as that says nothing any more.
  const isNewlyCoarse = verdict !== "lied" && isFineClass(measured.probed) && before.coarse === 0 && now.coarse > 0;
  if (isNewlyCoarse) recordRestarts(step, volunteer);
  return verdict;
}

function noteUnfit({ crowd }: CoordinatorState, { volunteerId, classKey }: Measured): void {
  const modelSha256 = modelOfClass(classKey);
  crowd.unfit.set(modelSha256, (crowd.unfit.get(modelSha256) ?? new Set()).add(volunteerId));
}

/** [VF14] Of a model whose answers nobody can check a row that seemed wrong says nothing: later rows that are right make no liar. */
export function forgetWrongRows({ volunteers, crowd }: CoordinatorState, job: ModelJob): void {
  const { modelSha256, parity } = job.stored;
  const models = new Set([modelSha256, ...(parity === null ? [] : [parity.modelSha256])]);
  for (const { classes } of volunteers.values()) {
    for (const [classKey, looked] of classes)
      if (looked.wrong > 0 && models.has(modelOfClass(classKey))) classes.set(classKey, { ...looked, wrong: 0 });
  }
  for (const model of models) crowd.unfit.delete(model);
  job.unfit.clear();
}

function remember({ classes }: Volunteer, classKey: string, looked: RowsLooked): void {
  classes.delete(classKey);
  classes.set(classKey, looked);
  if (classes.size > CLASSES_MAX) classes.delete(classes.keys().next().value ?? "");
}

function hasAllBackends({ classes }: Pick<Volunteer, "classes">, classKey: string): boolean {
  if (classes.size < MEASURED_BACKENDS_MAX) return false;
  const model = modelOfClass(classKey);
  return [...classes.keys()].filter((key) => modelOfClass(key) === model).length >= MEASURED_BACKENDS_MAX;
}

/** [PC9] A further back-end of this volunteer is not measured for the model: what it computes there is of no use. */
export function isOneTooMany(
  { volunteers }: CoordinatorState,
  { volunteerId, classKey }: Omit<Measured, "probed">,
): boolean {
  const volunteer = volunteers.get(volunteerId);
  return volunteer !== undefined && !volunteer.classes.has(classKey) && hasAllBackends(volunteer, classKey);
}

/** [AS6] What this tab may have to fetch before it can begin with this model of the job: a large one of which it has answered nothing. */
export function fetchedFirst({ stored }: ModelJob, sha256: string, { fetched }: Session): Pick<Assignment, "fetches"> {
  const { modelBytes: bytes } = sha256 === stored.modelSha256 ? stored : (stored.parity ?? stored);
  return bytes === undefined || fetched.has(sha256) ? {} : { fetches: { sha256, bytes } };
}

/** [PC8] The tab gives one model less than a batch takes, and the batch takes more than any tab has. */
export function isTooSmall({ stored: { tabBytes } }: ModelJob, { memoryBytes }: Session): boolean {
  return tabBytes !== undefined && tabBytes > memoryBytes;
}

/**
 * [PC8] It has no room for this model. Or [PC13] it computes it elsewhere than it was asked to. Or [PC5] no row of it was ever right there, of enough; or on so many other back-ends that no further one
 * is tried; or [PC9] so many others are measured.
 */
export function isUnfit(state: CoordinatorState, job: ModelJob, session: Session): boolean {
  const { volunteerId } = session;
  if (isOfNoUse(state, job, session)) return true;
  const classes = state.volunteers.get(volunteerId)?.classes;
  if (classes === undefined || classes.size === 0) return false;
  const classKey = classKeyIn(job, session);
  if (isAllWrong(classes.get(classKey)) || isOneTooMany(state, { volunteerId, classKey })) return true;
  if (!job.unfit.has(volunteerId)) return false;
  const ofModel = [...classes].filter(([key]) => key.startsWith(job.stored.modelSha256));
  return ofModel.filter(([, looked]) => isAllWrong(looked)).length >= UNFIT_BACKENDS_MAX;
}

/** Whatever rows of it were like: it has no room, or computes the model where this job takes no rows from. */
function isOfNoUse(state: CoordinatorState, job: ModelJob, session: Session): boolean {
  if (isTooSmall(job, session) || isOnCardInVain(state, job, session)) return true;
  return isOtherThanFixed(job, backendFor(job, session, job.stored.modelSha256));
}

function isAllWrong(looked: RowsLooked = NOTHING_LOOKED): boolean {
  return looked.fine + looked.coarse === 0 && looked.wrong >= CLASS_ROWS_MIN;
}

export type FitCrowd = Pick<Crowd, "volunteersReady" | "float32Ready">;

/** Those of the crowd who may have work of this job: all but those whom its model is computed wrong by, and [WC5] who do not take it. */
export function fitCrowd(state: CoordinatorState, job: ModelJob, crowd: FitCrowd): FitCrowd {
  const others = state.crowd.choosers.without((choice) => isChosenBy(choice, job.stored));
  let volunteersReady = crowd.volunteersReady - others.volunteers;
  let float32Ready = crowd.float32Ready - others.float32;
  for (const volunteerId of maybeUnfit(state, job)) {
    if (!takesJob(state, volunteerId, job)) continue;
    const ready = sessionsOf(state, volunteerId).filter((session) => isReadyForWork(state, session));
    const fit = ready.filter((session) => !isUnfit(state, job, session));
    const hasFloat32 = (sessions: readonly Session[]) => sessions.some(isFloat32);
    if (ready.length > 0 && fit.length === 0) volunteersReady--;
    if (hasFloat32(ready) && !hasFloat32(fit)) float32Ready--;
  }
  // [AS4] Whoever is out of turn is not waited for.
  for (const volunteerId of state.crowd.outOfTurn.names()) {
    if (!isOutOfTurn(state, volunteerId, job.stored.modelSha256) || !takesJob(state, volunteerId, job)) continue;
    const ready = sessionsOf(state, volunteerId).filter((session) => isReadyForWork(state, session));
    const fit = ready.filter((session) => !isUnfit(state, job, session));
    if (fit.length > 0) volunteersReady--;
    if (fit.some(isFloat32)) float32Ready--;
  }
  return { volunteersReady, float32Ready };
}

/** Of a model that not every tab can hold, or not every back-end compute, whoever is there: there are few such jobs. */
function maybeUnfit(state: CoordinatorState, job: ModelJob): Iterable<string> {
  const { stored } = job;
  const { crowd } = state;
  const measured = crowd.unfit.get(stored.modelSha256) ?? new Set();
  if (stored.tabBytes === undefined && stored.fixedOnly === undefined && stored.isFixedOnly === undefined)
    return crowd.cardless.size === 0 ? measured : new Set([...measured, ...crowd.cardless]);
  const unfit = [...state.sessions.values()].filter((session) => isOfNoUse(state, job, session));
  return new Set([...measured, ...crowd.cardless, ...unfit.map(({ volunteerId }) => volunteerId)]);
}

/** [PC11] It would compute this job on a card, and the job, or it, gets rows of fixed arithmetic alone. */
export function isOnCardInVain(state: CoordinatorState, job: ModelJob, session: Session): boolean {
  const { fixedOnly, modelSha256 } = job.stored;
  if (fixedOnly === undefined && !state.crowd.cardless.has(session.volunteerId)) return false;
  return !isFixedBackend(backendOf(session, modelSha256));
}

function isFloat32(session: Session): boolean {
  return session.state === "ready" && session.precision === "float32";
}

/** [PC5] Tells its tabs, in plain words. */
export function tellUnfit(step: Step, job: ModelJob, { volunteerId, classKey }: Measured): void {
  job.unfit.add(volunteerId);
  for (const session of sessionsOf(step.state, volunteerId)) {
    if (classKeyIn(job, session) !== classKey) continue;
    const { modelSha256, submission } = job.stored;
    const about = { jobName: submission.name, modelSha256, backend: backendFor(job, session, modelSha256) };
    emit(step, { type: "tellUnfit", sessionId: session.sessionId, ...about, message: OTHER_MODEL_ANSWERS });
  }
}

/** [DP11] May devices that store half-precision numbers compute for this job? Its model may make too much of their rounding. */
export function takesHalfPrecision({ stored, refusesHalf }: Pick<ModelJob, "stored" | "refusesHalf">): boolean {
  if (refusesHalf) return false;
  return stored.sensitivity === null || stored.unchecked !== null || standsHalfPrecision(stored.sensitivity);
}
