/** What the `attacks` bench runs: who lies how, in which crowd, under which code. */

import { workerCountOf } from "../../shared/coding/make-scheme.ts";
import { ANSWER_BOUND_DEFAULT } from "../../shared/protocol/limits.ts";
import type { AttackSetting } from "./attack-crowd.ts";
import { ATTACKS, type Attack, coalition, sleeper } from "./attack-lies.ts";

export interface AttackCase extends AttackSetting {
  readonly scheme: "systematic" | "approxifer";
  /** E: what the code is made for; so many of the tabs lie, but in the large crowd. */
  readonly liars: number;
  /** N */
  readonly workers: number;
  readonly answerBound: number;
  /** At least so many are tried. */
  readonly answers: number;
}

/** Each part can be run by itself, and has a table of its own. */
export const ATTACK_PARTS: Readonly<Record<string, () => readonly AttackCase[]>> = {
  open: () => everyAttack().filter(isOpen),
  evasive: () => everyAttack().filter((attackCase) => !isOpen(attackCase)),
  rare: rareCases,
  crowd: crowdCases,
  paper: paperCases,
};

export const K = 12;
const STRAGGLERS = 2;
const LIAR_COUNTS = [1, 2, 3];
/** Of a row: five crowds that answer the 10,000 test images once each. */
const ANSWERS = 50_000;
/** The paper's code is beside the point here, and its locator slow: five crowds with few queries show what it makes of each attack. */
const PAPER_ANSWERS = 2_400;
export const PAPER_QUERIES = 480;

/** Rare lies, and the hardest crowd: where checks have to be many. */
const RARE_ATTACKS = ["5 % of rows", "1 % of rows", "25 % of rows, another identity"];
const RARE_LIARS = 2;
const ANSWER_BOUNDS = [1e-2, 1e-3, 1e-4];

const CROWD_TABS = 100;
const CROWD_LIARS = 20;
/** Of those, so many lie the same lies. */
const COALITION = 6;
const COALITION_SHARE = 0.05;
/** In a crowd of 100 a tab computes some 20 batches of a job: this one lies in its second half. */
const CROWD_SLEEPER_BATCHES = 8;

/** Every attack with E = 1, 2, 3 liars, on `systematic` with K+S+E workers. */
export function everyAttack(): AttackCase[] {
  return Object.keys(ATTACKS).flatMap((attack) => LIAR_COUNTS.map((liars) => caseOf("systematic", attack, liars)));
}

/** A lie in every row, from the first batch on and under one name. */
function isOpen({ attacks }: AttackCase): boolean {
  return attacks.every(({ corruptsEveryRow, comesAsAnother }) => corruptsEveryRow && comesAsAnother !== true);
}

/** The same on the paper's code with its own locator: nothing is audited but known rows, and nobody comes as another. */
export function paperCases(): AttackCase[] {
  return lastingAttacks().flatMap((attack) => LIAR_COUNTS.map((liars) => caseOf("approxifer", attack, liars)));
}

/** What one liar does from its first batch on, under one name. */
function lastingAttacks(): string[] {
  return Object.keys(ATTACKS).filter((name) => !ATTACKS[name]!.comesAsAnother && ATTACKS[name]!.jobs === undefined);
}

/** What a smaller bound costs. */
export function rareCases(): AttackCase[] {
  return RARE_ATTACKS.flatMap((attack) =>
    ANSWER_BOUNDS.map((answerBound) => caseOf("systematic", attack, RARE_LIARS, { answerBound })),
  );
}

/** 20 of 100 tabs lie, each in another way, some of them together. */
export function crowdCases(): AttackCase[] {
  const late: Attack = { lie: sleeper(CROWD_SLEEPER_BATCHES), corruptsEveryRow: false };
  const lone = [...lastingAttacks().map((name) => ATTACKS[name]!), late];
  const together = coalition(COALITION_SHARE);
  const mixed: Attack[] = Array.from({ length: CROWD_LIARS }, (_, liar) =>
    liar < COALITION ? together : lone[liar % lone.length]!,
  );
  const all: Attack[] = Array.from({ length: CROWD_LIARS }, () => together);
  const large = { tabs: CROWD_TABS, liars: CROWD_LIARS };
  return [
    { ...caseOf("systematic", `every attack, ${COALITION} together`, 3), ...large, attacks: mixed },
    { ...caseOf("systematic", "coalition, 5 % of rows", 3), ...large, attacks: all },
  ];
}

function caseOf(
  scheme: AttackCase["scheme"],
  attack: string,
  liars: number,
  { answerBound = ANSWER_BOUND_DEFAULT } = {},
): AttackCase {
  const parameters = { queryCount: K, stragglerCount: STRAGGLERS, liarCount: liars };
  const workers = workerCountOf(scheme, parameters);
  return {
    attack,
    scheme,
    liars,
    workers,
    answerBound,
    answers: scheme === "approxifer" ? PAPER_ANSWERS : ANSWERS,
    attacks: Array.from({ length: liars }, () => ATTACKS[attack] ?? ATTACKS["sign flip"]!),
    // Once the liars are out there are still as many volunteers as places.
    tabs: workers + liars,
    submission: {
      scheme,
      queriesPerGroup: K,
      stragglers: STRAGGLERS,
      liars,
      answerBound,
    },
  };
}
