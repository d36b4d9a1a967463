/** The checks of a block begin: with its first row, or after a restart with the durable ones. */
import { CheckedBlock } from "../../../../checks/checked-rows.ts";
import type { BlockTerms } from "../../../../checks/words.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { isQuarantined } from "../../../../coordinator/reputation-bounds.ts";
import { COORDINATOR } from "../../core/job.ts";
import type { RestoredRows, RowAttempt } from "../work.ts";
import { CrowdPartners } from "./partners.ts";
import { coinsThatAsk } from "./restarted.ts";
import { drawsOf, noteAuthors, noteWords, type RowsJob } from "./rows-job.ts";

/** @param terms null: nothing is checked, and nothing certified */
export function startBlock(step: Step, job: RowsJob, terms: BlockTerms | null): void {
  const { ledger, block, restored, stored } = job;
  if (ledger === null) return;
  const draws = drawsOf(job);
  const run = stored.crossChecks?.run ?? 0;
  const coinOf = (place: number, attempt: number) => draws.coin({ place, attempt });
  const openCoins = coinsThatAsk(restored?.openCoins ?? [], terms, coinOf);
  const checked = new CheckedBlock({
    ...{ ledger, terms, coinOf, isOpenJob: job.stream !== null },
    partners: new CrowdPartners(step.state, job, draws.source(`partners ${run}`)),
    random: draws.source(`block ${run}`),
    stored: {
      vouched: vouchedOf(restored?.rows ?? []),
      openCoins,
      doubtful: doubtfulOf(restored?.rows ?? []),
      isCharged: block?.block.state === "charged",
      timesAsked: block?.timesAsked ?? 0,
    },
  });
  for (const { place, partner } of vouchedOf(restored?.rows ?? [])) noteWords(job, place, [partner]);
  for (const { place, author } of openCoins) noteWords(job, place, [author]);
  job.checked = checked;
  job.isOpen = true;
  job.restored = null;
  job.said.push(...checked.begin(step.nowMs));
  const authors = new Set<string | null>();
  for (const { author } of restored?.rows ?? []) authors.add(author);
  nameLiars(step, job, authors);
}

/** [PC1] Places whose answers are in doubt. */
function* doubtfulOf(rows: RestoredRows["rows"]): Generator<number, undefined> {
  for (const { place, isDoubtful } of rows) if (isDoubtful === true) yield place;
}

/** Coins that volunteers answered. */
function* vouchedOf(rows: RestoredRows["rows"]): Generator<RowAttempt & { readonly partner: string }, undefined> {
  for (const { place, attempt, partner } of rows)
    if (partner !== undefined && partner !== COORDINATOR) yield { place, attempt, partner };
}

/** [VF4] Who was named while the coordinator was away, or just before it was killed: nothing of that one stands. */
function nameLiars(step: Step, job: RowsJob, authors: ReadonlySet<string | null>): void {
  for (const author of authors) {
    if (author === null || author === COORDINATOR || !isQuarantined(step.state, author)) continue;
    noteAuthors(job, job.ledger?.standingOf(author) ?? []);
    job.said.push(...(job.checked?.name(author, step.nowMs) ?? []));
  }
}
