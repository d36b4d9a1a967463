/** The rows of the bench `row-attacks`: who lies how, before which account. */
import type { GroupRule } from "../../../server/rows/words.ts";
import { ANSWER_BOUND_DEFAULT } from "../../../shared/protocol/limits.ts";
import { PLANS, type PlanName } from "./plans.ts";
import type { ServiceOptions } from "./service-words.ts";

export interface AttackRow {
  readonly attack: string;
  readonly options: Omit<ServiceOptions, "seed">;
  /** Of eps M that may be wrong and final on average: at 1 whoever reads the account is at the limit itself, and seeds scatter. */
  readonly slack: number;
  /** Times the bench's own. */
  readonly seedsFactor: number;
}

/** Small enough for many seeds, large enough for partners: six address groups at least are honest. */
const CROWD = { volunteers: 15, rowsEach: 100, jobs: 4, liarShare: 0.2, answerBound: ANSWER_BOUND_DEFAULT } as const;
/** Small jobs, for a party that reads the account: most of its lies a row. */
const READ = { ...CROWD, volunteers: 10, rowsEach: 60, jobs: 8 } as const;
const READER_SLACK = 1.05;
/** Seeds of that party, many for it lies at the limit itself. */
const READER_SEEDS = 50;
const MORE_SEEDS = 5;
/** An account of this many honest rows is at c = .02, the least. */
const OLD_ACCOUNT = 60_000;
/** Enough duplicates that a party meets its own: partners give most second words, and claims are long. */
const DUPLICATED = { rowsEach: 400, liarShare: 0.3, placesBefore: OLD_ACCOUNT } as const;
/** A class of 25, whose seats nobody believes or somebody does, and six others, as many as partners need. */
const CLASS = { ...DUPLICATED, volunteers: 31, rowsEach: 200 } as const;
const inClass = (liars: number, believed: boolean, plan: PlanName) =>
  attack(`${liars} of 25 seats, ${believed ? "" : "not "}believed: ${plan}`, plan, {
    ...{ ...CLASS, liarShare: liars / CLASS.volunteers, seats: { count: 25, believed } },
  });
/** 8 rows and 2 mixtures, decoded from any 8. */
const PARITIES: GroupRule = {
  ...{ rows: 8, mixtures: 2, apart: "open", goesOutPlain: true, mixturesFirst: false },
  isDecodable: (rowsIn, mixturesIn) => rowsIn + mixturesIn >= 8,
};

function attack(attack: string, plan: PlanName, options: Partial<ServiceOptions> = {}): AttackRow {
  return { attack, options: { ...CROWD, plan: PLANS[plan], ...options }, slack: 1, seedsFactor: 1 };
}

function reader(name: string, plan: PlanName, options: Partial<ServiceOptions> = {}): AttackRow {
  const seedsFactor = Object.keys(options).length === 0 ? READER_SEEDS : MORE_SEEDS;
  return { ...attack(name, plan, { ...READ, ...options }), slack: READER_SLACK, seedsFactor };
}

export const ATTACK_ROWS: readonly AttackRow[] = [
  attack("nobody lies", "clean", { liarShare: 0 }),
  attack("all rows", "constant 1"),
  attack("a row in twenty, all of the party alike", "constant .05"),
  attack("a row in a hundred", "constant .01"),
  attack("waits for a job, then one row a claim", "waiting"),
  attack("waits for a job, then a fifth of the ends", "burst"),
  attack("one key is sacrificed, the others wait for the third job", "sacrifice"),
  attack("parities: rows and mixtures, one in twenty", "constant .05", { rule: PARITIES }),
  attack("parities: waits, then one row a claim", "waiting", { rule: PARITIES }),
  attack("rush: its turns before all others, .6 %", "rush .006"),
  attack("rush: its turns before all others, 2 %", "rush .02"),
  attack("lies where it knows two rows of the claim", "knows duplicates", DUPLICATED),
  attack("half slow by choice, accomplices beside them", "accomplice"),
  attack("leaves before its coins are answered", "leaves", { coordinatorMs: 400 }),
  attack("half lets itself be named, its rows come again", "taken out"),
  attack("half is named at another submitter's job", "taken out", { namedElsewhereAt: 0.6, coordinatorMs: 400 }),
  attack("stops behind what it knows, gives the rest back", "stops, gives back", DUPLICATED),
  attack("stops behind what it knows, keeps the rest", "stops, keeps", DUPLICATED),
  attack("lets checks of its own lie", "checks lie", DUPLICATED),
  attack("idle keys: half of it takes work and is mute", "idle keys"),
  attack("one address behind all liars, three keys each, one in a hundred", "constant .01", {
    ...DUPLICATED,
    isOneAddress: true,
    keysPerLiar: 3,
  }),
  ...[3, 8, 13, 25].flatMap((liars) => [inClass(liars, false, "constant .01"), inClass(liars, false, "checks lie")]),
  ...[3, 8].flatMap((liars) => [inClass(liars, true, "constant .01"), inClass(liars, true, "checks lie")]),
  attack("findings without a naming: a third excused", "waiting", { excusedShare: 1 / 3 }),
  attack("findings without a naming: all excused", "waiting", { excusedShare: 1 }),
  reader("reads the account, one lie a block, endless keys", "one lie a block"),
  reader("reads the account, .3/c lies a block", ".3/c lies"),
  reader("reads the account, 1/c lies a block", "1/c lies"),
  reader("reads the account, all findings excused", "1/c lies", { excusedShare: 1 }),
  ...[4, 8, 20].flatMap((openAtOnce) => [
    reader(`one lie a block, ${openAtOnce} blocks at once`, "one lie a block", { openAtOnce, jobs: 20 }),
    reader(`1/c lies a block, ${openAtOnce} blocks at once`, "1/c lies", { openAtOnce, jobs: 20 }),
  ]),
  reader("quiet service: 60,000 honest rows, then one lie a block", "one lie a block", { placesBefore: OLD_ACCOUNT }),
  reader("quiet service: 60,000 honest rows, then 1/c lies a block", "1/c lies", { placesBefore: OLD_ACCOUNT }),
  reader("quiet service: quick keys, so that honest partners seem to let checks lie", "hurry, 1/c lies", {
    placesBefore: OLD_ACCOUNT,
    rowsEach: 200,
    jobs: 4,
  }),
  reader("honest for two jobs, then 1/c lies a block", "1/c lies, after two honest jobs"),
  reader("quiet service: the same, eight blocks at once", "1/c lies", { placesBefore: OLD_ACCOUNT, openAtOnce: 8 }),
];
