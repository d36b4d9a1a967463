/** How many tabs a coordinator of a service gives to which other one. SPEC.md CE8. */

import type { CellLoad } from "../store/store.ts";

type Load = Omit<CellLoad, "name">;

/** So much more than its share a coordinator keeps: tabs are not sent to and fro for the sake of a few. */
const SLACK_SHARE = 0.25;
const SLACK_TABS = 1;

/**
 * The service's tabs are shared out by jobs at work, as the turns of one coordinator are. Whoever has more than its share gives what is above it to
 * those that have less, each as much as it lacks of what all of them lack together: coordinators that see the same numbers move each tab once.
 * @returns how many tabs go to which one; none where nobody has anything to do
 */
export function tabsToPoint(own: Load, others: readonly CellLoad[]): Map<string, number> {
  const moves = new Map<string, number>();
  const tabs = sum([own.tabs, ...others.map((other) => other.tabs)]);
  const jobs = sum([own.jobs, ...others.map((other) => other.jobs)]);
  if (jobs === 0) return moves;
  const shareOf = (load: Load) => (tabs * load.jobs) / jobs;
  const share = shareOf(own);
  if (own.jobs > 0 && own.tabs <= share * (1 + SLACK_SHARE) + SLACK_TABS) return moves;
  const lacking = others
    .map((other) => ({ name: other.name, lack: Math.max(0, shareOf(other) - other.tabs) }))
    .filter(({ lack }) => lack > 0)
    .sort((a, b) => b.lack - a.lack || (a.name < b.name ? -1 : 1));
  const lack = sum(lacking.map((one) => one.lack));
  const given = Math.floor(own.tabs - share);
  let left = given;
  for (const one of lacking) {
    const count = Math.min(left, Math.ceil((given * one.lack) / lack));
    if (count > 0) moves.set(one.name, count);
    left -= count;
  }
  return moves;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
