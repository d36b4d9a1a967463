/** What one party with many keys does: in which rows it lies, and which of its claims it answers. All of its keys know what any of them saw. */
import type { RandomSource } from "../../../shared/random/random.ts";

/** A key of the coalition. */
export interface LiarKey {
  /** Among the keys that the coalition began with; a key that comes back has the place of the one before it. */
  readonly place: number;
  /** Keys that the coalition began with. */
  readonly of: number;
  /** Claims that this key has taken of the present job, this one too. */
  turns: number;
}

/** A claim of a liar, as the coalition sees it. */
export interface Turn {
  readonly key: LiarKey;
  /** 0 for the submitter's first job. */
  readonly job: number;
  /** Which certificate of the job is tried: 0, 1 or 2. */
  readonly tries: number;
  /** Rows of the claim. */
  readonly places: readonly number[];
  /** Share of the job's rows that are answered. */
  readonly progress: number;
  /** c of the block: what is told of it to everybody; null: nothing is certified. */
  readonly checkShare: number | null;
  /** Lies that the coalition has told in this block. */
  readonly toldInBlock: number;
  /** Was anybody of the coalition named since the block was opened? */
  readonly wasNamed: boolean;
  /** Rows of a usual claim. */
  readonly usualRows: number;
  /** Has anybody of the coalition answered this row before? */
  isKnown(place: number): boolean;
  /** A secret number of the row in [0, 1), the coalition's own: the same for all of its keys. */
  classOf(place: number): number;
  readonly random: RandomSource;
}

/** all: as an honest tab. leaves: answers all and closes its session. stops: answers so many rows, then nothing. mute: answers nothing. */
export type Conduct =
  | { readonly does: "all" }
  | { readonly does: "leaves" }
  | { readonly does: "mute" }
  | { readonly does: "stops"; readonly answers: readonly number[]; readonly releases: boolean };

export interface Plan {
  /** Of the claim's rows that nobody of the coalition has answered yet: those it lies about. Of the others it says what it said. */
  lies(turn: Turn): Iterable<number>;
  /** Of an honest tab's pace; 1 where it is absent. */
  paceOf?(key: LiarKey): number;
  conduct?(turn: Turn): Conduct;
  /** Does a fresh key come for each that is named, or that left? */
  readonly comesBack?: boolean;
}

const HONEST_CONDUCT: Conduct = { does: "all" };
/** Of a usual claim: a shorter one may be one of the last, and is checked more closely by who waits for it. */
const WHOLE_CLAIM = 0.8;
const BURST = { from: 0.8, rate: 0.2 } as const;
const SACRIFICE_RATE = 0.2;
const PART_ROWS = 5;
/** Of a claim: so many may be duplicates, and the rest then seems to be fresh. */
const KNOWN_ROWS = 2;

export const conductOf = (plan: Plan, turn: Turn): Conduct => plan.conduct?.(turn) ?? HONEST_CONDUCT;

const belowRate = (turn: Turn, rate: number): number[] => turn.places.filter((place) => turn.classOf(place) < rate);

/** One row of each claim that is about as long as usual. */
function oneOfAClaim({ places, usualRows, random }: Turn): number[] {
  return places.length >= WHOLE_CLAIM * usualRows ? [places[random.integer(places.length)]!] : [];
}

/** Nobody lies. */
const honest: Plan = { lies: () => [] };

/** Rows of a secret class. */
export const constant = (rate: number): Plan => ({ lies: (turn) => belowRate(turn, rate) });

/** Honest in the first job, then one row a claim: what it did in jobs that have ended stands. */
const waiting: Plan = { lies: (turn) => (turn.job === 0 ? [] : oneOfAClaim(turn)) };

/** Honest in the first job, then a fifth of the rows at the end of each. */
const burst: Plan = {
  lies: (turn) => (turn.job === 0 || turn.progress <= BURST.from ? [] : belowRate(turn, BURST.rate)),
};

/** One key lets itself be named in the first job, the others wait until the third. */
const sacrifice: Plan = {
  lies(turn) {
    if (turn.key.place === 0) return turn.job === 0 ? belowRate(turn, SACRIFICE_RATE) : [];
    return turn.job > 1 ? oneOfAClaim(turn) : [];
  },
};

/**
 * Reads the account: it knows c, and lies share/c times in each block (at one, b (1-c)^b is largest), as early as it can, until it is found.
 * @param share of 1/c; 0: one lie a block
 * @param fromJob honest in the jobs before it
 * @param pace of an honest tab's: who is quick does most claims, so that the median claim is short, and partners that are busy seem to let checks lie
 */
export const readsAccount = (share: number, fromJob = 0, pace = 1): Plan => ({
  comesBack: true,
  paceOf: () => pace,
  lies({ places, checkShare, toldInBlock, wasNamed, job }) {
    if (checkShare === null || wasNamed || job < fromJob) return [];
    return places.slice(0, Math.max(0, Math.max(1, Math.round(share / checkShare)) - toldInBlock));
  },
});

/** Takes its turns before all others have answered anything; lies from the second one on. */
const rush = (rate: number): Plan => ({
  paceOf: () => 50,
  lies: (turn) => (turn.key.turns > 1 ? belowRate(turn, rate) : []),
});

/** Lies where it knows some rows of the claim already, those being duplicates perhaps: then in all that it does not know. */
const knowsDuplicates: Plan = {
  comesBack: true,
  lies: ({ places, isKnown }) => (places.filter(isKnown).length >= KNOWN_ROWS ? places : []),
};

/** Half of the keys are slow by choice, so that others sit beside them: quick ones of their own, who say the same. */
const accomplice = (rate: number): Plan => ({
  paceOf: ({ place, of }) => (place < of / 2 ? 0.05 : 4),
  lies: (turn) => belowRate(turn, rate),
});

/** Lies in its first claim and is gone before a coin of it is answered; comes back under a fresh key. */
const leaves = (rate: number): Plan => ({
  comesBack: true,
  lies: (turn) => belowRate(turn, rate),
  conduct: () => ({ does: "leaves" }),
});

/** Half of the keys lie until they are named, so that their rows come again: whoever of the others gets one of them says the same. */
const takenOut = (rate: number): Plan => ({
  lies: (turn) => (turn.key.place < turn.key.of / 2 ? belowRate(turn, rate) : []),
});

/** Answers a part of each claim, the rows it knows first, and stops there; the rest it gives back, or keeps until they are late. */
const stopsBehind = (rate: number, releases: boolean): Plan => ({
  lies: (turn) => (turn.places.some(turn.isKnown) ? belowRate(turn, rate) : []),
  conduct({ places, isKnown }) {
    const known = places.filter(isKnown);
    if (known.length === 0) return HONEST_CONDUCT;
    const fresh = places.filter((place) => !isKnown(place));
    return { does: "stops", answers: [...known, ...fresh.slice(0, PART_ROWS)], releases };
  },
});

/** Does not answer what others of it have answered, for that may be a check of them. */
const checksLie = (rate: number): Plan => ({
  lies: (turn) => belowRate(turn, rate),
  conduct({ places, isKnown }) {
    const known = places.filter(isKnown);
    return known.length === 0
      ? HONEST_CONDUCT
      : { does: "stops", answers: places.filter((place) => !isKnown(place)), releases: false };
  },
});

/** Half of the keys take work and never answer, so that checks wait for them; the others wait for a job, then lie once a claim. */
const idleKeys: Plan = {
  lies: waiting.lies,
  conduct: ({ key }) => (key.place < key.of / 2 ? { does: "mute" } : HONEST_CONDUCT),
};

export const PLANS = {
  ...{ clean: honest, waiting, burst, sacrifice, "knows duplicates": knowsDuplicates, "idle keys": idleKeys },
  ...{ "constant .05": constant(0.05), "constant .01": constant(0.01), "constant 1": constant(1) },
  ...{ "rush .006": rush(0.006), "rush .02": rush(0.02) },
  ...{ "one lie a block": readsAccount(0), "1/c lies": readsAccount(1), ".3/c lies": readsAccount(0.3) },
  ...{ "1/c lies, after two honest jobs": readsAccount(1, 2), "hurry, 1/c lies": readsAccount(1, 0, 100) },
  ...{ accomplice: accomplice(0.05), leaves: leaves(0.05), "taken out": takenOut(0.2) },
  ...{
    "stops, gives back": stopsBehind(0.2, true),
    "stops, keeps": stopsBehind(0.2, false),
    "checks lie": checksLie(0.05),
  },
} as const satisfies Readonly<Record<string, Plan>>;
export type PlanName = keyof typeof PLANS;
