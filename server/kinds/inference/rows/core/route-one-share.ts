/** What part of eps route 1 has of a block: settled with its terms, before its first row goes out. */
import { free } from "../../../../checks/account.ts";
import { coalitionShare, ownRows, routeOneShare } from "../../../../checks/route-one.ts";
import type { Account } from "../../../../checks/words.ts";
import { countReadyVolunteers } from "../../../../coordinator/ranking.ts";
import { liarShares } from "../../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { colluderShareLately } from "../../core/crowd-lately.ts";

/** f: never below beta. */
export function coalitionOf(state: CoordinatorState): number {
  return coalitionShare(liarShares(state).established, colluderShareLately(state));
}

/**
 * Of a first block; one that is asked again has the part of the one before it.
 * @param rows of the block: each volunteer that is ready is reckoned with as many of them
 * @param hadFinding did the account's latest block have one?
 */
export function routeOneShareOf(state: CoordinatorState, account: Account, rows: number, hadFinding: boolean): number {
  const volunteers = Math.min(rows, Math.max(1, countReadyVolunteers(state)));
  const each = Array.from({ length: volunteers }, () => Math.ceil(rows / volunteers));
  const own = ownRows(each, coalitionOf(state), account.answerBound);
  return routeOneShare({ rows, ownRows: own, free: free(account), hadFinding });
}
