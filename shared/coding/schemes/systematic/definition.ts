import type { CodeInWords, DialQuestion, DialSetting, SchemeDefinition } from "../../scheme-definition.ts";
import { systematicScheme, systematicWorkerCount } from "./systematic.ts";

const STRAGGLERS_MAX = 2;

/**
 * What is kept for who is late. K = 1: copies. Else backups, which cost nothing until they are needed; and mixtures, of use
 * where estimates may stand (bench waiting).
 */
function systematicDialSettings(question: DialQuestion): DialSetting[] {
  const { queriesPerGroup, volunteers, liars, usesMixtures } = question;
  const all: DialSetting[] = [{ stragglers: 0, liars: 0, spares: "backups" }];
  for (let stragglers = 1; stragglers <= STRAGGLERS_MAX; stragglers++) {
    if (queriesPerGroup === 1) {
      if (stragglers < volunteers) all.push({ stragglers, liars: 0, spares: "parities" });
      continue;
    }
    if (stragglers < queriesPerGroup) all.push({ stragglers, liars: 0, spares: "backups" });
    const isRoom = queriesPerGroup + stragglers + liars <= volunteers;
    if (usesMixtures && isRoom) all.push({ stragglers, liars, spares: "parities" });
  }
  return all;
}

const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight"];

/** Such as "copies of two, no parities", or "groups of four with two parities, for one late and one lying". */
function systematicCodeInWords({ queriesPerGroup, stragglers, liars, sendsMixtures }: CodeInWords): string {
  const spares = stragglers + liars;
  if (queriesPerGroup === 1) {
    return spares === 0
      ? "every query once, no parities; late batches are sent again"
      : `copies of ${inWords(1 + spares)}, no parities`;
  }
  const groups = `groups of ${inWords(queriesPerGroup)}`;
  if (sendsMixtures) {
    const forLiars = liars === 0 ? "" : ` and ${inWords(liars)} lying`;
    const mixtures = `${inWords(spares)} ${spares === 1 ? "parity" : "parities"}`;
    return `${groups} with ${mixtures}, for ${inWords(stragglers)} late${forLiars}`;
  }
  if (stragglers === 0) return `${groups}, no parities; late batches are sent again`;
  return `${groups}, no parities; the last ${inWords(stragglers)} of a group are backed up at once`;
}

function inWords(count: number): string {
  return NUMBERS[count] ?? String(count);
}

export const systematic: SchemeDefinition = {
  name: "systematic",
  workerCountOf: systematicWorkerCount,
  make: systematicScheme,
  stragglerBound: null,
  liarBound: null,
  verificationOf: () => "audits",
  canEndExact: true,
  estimates: "withheld",
  groupsByLikeness: true,
  needsDistinctVolunteers: false,
  groupsMayShrink: true,
  hasSpares: true,
  mixesRows: true,
  takes: { locator: false, parityModel: false },
  formSettings: { own: { stragglers: 0, liars: 0 }, sample: { stragglers: 0, liars: 0 } },
  dialSettings: systematicDialSettings,
  words: {
    describe:
      "Tabs get the queries themselves. With S or E above 0 spare tabs get mixtures that stand in for lost answers. Audits find liars.",
    inShort: "queries as they are beside a few mixtures, audited",
    code: systematicCodeInWords,
  },
};
