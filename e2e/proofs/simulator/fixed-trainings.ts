/** Gradient jobs on a crowd drawn from a seed: it lies, straggles, comes and goes, and the coordinator crashes. */
import { REGRESSION_MODELS, type RegressionSubmission } from "../../../shared/kinds/regression/submission.ts";
import { randomAt } from "../../../shared/random/simulation-random.ts";
import { ATTACK_NAMES, ATTACKS } from "../../crowd/product-lies.ts";
import { HONEST, type TabFaults } from "../../crowd/tab-faults.ts";
import { type SimulationOptions, type SimulationReport, simulate } from "./simulation.ts";

const TABS = 10;
/** Of the attacks, in turn. */
const LIAR = { volunteerId: "volunteer-4", tab: 4 };
const ITERATIONS = 15;

/** Every fourth job is T-private and runs by invitation; every other run crashes; every fifth store refuses now and then. */
export function trainingOfSeed(seed: number): SimulationOptions {
  const random = randomAt(seed, 19);
  const isPrivate = seed % 4 === 0;
  const job: Partial<RegressionSubmission> = {
    model: REGRESSION_MODELS[random.integer(2)]!,
    scheme: seed % 3 === 0 ? "avcc-static" : "avcc",
    dataVolunteers: 2 + random.integer(3),
    stragglers: 1,
    liars: 1,
    colluders: isPrivate ? 1 : 0,
    shardsPerVolunteer: isPrivate ? 1 : 1 + random.integer(3),
    spareShards: random.integer(3),
    iterations: ITERATIONS,
    // Half of the jobs are as most people's: prepared, with an intercept and a rate that is found; never near enough to stop.
    ...(seed % 2 === 0 ? { tolerance: 1e-12 } : { learningRate: 0.1, standardise: false, intercept: false, l2: 0 }),
    validationShare: random.uniform() < 0.5 ? 0.2 : 0,
  };
  return {
    seed,
    tabs: TABS,
    jobs: seed % 6 === 0 ? [{ name: "beside it", scheme: "systematic" }] : [],
    queryCount: 24,
    regressionJobs: [job],
    // A T-private job's tabs come with its invitation: those of a matrix job beside it would take its place.
    matmulJobs: !isPrivate && seed % 3 === 1 ? [{ scheme: "avcc", sliceColumns: 4, shardsPerVolunteer: 2 }] : [],
    crashMsMean: seed % 2 === 0 ? 400 : null,
    refusalShare: seed % 5 === 0 ? 0.1 : 0,
    faults: (tab) => faultsOf(seed, tab, isPrivate),
  };
}

function faultsOf(seed: number, tab: number, isPrivate: boolean): TabFaults {
  const random = randomAt(seed, 20, tab);
  // Whoever was invited says so when it connects again.
  const leaves = isPrivate || random.uniform() < 0.3;
  const attack = tab === LIAR.tab ? { attack: ATTACKS[ATTACK_NAMES[seed % ATTACK_NAMES.length]!] } : {};
  return {
    ...HONEST,
    straggleProbability: random.uniform() < 0.3 ? 0.2 : 0,
    lossProbability: 0,
    repeatProbability: random.uniform() < 0.3 ? 0.2 : 0,
    garbageProbability: random.uniform() < 0.1 ? 0.05 : 0,
    staysMsMean: leaves ? 600 : null,
    ...attack,
  };
}

/** @returns what is wrong with the run, one sentence each; nothing in a good one */
function trainingProblems(report: SimulationReport): string[] {
  const problems = [...report.violations];
  for (const training of report.trainings) {
    const waits = training.state === "running" && training.waitingFor?.includes("more");
    if (training.state !== "done" && !waits) problems.push(`[GR20] ${training.scheme} ended as ${training.state}`);
    if (training.isExact === false) problems.push(`[GR4] weights differ from those of one machine`);
    const wronged = training.liarsNamed.filter((volunteerId) => volunteerId !== LIAR.volunteerId);
    if (wronged.length > 0) problems.push(`[GJ4] ${wronged.join(", ")} did not lie and was named`);
  }
  for (const product of report.products) {
    const waits = product.state === "running" && product.waitingFor?.includes("more");
    if (product.state !== "done" && !waits) problems.push(`[GR22] a matrix job ended as ${product.state}`);
    if (product.isExact === false) problems.push("[GR22] a product is not A times B");
  }
  const wronged = report.quarantined.filter((volunteerId) => volunteerId !== LIAR.volunteerId);
  if (wronged.length > 0) problems.push(`[VF3] ${wronged.join(", ")} did not lie and is quarantined`);
  return problems;
}

export async function runTraining(seed: number): Promise<{ report: SimulationReport; problems: string[] }> {
  const report = await simulate(trainingOfSeed(seed));
  return { report, problems: trainingProblems(report) };
}
