/** What one seed means to `npm run simulate`: a crowd, its jobs and every fault of disk, network and process, drawn from it. */
import { accountKey } from "../../../server/checks/account.ts";
import type { AccountRecord } from "../../../server/store/store.ts";
import { SCHEME_NAMES, SCHEMES, type SchemeName } from "../../../shared/coding/schemes/schemes.ts";
import { type InferenceSubmission, SPARES } from "../../../shared/kinds/inference/submission.ts";
import { REGRESSION_MODELS } from "../../../shared/kinds/regression/submission.ts";
import { ANSWER_BOUND_DEFAULT } from "../../../shared/protocol/limits.ts";
import { randomAt } from "../../../shared/random/simulation-random.ts";
import { ATTACK_NAMES, ATTACKS } from "../../crowd/product-lies.ts";
import { HONEST, type TabFaults } from "../../crowd/tab-faults.ts";
import { atAddresses, drawWiderFaults, isAtAddresses } from "./draw-faults.ts";
import type { SimulationOptions, SimulationReport, StreamOptions } from "./simulation.ts";

export type SimulationMode = "safety" | "liveness";

/** Every third run is one of regressions and matrix jobs. */
const TRAININGS_EVERY = 3;
const CAPPED_EVERY = 11;
const AUDIT_SHARE_CAPPED = 0.15;
const CALM_FROM_MS = 1_500;
/** `replication` with its majority asks for the most volunteers of one round. */
const CROWD_OF_EVERY_CODE = 18;
/** Most jobs end within one virtual second; a run in which one waits is not waited for. */
const SAFETY_MS_MAX = 6_000;
/** Of a job that a crash left without a view no scheme is known. */
const isAudited = (scheme: string) =>
  Object.hasOwn(SCHEMES, scheme) && SCHEMES[scheme as SchemeName].verificationOf(1) === "audits";
/** One run in so many has second windows, and one in so many tabs that fail. */
const WINDOWS_EVERY = 5;
const WINDOWS_MAX = 4;
const FAILING_EVERY = 7;
const LOOSE_BOUND = 0.5;
/** Of a job of some dozen rows an account carries no block at 1e-3, but where its submitter has asked for many before. */
const BOUNDS = [undefined, 0.05, 0.2, LOOSE_BOUND] as const;
/** Of all jobs: none says who asks. */
const SUBMITTER = "anonymous";
const OLD_ACCOUNT_PLACES = [0, 20_000, 200_000] as const;
/** How long a window of a stream is open. */
const WINDOW_MS = [100, 400, 60_000] as const;
/** One run of inference in so many has so many times the queries: blocks of a hundred rows and more. */
const LARGER_EVERY = 8;
const LARGER_BY = 4;
/** The tab that forges products. */
const FORGER = 4;

/** @param tabs how many, in place of what the seed says; then there is a query for each of them at least */
export function drawnRun(seed: number, mode: SimulationMode, tabs?: number): SimulationOptions {
  const options = {
    ...(seed % TRAININGS_EVERY === 0 ? drawTrainings(seed) : drawInference(seed)),
    ...drawTrouble(seed),
  };
  const size = tabs === undefined ? {} : { tabs, queryCount: Math.max(options.queryCount ?? 0, tabs) };
  const run = mode === "safety" ? { ...options, virtualMsMax: SAFETY_MS_MAX } : calmed(options);
  return withOtherTabs({ ...run, ...size });
}

/** In some runs volunteers have a second window open, and in some tabs cannot do what they are asked. */
function withOtherTabs(options: SimulationOptions): SimulationOptions {
  const { seed, tabs = 0, faults = () => HONEST } = options;
  const windows = seed % WINDOWS_EVERY === 4 ? 1 + randomAt(seed, 34).integer(WINDOWS_MAX) : 0;
  const failing = (tab: number): Partial<TabFaults> => {
    const random = randomAt(seed, 35, tab);
    return seed % FAILING_EVERY === 5 && random.uniform() < 0.3 ? { failsProbability: 0.3 * random.uniform() } : {};
  };
  const wider = (tab: number): TabFaults => {
    const ofKey = tab % tabs;
    return { ...faults(ofKey), ...failing(tab), ...(ofKey === tab ? {} : { keyOf: ofKey }) };
  };
  return { ...options, tabs: tabs + windows, faults: wider };
}

/** Faults stop, and then there is a crowd that is large enough for every code: whoever is away comes back. */
function calmed(options: SimulationOptions): SimulationOptions {
  const { faults, tabs = 0 } = options;
  const staying = (tab: number): TabFaults => ({ ...(faults?.(tab) ?? HONEST), whenQuarantined: "comes as another" });
  const isInference = (options.regressionJobs ?? options.matmulJobs) === undefined;
  const crowd = isInference ? Math.max(tabs, CROWD_OF_EVERY_CODE) : tabs;
  return { ...options, faults: staying, tabs: crowd, calmFromMs: CALM_FROM_MS, cancelShare: 0 };
}

/** Of disk, network, process and people: about half of the runs have each. */
function drawTrouble(seed: number): Partial<SimulationOptions> {
  const random = randomAt(seed, 30);
  const chance = (probability: number) => random.uniform() < probability;
  return {
    crashMsMean: chance(0.5) ? 300 : null,
    crashInWriteShare: chance(0.3) ? 0.05 : 0,
    stopShare: chance(0.3) ? 0.4 : 0,
    refusalShare: chance(0.25) ? 0.1 : 0,
    cutMsMean: chance(0.3) ? 250 : null,
    collectMsMean: chance(0.5) ? 40 : null,
    releaseMsMean: chance(0.2) ? 200 : null,
    cancelShare: chance(0.15) ? 0.5 : 0,
    checksReplay: seed % 10 === 0,
  };
}

function drawInference(seed: number): SimulationOptions {
  const random = randomAt(seed, 31);
  const jobs = Array.from({ length: 1 + random.integer(2) }, (_, n) => {
    const isSystematic = random.uniform() < 0.6;
    const answerBound = BOUNDS[randomAt(seed, 37, n).integer(BOUNDS.length)];
    const scheme = isSystematic ? "systematic" : SCHEME_NAMES[random.integer(SCHEME_NAMES.length)]!;
    const shape = {
      name: `job ${n}`,
      scheme,
      ...(answerBound === undefined ? {} : { answerBound }),
    };
    if (scheme === "parm") return { ...shape, stragglers: 1 };
    if (scheme !== "systematic") return { ...shape, stragglers: 2, liars: 1 };
    return {
      ...shape,
      completion: random.uniform() < 0.5 ? ("exact" as const) : ("fast" as const),
      queriesPerGroup: 1 + random.integer(6),
      stragglers: random.integer(3),
      liars: random.integer(2),
      confidenceFloor: [0, 0.5, 0.9][random.integer(3)]!,
      spares: SPARES[random.integer(SPARES.length)]!,
      // So loose that so few rows are certified while they are at work.
      ...(isAtAddresses(seed) && seed % 2 === 0 ? { answerBound: LOOSE_BOUND } : {}),
    };
  });
  return {
    seed,
    tabs: 5 + random.integer(13),
    queryCount: (8 + random.integer(40)) * (seed % LARGER_EVERY === 2 ? LARGER_BY : 1),
    faults: (tab) => {
      const faults = drawWiderFaults(seed, tab);
      return isAtAddresses(seed) ? atAddresses(faults, tab) : faults;
    },
    settings: { reprobeShare: 0.03, ...(isCapped(seed) ? { auditShareMax: AUDIT_SHARE_CAPPED } : {}) },
    accounts: drawAccounts(seed),
    jobs: isStreamed(seed) ? jobs.slice(1) : jobs,
    streams: isStreamed(seed) ? [streamOf(seed, jobs[0]!)] : [],
  };
}

/** What the submitter of all jobs had asked for before the run. */
function drawAccounts(seed: number): AccountRecord[] {
  const random = randomAt(seed, 38);
  return [ANSWER_BOUND_DEFAULT, ...BOUNDS].flatMap((answerBound) => {
    const places = OLD_ACCOUNT_PLACES[random.integer(OLD_ACCOUNT_PLACES.length)]!;
    if (answerBound === undefined || places === 0) return [];
    return [
      { accountKey: accountKey(SUBMITTER, answerBound, null), answerBound, places, routeOne: 0, charged: 0, held: 0 },
    ];
  });
}

/** Of the runs of inference two in five have a stream in place of their first job. */
function isStreamed(seed: number): boolean {
  return seed % 5 < 2;
}

function streamOf(seed: number, submission: Partial<InferenceSubmission>): StreamOptions {
  const random = randomAt(seed, 34);
  // A parity model knows sums of one K.
  const scheme = submission.scheme === "parm" ? ("systematic" as const) : submission.scheme;
  const { answerBound, ...rest } = submission;
  const isLoose = answerBound === LOOSE_BOUND && isAtAddresses(seed);
  return {
    submission: { ...rest, ...(isLoose ? { answerBound } : {}), ...(scheme === undefined ? {} : { scheme }) },
    closeAfterMs: random.integer(60),
    postMsMean: 2 + random.integer(60),
    // [CK14] Its windows are full, or due, while it runs.
    ...(isAtAddresses(seed) ? { crossChecked: { finalWithinMs: WINDOW_MS[seed % WINDOW_MS.length]! } } : {}),
  };
}

/** A seed may leave the coordinator few rows to compute. */
function isCapped(seed: number): boolean {
  return seed % CAPPED_EVERY === 4;
}

function drawTrainings(seed: number): SimulationOptions {
  const random = randomAt(seed, 32);
  const isPrivate = random.uniform() < 0.25;
  const kind = random.integer(3);
  const training = {
    model: REGRESSION_MODELS[random.integer(2)]!,
    scheme: random.uniform() < 0.3 ? ("avcc-static" as const) : ("avcc" as const),
    dataVolunteers: 2 + random.integer(2),
    stragglers: 1,
    liars: 1,
    colluders: isPrivate ? 1 : 0,
    shardsPerVolunteer: isPrivate ? 1 : 1 + random.integer(3),
    spareShards: random.integer(3),
    iterations: 3 + random.integer(8),
    ...(isPrivate ? { learningRate: 0.1, standardise: false } : { tolerance: 1e-12 }),
    validationShare: random.uniform() < 0.5 ? 0.2 : 0,
  };
  const matmul = {
    scheme: "avcc" as const,
    sliceColumns: 4 + random.integer(12),
    shardsPerVolunteer: 1 + random.integer(2),
  };
  return {
    seed,
    tabs: 8 + random.integer(5),
    queryCount: 12,
    faults: (tab) => trainingFaults(seed, tab, isPrivate),
    jobs: random.uniform() < 0.2 ? [{ name: "beside it", scheme: "systematic" }] : [],
    regressionJobs: kind === 0 && !isPrivate ? [] : [training],
    // Tabs of a T-private job come with its invitation: those of a matrix job beside it would take its place.
    matmulJobs: kind === 2 || isPrivate ? [] : [matmul],
  };
}

function trainingFaults(seed: number, tab: number, isPrivate: boolean): TabFaults {
  const random = randomAt(seed, 33, tab);
  const chance = (probability: number) => random.uniform() < probability;
  // Whoever was invited says so when it connects again.
  const leaves = isPrivate || chance(0.3);
  return {
    ...HONEST,
    straggleProbability: chance(0.3) ? 0.2 : 0,
    repeatProbability: chance(0.3) ? 0.2 : 0,
    garbageProbability: chance(0.1) ? 0.05 : 0,
    staysMsMean: leaves ? 600 : null,
    pausesMsMean: chance(0.15) ? 300 : null,
    isMute: tab > FORGER && chance(0.04),
    // Whoever was invited came for that job.
    choosesMsMean: !isPrivate && chance(0.15) ? 500 : null,
    ...(tab === FORGER ? { attack: ATTACKS[ATTACK_NAMES[seed % ATTACK_NAMES.length]!] } : {}),
  };
}

/** @returns what is wrong with the run, one sentence each; nothing in a good one */
export function drawnProblems(report: SimulationReport, mode: SimulationMode): string[] {
  const problems = [...report.violations];
  // A run that was broken off says nothing of its jobs' ends.
  if (problems.length > 0) return problems;
  for (const volunteerId of report.falselyQuarantined)
    problems.push(`[VF3] ${volunteerId} never lied and is quarantined`);
  for (const job of report.jobs) {
    const { scheme, state, waitingFor } = job;
    if (!hasEndedWell(state, mode)) problems.push(`[JB2] ${scheme} ended as ${state}, waits for ${waitingFor}`);
    if (!isAudited(scheme)) continue;
    const endsExact = job.isExact && SCHEMES[scheme as SchemeName].canEndExact && !isCapped(report.seed);
    if (state === "done" && endsExact && job.exactOrAudited < job.answers)
      problems.push(`[SC6] ${job.answers - job.exactOrAudited} answers of an exact ${scheme} are not the model's own`);
    if (job.missing > 0 && state === "done") problems.push(`[JB3] ${job.missing} answers of ${scheme} are missing`);
  }
  for (const { scheme, state, waitingFor, isExact } of report.trainings) {
    if (!hasEndedWell(state, mode)) problems.push(`[GR20] ${scheme} ended as ${state}, waits for ${waitingFor}`);
    if (isExact === false) problems.push(`[GR4] weights of ${scheme} differ from those of one machine`);
  }
  for (const { state, waitingFor, isExact } of report.products) {
    if (!hasEndedWell(state, mode)) problems.push(`[GR22] a matrix job ended as ${state}, waits for ${waitingFor}`);
    if (isExact === false) problems.push("[GR22] a product is not A times B");
  }
  return problems;
}

/** While faults go on a job may be at work, or wait, or the coordinator be down, when the run is over. When they have stopped each has to be done. */
function hasEndedWell(state: string, mode: SimulationMode): boolean {
  return state === "done" || (mode === "safety" && state !== "failed");
}
