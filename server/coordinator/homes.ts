/**
 * At which coordinator of a service a tab is at home: a keyed draw by its address group decides it, and no tab does. So a party that has a fifth of the
 * groups has about a fifth of them at each coordinator, wherever it connects. CELLS.md CE8.
 */
import { randomAt } from "../../shared/random/simulation-random.ts";

/** A coordinator that tabs can be pointed to. */
export interface PlacedCell {
  readonly name: string;
  /** As much of the service's tabs it is to have, beside the shares of others. */
  readonly share: number;
}

/** What was seen last of the coordinators that tabs can be pointed to, this one among them. */
export interface Placing {
  readonly own: string;
  readonly cells: readonly PlacedCell[];
}

/**
 * Weighted rendezvous (highest random weight): where shares change, or a coordinator comes or goes, only those groups move whose home that changes.
 * @param point of the group, by a secret that all coordinators of the service share: a whole number below 2^48
 * @param cells one at least; where no share is above 0 all are alike
 */
export function homeOf(point: number, cells: readonly PlacedCell[]): string {
  const isAnyShare = cells.some(({ share }) => share > 0);
  let [home, least] = [cells[0]!.name, Number.POSITIVE_INFINITY];
  for (const { name, share } of cells) {
    const weight = isAnyShare ? share : 1;
    if (weight <= 0) continue;
    const wait = -Math.log(1 - randomAt(point, numberOf(name)).uniform()) / weight;
    if (wait < least) [home, least] = [name, wait];
  }
  return home;
}

/** @returns which part of all groups is at home there; 0: it is none of them */
export function partAt(own: string, cells: readonly PlacedCell[]): number {
  const shares = cells.reduce((sum, { share }) => sum + share, 0);
  const cell = cells.find(({ name }) => name === own);
  if (cell === undefined) return 0;
  return shares > 0 ? cell.share / shares : 1 / cells.length;
}

/** FNV-1a. A name that another one is mixed up with would share its groups, and nothing else. */
function numberOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
