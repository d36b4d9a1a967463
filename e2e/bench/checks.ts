/**
 * What checking costs, and what it is worth: the share of batches of newcomers that somebody else computes too, the operator's cap
 * on audits, and suspicion, one at a time:
 *
 *     npm run bench -- checks [--seed N] [--json FILE] [--queries N]
 *
 * The real coordinator on virtual time, as in `attacks`; the same queries, crowds and lies in every row.
 */
import { AUDIT_SHARE_MAX, SECOND_OPINION_SHARE } from "../../shared/protocol/limits.ts";
import { attackCrowd } from "./attack-crowd.ts";
import { ATTACKS, type Attack, coalition } from "./attack-lies.ts";
import { type AttackTally, sumOf } from "./attack-tally.ts";
import { countFlag } from "./flags.ts";
import { knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { jobWorld } from "./job-world.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const QUERIES = 4_000;
const CROWDS = 5;
const K = 8;
const GROUPS_PER_ROUND = 10;
const STRAGGLERS = 2;
const LIARS = 1;
const TABS = 20;
const COALITION_SHARE = 0.05;

/** Three of twenty lie. */
const LIARS_IN_CROWD = 3;
const LIES: Readonly<Record<string, Attack | null>> = {
  nobody: null,
  "5 % of rows": ATTACKS["5 % of rows"]!,
  "1 % of rows": ATTACKS["1 % of rows"]!,
  "5 % of rows, together": coalition(COALITION_SHARE),
  "25 % of rows, another identity": ATTACKS["25 % of rows, another identity"]!,
};

interface Policy {
  readonly secondOpinionShare: number;
  readonly auditShareMax: number;
  readonly suspicionFirst: boolean;
}

const BY_DEFAULT: Policy = {
  secondOpinionShare: SECOND_OPINION_SHARE,
  auditShareMax: AUDIT_SHARE_MAX,
  suspicionFirst: true,
};
const POLICIES: readonly Policy[] = [
  { ...BY_DEFAULT, secondOpinionShare: 0 },
  BY_DEFAULT,
  { ...BY_DEFAULT, secondOpinionShare: 1 },
  { ...BY_DEFAULT, suspicionFirst: false },
  { ...BY_DEFAULT, auditShareMax: 0.1 },
  { ...BY_DEFAULT, auditShareMax: 0 },
];

export interface ChecksOptions extends MeasureOptions {
  /** The first so many of the data set, in each crowd. */
  readonly queries?: number;
  readonly crowds?: number;
}

export async function run({ seed, progress, queries = QUERIES, crowds = CROWDS }: ChecksOptions): Promise<Measurement> {
  const [known] = knownCasesOf(["mnist"]);
  const world = await jobWorld(await loadKnownCase(known!, queries, progress));
  const rows: Measurement["rows"][number][] = [];
  for (const [lies, attack] of Object.entries(LIES)) {
    for (const policy of POLICIES) {
      const { suspicionFirst, ...policySettings } = policy;
      // Of audits, whatever a coordinator does by default: opinions, the cap and suspicion are rules of rounds. What checks of the ledger cost: attacked-rows.
      const settings = { ...policySettings, crossChecks: "off", rowLedger: false } as const;
      progress(`${lies}: opinions ${policy.secondOpinionShare}, cap ${policy.auditShareMax}`);
      const tallies: AttackTally[] = [];
      for (let crowd = 0; crowd < crowds; crowd++) {
        const liars = attack === null ? [] : Array.from({ length: LIARS_IN_CROWD }, () => attack);
        const setting = { attack: lies, attacks: liars, tabs: TABS, submission: SUBMISSION, suspicionFirst, settings };
        tallies.push(await attackCrowd(setting, world, seed, crowd));
      }
      rows.push(rowOf(lies, policy, tallies));
    }
  }
  world.inferenceCase.model.dispose();
  return { name: checks.name, title: checks.title, columns: COLUMNS, rows, notes: NOTES };
}

const SUBMISSION = {
  scheme: "systematic",
  queriesPerGroup: K,
  stragglers: STRAGGLERS,
  liars: LIARS,
  groupsPerRound: GROUPS_PER_ROUND,
} as const;

function rowOf(lies: string, policy: Policy, crowds: readonly AttackTally[]): Measurement["rows"][number] {
  const tally = sumOf(crowds);
  const halfWidth = (shareOf: (crowd: AttackTally) => number) => meanInterval(crowds.map(shareOf)).halfWidth;
  const share = (count: number) => count / tally.answers;
  return {
    lies,
    opinions: policy.secondOpinionShare,
    cap: policy.auditShareMax,
    suspicion: policy.suspicionFirst ? "yes" : "no",
    rules: "audits",
    crowds: crowds.length,
    tabRows: share(tally.tabRows),
    tabRowsHalfWidth: halfWidth(({ tabRows, answers }) => tabRows / answers),
    auditedRows: share(tally.auditedRows),
    auditedRowsHalfWidth: halfWidth(({ auditedRows, answers }) => auditedRows / answers),
    namedShare: tally.liars === 0 ? null : tally.named / tally.liars,
    final: share(tally.final),
    finalHalfWidth: halfWidth(({ final, answers }) => final / answers),
    wrongFinal: tally.wrongFinal,
    audited: share(tally.audited),
    wrongAudited: tally.wrongAudited,
    unchecked: share(tally.answersByMark.unchecked),
    answers: tally.answers,
  };
}

const COLUMNS: readonly Column[] = [
  { key: "lies", title: "lies" },
  { key: "opinions", title: "opinions", digits: 2 },
  { key: "cap", title: "cap", digits: 1 },
  { key: "suspicion", title: "suspicion" },
  { key: "tabRows", title: "tab rows", digits: 2 },
  { key: "tabRowsHalfWidth", title: "±", digits: 2 },
  { key: "auditedRows", title: "audits", digits: 3 },
  { key: "auditedRowsHalfWidth", title: "±", digits: 3 },
  { key: "namedShare", title: "named", digits: 2 },
  { key: "final", title: "final", digits: 3 },
  { key: "finalHalfWidth", title: "±", digits: 3 },
  { key: "wrongFinal", title: "wrong final" },
  { key: "audited", title: "audited or exact", digits: 3 },
  { key: "wrongAudited", title: "of them wrong" },
  { key: "unchecked", title: "unchecked", digits: 3 },
  { key: "answers", title: "answers" },
];

const NOTES = [
  `MNIST, K = ${K}, S = ${STRAGGLERS}, E = ${LIARS}, ${TABS} tabs without a record, ${LIARS_IN_CROWD} of them lying; ${CROWDS} crowds. opinions: share of the batches of`,
  "newcomers that somebody else computes too. cap: rows recomputed at random, at most, as a share of the queries. tab rows, audits: rows",
  "that tabs computed and that the coordinator recomputed, per answer; ±: half of the 95 % interval over the crowds. together: members say the same wrong thing of the same row.",
];

export const checks: Measurer = {
  name: "checks",
  title: "What second opinions, audits and suspicion cost, and what they are worth",
  flags: ["queries"],
  run: (options) => {
    const queries = countFlag(options.flags ?? {}, "queries");
    return run({ ...options, ...(queries === undefined ? {} : { queries }) });
  },
};
