/** Which tab has which faults: a function of the profile, the number of tabs and the seed. */
import { randomAt, shuffle } from "../../../shared/random/simulation-random.ts";
import { type Fault, type FaultProfile, FaultProfileError } from "./fault-profile.ts";

/** Keeps these draws apart from those of fault-at.ts. */
const ASSIGNMENT_DRAW = 1;

/**
 * The tabs are put into a random order. Liars are the first of it. The other faults begin behind the liars, so that a
 * liar is late only where the crowd is too small for both; each kind begins there anew, so the slow ones are among the
 * straggling ones. `mute` and `leaves` go from the end backwards, to tabs that the others leave alone where there are any.
 * Several clauses of one kind hit different tabs.
 *
 * @returns for each tab its faults, in the order of the profile
 * @throws FaultProfileError where a kind asks for more tabs than there are, or one tab is to swap alone
 */
export function assignFaults(profile: FaultProfile, tabCount: number, seed: number): Fault[][] {
  requireColluders(profile);
  const faultsOf = Array.from({ length: tabCount }, (): Fault[] => []);
  const order = shuffle(
    Array.from({ length: tabCount }, (_, tab) => tab),
    randomAt(seed, ASSIGNMENT_DRAW),
  );
  const liarCount = tabsOf(profile, "liar");
  const afterLiars = [...order.slice(liarCount), ...order.slice(0, liarCount)];
  const fromTheEnd = [...order.slice(liarCount).reverse(), ...order.slice(0, liarCount)];
  const tabsFor: Record<Fault["kind"], number[]> = {
    liar: order,
    straggle: afterLiars,
    slow: afterLiars,
    mute: fromTheEnd,
    leaves: fromTheEnd,
    card: order,
  };
  const taken: Record<Fault["kind"], number> = { liar: 0, straggle: 0, slow: 0, mute: 0, leaves: 0, card: 0 };
  for (const { fault, tabCount: wanted } of profile) {
    const { kind } = fault;
    if (taken[kind] + wanted > tabCount) {
      const asked = tabsOf(profile, kind);
      throw new FaultProfileError(`fault profile, ${kind}: expected at most ${tabCount} tabs, got ${asked}`);
    }
    for (const tab of tabsFor[kind].slice(taken[kind], taken[kind] + wanted)) faultsOf[tab]!.push(fault);
    taken[kind] += wanted;
  }
  return faultsOf;
}

/** Whoever swaps needs somebody to swap with. */
function requireColluders(profile: FaultProfile): void {
  const swapping = profile.filter(({ fault }) => fault.kind === "liar" && fault.lie.name === "swap");
  const tabs = swapping.reduce((sum, { tabCount }) => sum + tabCount, 0);
  if (tabs === 1) throw new FaultProfileError("fault profile, swap: expected at least 2 tabs, got 1");
}

function tabsOf(profile: FaultProfile, kind: Fault["kind"]): number {
  return profile.reduce((sum, { fault, tabCount }) => sum + (fault.kind === kind ? tabCount : 0), 0);
}
