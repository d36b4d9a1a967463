/** What a job waits for while it lacks tabs. */
const LACKS_TABS = "waiting for tabs";
const NO_TAB = /: no tab is connected and ready$/;

/**
 * @param waitingFor of a job
 * @returns that, and what whoever reads it can do; null: it does not lack tabs
 */
export function lacksTabs(waitingFor: string | null, url: string): string | null {
  if (waitingFor === null || !waitingFor.startsWith(LACKS_TABS)) return null;
  return NO_TAB.test(waitingFor) ? `${waitingFor}; ${lendOne(url)}` : waitingFor;
}

export function lendOne(url: string): string {
  return `open ${url} in a browser and press Start to lend one`;
}
