/**
 * Liars against the real coordinator, in this process, on virtual time:
 *
 *     npm run bench -- attacks [--seed N] [--seeds N] [--only PART-OF-A-NAME] [--full] [--json FILE]
 *     npm run bench -- attacks --part open|evasive|rare|crowd|paper [--seed N] [--json FILE] [--limit N] [--answers N]
 *                              [--only PART-OF-A-NAME] [--quick]
 *                              [--dataset mnist|fashion|cifar | --model FOLDER --queries Q.npy --labels Y.npy [--input-scale X]]
 *
 * Without a part: coalitions (coalitions/coalition-attacks.ts); those that are at streams: `row-attacks`. Any part is liars one by one: each row is several
 * crowds that answer the whole data set; --quick takes one crowd and few queries.
 */
import { ANSWER_MARKS } from "../../shared/kinds/inference/answers.ts";
import { ATTACK_PARTS, type AttackCase, K, PAPER_QUERIES } from "./attack-cases.ts";
import { attackCrowd } from "./attack-crowd.ts";
import { type AttackTally, sumOf } from "./attack-tally.ts";
import { type CoalitionOptions, run as runCoalitions } from "./coalitions/coalition-attacks.ts";
import { countFlag, type Flags } from "./flags.ts";
import {
  firstQueriesOf,
  knownCasesOf,
  loadKnownCase,
  loadOwnCase,
  OWN_CASE_FLAGS,
  type OwnCase,
  ownCaseOf,
} from "./inference-case.ts";
import { type JobWorld, jobWorld } from "./job-world.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { poissonUpperLimit } from "./poisson-limit.ts";
import { settingsUsed } from "./settings-used.ts";

const QUICK_QUERIES = 1_200;

export interface AttacksOptions extends MeasureOptions {
  /** At least so many answers each row, instead of what the case wants. */
  readonly answers?: number;
  /** One of ATTACK_PARTS; all of them unless told. */
  readonly part?: string;
  /** Only attacks whose name holds this. */
  readonly only?: string;
  /** The first so many queries of the data set. */
  readonly limit?: number;
  /** mnist unless told; the first of the project's models for it. */
  readonly dataset?: string;
  readonly own?: OwnCase;
}

export async function run(options: AttacksOptions): Promise<Measurement> {
  const { progress, part, only = "", limit = Number.POSITIVE_INFINITY, dataset = "mnist", own } = options;
  const [known] = knownCasesOf([dataset]);
  const whole = await (own ? loadOwnCase(own, limit) : loadKnownCase(known!, limit, progress));
  const worlds = {
    systematic: await jobWorld(whole),
    approxifer: await jobWorld(firstQueriesOf(whole, PAPER_QUERIES)),
  };
  const rows: Measurement["rows"][number][] = [];
  const tried: [AttackCase, AttackTally][] = [];
  for (const attackCase of casesOf(part)) {
    if (!attackCase.attack.includes(only)) continue;
    const world = worlds[attackCase.scheme];
    const crowds = await talliesOf(attackCase, world, options);
    tried.push([attackCase, sumOf(crowds)]);
    rows.push(rowOf(attackCase, crowds, world.inferenceCase.base));
  }
  whole.model.dispose();
  if (rows.length === 0) throw new Error(`attacks: expected --only to be part of an attack's name, got "${only}"`);
  const notes = [...NOTES, ...verdicts(tried)];
  const set = attacksSet(tried.map(([attackCase]) => attackCase));
  return { name: attacks.name, title: attacks.title, columns: COLUMNS, rows, notes, set };
}

/** Of what is checked. */
export function attacksSet(cases: readonly AttackCase[]) {
  const checked = cases.filter(({ scheme }) => scheme === "systematic");
  return settingsUsed(checked.map(({ submission }) => submission));
}

function casesOf(part: string | undefined): readonly AttackCase[] {
  if (part === undefined) return Object.values(ATTACK_PARTS).flatMap((cases) => cases());
  const cases = Object.hasOwn(ATTACK_PARTS, part) ? ATTACK_PARTS[part] : undefined;
  if (cases !== undefined) return cases();
  throw new Error(`--part: expected one of ${Object.keys(ATTACK_PARTS).join(", ")}, got "${part}"`);
}

/** Of each crowd. */
async function talliesOf(attackCase: AttackCase, world: JobWorld, options: AttacksOptions): Promise<AttackTally[]> {
  const { seed, progress, answers = attackCase.answers } = options;
  const { attack, liars, scheme, answerBound } = attackCase;
  progress(`${scheme}, E = ${liars}, ${attack}, bound ${answerBound}`);
  const tallies: AttackTally[] = [];
  for (let crowd = 0, got = 0; got < answers; crowd++) {
    const tally = await attackCrowd(attackCase, world, seed, crowd);
    got += tally.answers;
    tallies.push(tally);
  }
  return tallies;
}

function rowOf(attackCase: AttackCase, crowds: readonly AttackTally[], base: number): Measurement["rows"][number] {
  const tally = sumOf(crowds);
  const halfWidth = (shareOf: (crowd: AttackTally) => number) => meanInterval(crowds.map(shareOf)).halfWidth;
  const { attack, scheme, liars, workers, answerBound, tabs } = attackCase;
  const isAudited = scheme === "systematic";
  return {
    attack,
    scheme,
    rules: isAudited ? "checks" : "none",
    liars,
    workers,
    tabs,
    crowds: crowds.length,
    answerBound: isAudited ? answerBound : null,
    namedShare: tally.liars === 0 ? null : tally.named / tally.liars,
    batchesUntilNamed: tally.named === 0 ? null : tally.liedBatchesOfNamed / tally.named,
    honestQuarantined: tally.honestQuarantined,
    answers: tally.answers,
    audited: tally.audited,
    wrongAudited: tally.wrongAudited,
    wrongAuditedLimit: poissonUpperLimit(tally.auditedBoundSum),
    final: tally.final,
    wrongFinal: tally.wrongFinal,
    wrongWhileFinal: tally.wrongWhileFinal,
    wrongFinalLimit: poissonUpperLimit(tally.finalBoundSum),
    bound: tally.final === 0 ? null : tally.finalBoundSum / tally.final,
    shareByMark: Object.fromEntries(ANSWER_MARKS.map((mark) => [mark, tally.answersByMark[mark] / tally.answers])),
    finalHalfWidth: halfWidth(({ final, answers }) => final / answers),
    auditShare: tally.auditedRows / tally.answers,
    auditHalfWidth: halfWidth(({ auditedRows, answers }) => auditedRows / answers),
    tabRowsPerAnswer: tally.tabRows / tally.answers,
    tabRowsHalfWidth: halfWidth(({ tabRows, answers }) => tabRows / answers),
    base,
    finalAccuracy: tally.hits / tally.answers,
    accuracyHalfWidth: halfWidth(({ hits, answers }) => hits / answers),
  };
}

/** What does not hold of what is promised, a line each. */
function verdicts(tried: readonly (readonly [AttackCase, AttackTally])[]): string[] {
  const lines: string[] = [];
  for (const [{ attack, liars, scheme, answerBound, attacks: lies }, tally] of tried) {
    if (scheme !== "systematic") continue;
    const name = `${attack}, E = ${liars}, bound ${answerBound}`;
    const limits = [
      ["audited", tally.wrongAudited, poissonUpperLimit(tally.auditedBoundSum)],
      ["final", tally.wrongFinal, poissonUpperLimit(tally.finalBoundSum)],
    ] as const;
    for (const [which, wrong, limit] of limits) {
      if (wrong > limit) lines.push(`NOT KEPT: ${name}: ${wrong} ${which} answers are wrong, more than ${limit}.`);
    }
    if (tally.wrongFinal > 0 && lies.every(({ corruptsEveryRow }) => corruptsEveryRow)) {
      lines.push(`NOT KEPT: ${name}: ${tally.wrongFinal} final answers are wrong, though every row was corrupted.`);
    }
    if (tally.honestQuarantined > 0)
      lines.push(`NOT KEPT: ${name}: ${tally.honestQuarantined} honest are quarantined.`);
  }
  return lines.length > 0 ? lines : ["Every row of systematic keeps its bound, and nobody honest was quarantined."];
}

const COLUMNS: readonly Column[] = [
  { key: "attack", title: "attack" },
  { key: "scheme", title: "scheme" },
  { key: "liars", title: "E" },
  { key: "workers", title: "N" },
  { key: "tabs", title: "tabs" },
  { key: "answerBound", title: "job's bound", digits: 4 },
  { key: "namedShare", title: "named", digits: 3 },
  { key: "batchesUntilNamed", title: "after batches", digits: 1 },
  { key: "answers", title: "answers" },
  { key: "wrongAudited", title: "wrong audited" },
  { key: "wrongAuditedLimit", title: "allowed" },
  { key: "final", title: "final" },
  { key: "wrongFinal", title: "wrong final" },
  { key: "wrongWhileFinal", title: "ever" },
  { key: "wrongFinalLimit", title: "allowed" },
  { key: "bound", title: "bound", digits: 6 },
  { key: "auditShare", title: "audits", digits: 3 },
  { key: "auditHalfWidth", title: "±", digits: 3 },
  { key: "tabRowsPerAnswer", title: "tab rows", digits: 2 },
  { key: "finalAccuracy", title: "accuracy", digits: 4 },
  { key: "accuracyHalfWidth", title: "±", digits: 4 },
  { key: "shareByMark", title: "share by mark", digits: 3 },
];

const NOTES = [
  `MNIST test images (or the data set or queries given), groups of K = ${K} alike, S = 2, code for E liars. Each crowd answers all of them once, a`,
  "sleeper's twice; a row is as many crowds as its answers need, each with its own seed. All that lie are in the crowd from the start.",
  "Wrong: not within float32 tolerance of what the model gives on the coordinator. audited: marked audited or exact. ever: wrong while final",
  "at one of many looks during the job. allowed: of audited answers the 95 % upper limit of a count whose mean is the sum of the bounds that they carry, of final ones",
  "of a count whose mean is the job's bound times its answers. bound: that over the final answers. named: of identities that lied, quarantined; after so many lying batches taken in. audits: rows",
  "that the coordinator recomputed, and tab rows: rows that tabs computed, both per answer: K/K = 1 is the least, the rest is parities,",
  "second words, backups and what was redone. ±: half of the 95 % interval over the crowds (Student's t). approxifer has N = 2K+2E+S-1 and its own locator: nothing is audited, so none is final.",
];

export const attacks: Measurer = {
  name: "attacks",
  title: "Liars against the real coordinator: who is named, and what of the answers is wrong",
  flags: ["part", "seeds", "limit", "answers", "only", "dataset", ...OWN_CASE_FLAGS],
  switches: ["quick", "full"],
  async run(options) {
    const { flags = {} } = options;
    // Whoever names data or sizes of its own means liars one by one, too.
    const isOfParts = ["part", "limit", "answers", "dataset", "quick", ...OWN_CASE_FLAGS].some((flag) => flag in flags);
    if (isOfParts) return run({ ...options, ...optionsOf(flags) });
    return { name: attacks.name, title: attacks.title, ...(await runCoalitions(coalitionOptionsOf(options))) };
  },
};

function coalitionOptionsOf({ seed, progress, flags = {} }: MeasureOptions): CoalitionOptions {
  const seeds = countFlag(flags, "seeds");
  const isFull = flags.full !== undefined;
  return { seed, progress, only: flags.only ?? "", isFull, ...(seeds === undefined ? {} : { seeds }) };
}

function optionsOf(flags: Flags): Partial<AttacksOptions> {
  const own = ownCaseOf(flags);
  const answers = countFlag(flags, "answers");
  const limit = countFlag(flags, "limit");
  return {
    ...(flags.quick === undefined ? {} : { answers: QUICK_QUERIES, limit: QUICK_QUERIES }),
    ...(answers === undefined ? {} : { answers }),
    ...(limit === undefined ? {} : { limit }),
    ...(flags.part === undefined ? {} : { part: flags.part }),
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(flags.dataset === undefined ? {} : { dataset: flags.dataset }),
    ...(own === null ? {} : { own }),
  };
}
