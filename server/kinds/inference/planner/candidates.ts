/** Codes that are worth a look for a job and a crowd: an aim buys time or work, never a promise. */
import { SCHEME_NAMES, SCHEMES } from "../../../../shared/coding/schemes/schemes.ts";
import { wayOut } from "../rows/core/group-rules.ts";
import { betaMean, posterior } from "./beta.ts";
import { type Code, type CodedJob, planOfCode } from "./coded-job.ts";
import { type CrowdFacts, PRIORS } from "./crowd-facts.ts";

const GROUP_SIZES = [1, 4, 8];
/** From this share of liars on a parity is spent on them. */
const LIARS_RECKONED_FROM = 0.1;

/** Codes whose rows go out each by itself are one: late rows go to others in all of them. */
export function candidates(job: CodedJob, facts: CrowdFacts): Code[] {
  const volunteers = Math.max(1, facts.volunteersReady);
  const liars = betaMean(posterior(PRIORS.lying, facts.lying.seen, facts.lying.outOf)) >= LIARS_RECKONED_FROM ? 1 : 0;
  const usesMixtures = job.wholeRowBytes === null && job.completion === "fast" && job.confidenceFloor === 0;
  const codes: Code[] = [];
  let hasRows = false;
  for (const queriesPerGroup of GROUP_SIZES) {
    if (queriesPerGroup > Math.max(1, Math.min(volunteers, job.queryCount))) break;
    for (const scheme of SCHEME_NAMES) {
      const settings = SCHEMES[scheme].dialSettings?.({ queriesPerGroup, volunteers, liars, usesMixtures }) ?? [];
      for (const setting of settings) {
        const code: Code = { scheme, queriesPerGroup, ...setting };
        const isRows = wayOut(planOfCode(job, code)) === "rows";
        if (isRows && hasRows) continue;
        hasRows ||= isRows;
        codes.push(code);
      }
    }
  }
  return codes;
}
