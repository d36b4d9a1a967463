/** What the default part of the `attacks` bench runs: which coalition lies how, in whose crowd, about which model. */
import type { Plan } from "./coalition-plans.ts";

export type CoalitionData = "random" | "mnist" | "fashion" | "cifar";

export interface CoalitionCase {
  readonly attack: string;
  readonly data: CoalitionData;
  readonly plan: Plan;
  /** Share of the rows that the coalition lies about where its plan has it lie. */
  readonly lieRate: number;
  /** Of the volunteers. */
  readonly liarShare: number;
  readonly volunteers: number;
  /** Rows of a job, a volunteer. */
  readonly rowsEach: number;
  readonly jobs: number;
  /** In the jobs before this one the coalition is honest. */
  readonly liesFromJob: number;
  /** Where `endgame` begins, as a share of a job. */
  readonly endgameFrom?: number;
  /** Are answers counted of all jobs, or of the last one? */
  readonly counted: "all" | "last";
  readonly isStrict: boolean;
  /** Does the code have two parities? Then answers are compared with estimates, too. */
  readonly hasParities: boolean;
  /** fast: estimates stay, so that no row of the job is cross-checked. */
  readonly completion: "fast" | "exact";
  /** Too large for a run of half an hour: --full alone. */
  readonly isLarge: boolean;
  /** Has the service met liars before? Then a small job with three that lie in every other row comes first, and is not counted. */
  readonly hasMetLiars: boolean;
}

const CROWD = { volunteers: 100, rowsEach: 1_000, liarShare: 0.2 } as const;
const ONE_JOB = { jobs: 1, liesFromJob: 0, counted: "all" } as const;
const PLAIN = {
  isStrict: false,
  hasParities: false,
  completion: "exact",
  hasMetLiars: true,
  isLarge: false,
} as const;
/** One row of a batch of forty. */
const ONE_OF_A_BATCH = 1 / 40;
/** Test images of a data set, once each. */
const IMAGES_CROWD = { volunteers: 20, rowsEach: 500, liarShare: 0.2 } as const;

export const COALITION_CASES: readonly CoalitionCase[] = [
  { ...plain("nobody lies", "honest", 0), liarShare: 0, hasMetLiars: false },
  ...[1, 0.05].map((rate) => ({
    ...plain(`${percent(rate)} of rows, in a service that has met no liars`, "constant", rate),
    hasMetLiars: false,
  })),
  ...[1, 0.25, 0.05, 0.01, 0.002].map((rate) => plain(`${percent(rate)} of rows`, "constant", rate)),
  ...[0.05, 0.1, 0.33].flatMap((liarShare) =>
    [0.05, 0.01].map((rate) => ({
      ...plain(`${percent(rate)} of rows, ${percent(liarShare)} of the crowd`, "constant", rate),
      liarShare,
    })),
  ),
  ...[1, 0.05].map((rate) => plain(`${percent(rate)} of rows, from the middle on`, "sleeper", rate)),
  {
    ...plain("one row a batch, after 20 of 40 jobs", "constant", ONE_OF_A_BATCH),
    ...{ rowsEach: 25, jobs: 40, liesFromJob: 20 },
  },
  {
    ...plain("a fifth of the last batches of 10 jobs", "endgame", 0.2),
    ...{ rowsEach: 100, jobs: 10, liesFromJob: 1, endgameFrom: 0.8 },
  },
  {
    ...plain("one row a batch in one small job after 10, strict", "constant", ONE_OF_A_BATCH),
    ...{ rowsEach: 100, jobs: 11, liesFromJob: 10, counted: "last", isStrict: true },
  },
  ...[1, 0.2].map((rate) => plain(`${percent(rate)} of rows in the last twentieth`, "endgame", rate)),
  plain("25 % of rows in the first batch alone", "first", 0.25),
  ...[1, 0.08, 0.05].map((rate) =>
    plain(`burst: nine quick turns, ${percent(rate)} of the tenth, silence`, "burst", rate),
  ),
  ...[1, 0.2].map((rate) => ({
    ...plain(
      `chorus: quick turns of all, ${percent(rate)} of one batch with four rows of others, silence`,
      "chorus",
      rate,
    ),
    hasMetLiars: false,
  })),
  ...[0.006, 0.003].map((rate) => ({
    ...plain(`rush: its share of the job at once, ${percent(rate)} of rows from the second batch on`, "rush", rate),
    hasMetLiars: false,
  })),
  ...[0.2, 0.05].map((rate) => plain(`half lets itself be named, ${percent(rate)} of rows`, "redo", rate)),
  ...[1, 0.05].map((rate) => plain(`${percent(rate)} of rows while nine in ten honest sleep`, "night", rate)),
  ...[0.25, 0.05].map((rate) => plain(`${percent(rate)} of rows, a fresh key after each batch`, "churn", rate)),
  ...[1, 0.25].map((rate) => plain(`${percent(rate)} of rows, a fresh key after each naming`, "comes back", rate)),
  ...[3, 5, 10].map((volunteers) => ({
    ...plain(`everything, one of ${volunteers} tabs, 400 rows`, "constant", 1),
    ...{ volunteers, rowsEach: 400 / volunteers, liarShare: 1 / volunteers, hasMetLiars: false },
  })),
  ...(["exact", "fast"] as const).flatMap((completion) =>
    [
      { ...plain(`nobody lies, two parities, ${completion}`, "honest", 0), liarShare: 0, hasMetLiars: false },
      plain(`${percent(0.05)} of rows, two parities, ${completion}`, "constant", 0.05),
    ].map((one) => ({ ...one, hasParities: true, completion })),
  ),
  ...[
    plain(`${percent(0.05)} of rows, 1,000 volunteers`, "constant", 0.05),
    plain(`${percent(0.01)} of rows, 1,000 volunteers`, "constant", 0.01),
    plain(`${percent(0.2)} of rows in the last twentieth, 1,000 volunteers`, "endgame", 0.2),
    plain(`burst: nine quick turns, ${percent(0.08)} of the tenth, silence, 1,000 volunteers`, "burst", 0.08),
  ].map((one) => ({ ...one, volunteers: 1_000, isLarge: true })),
  ...(["random", "mnist", "fashion", "cifar"] as const).flatMap((data) =>
    [1, 0.05].map((rate) => ({
      ...plain(`${percent(rate)} of rows`, "constant", rate),
      ...{ data, hasParities: true, ...IMAGES_CROWD },
    })),
  ),
];

function plain(attack: string, plan: Plan, lieRate: number): CoalitionCase {
  return { ...CROWD, ...ONE_JOB, ...PLAIN, data: "random", attack, plan, lieRate };
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
