/** The tabs that may take claims, and what is measured of them. */
import { type HeldClaim, Tab } from "./claims.ts";
import { Lateness, usualPace } from "./lateness.ts";
import { Volunteers } from "./volunteers.ts";
import type { Joining } from "./words.ts";

/** A median over five forgets a hiccup, and learns a slow tab within three claims. */
const CLAIMS_PER_TAB = 5;

/**
 * Tabs by their session, their volunteers, and the paces of both.
 * @example
 * crowd.join({ sessionId: "s", volunteerId: "ann", rowsPerMs: 0.5 });
 * [crowd.tabs, crowd.idleTabs, crowd.meanPace] // -> [1, 1, 0.5]
 */
export class LedgerCrowd {
  readonly volunteers = new Volunteers();
  readonly lateness = new Lateness();
  readonly #tabs = new Map<string, Tab>();
  #paceSum = 0;
  #pacedTabs = 0;
  #idleTabs = 0;

  get tabs(): number {
    return this.#tabs.size;
  }

  get idleTabs(): number {
    return this.#idleTabs;
  }

  /** Rows a millisecond, the mean of tabs whose pace is known; 0: of none. */
  get meanPace(): number {
    return this.#pacedTabs === 0 ? 0 : this.#paceSum / this.#pacedTabs;
  }

  tabOf(sessionId: string): Tab | null {
    return this.#tabs.get(sessionId) ?? null;
  }

  /** A walk over all tabs: for namings alone. */
  tabsOf(volunteer: number): Tab[] {
    return [...this.#tabs.values()].filter((tab) => tab.volunteer === volunteer);
  }

  /** @throws RangeError where the session has joined, or its pace is none */
  join(joining: Joining): void {
    const { sessionId, volunteerId, rowsPerMs, latenessQuartile } = joining;
    if (this.#tabs.has(sessionId)) throw new RangeError(`join: expected a new session, got ${sessionId}`);
    if (rowsPerMs !== null && !(rowsPerMs > 0 && rowsPerMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`join: expected rows a millisecond above 0, got ${rowsPerMs}`);
    }
    const tab = new Tab(joining, this.volunteers.numberOf(volunteerId));
    this.#tabs.set(sessionId, tab);
    this.volunteers.sessionJoined(tab.volunteer);
    this.#idleTabs++;
    if (tab.pace > 0) this.#count(tab.pace, 1);
    if (latenessQuartile !== undefined) this.lateness.tell(latenessQuartile);
  }

  /** @returns whether its volunteer has no other session */
  leave(tab: Tab): boolean {
    this.#tabs.delete(tab.sessionId);
    this.#idleTabs--;
    if (tab.pace > 0) this.#count(-tab.pace, -1);
    return this.volunteers.sessionLeft(tab.volunteer);
  }

  claimOpened(tab: Tab, claim: HeldClaim): void {
    if (tab.claims.length === 0) this.#idleTabs--;
    tab.claims.push(claim);
  }

  claimEnded(tab: Tab, claim: HeldClaim): void {
    tab.claims.splice(tab.claims.indexOf(claim), 1);
    if (tab.claims.length === 0) this.#idleTabs++;
  }

  /** What is expected of the tab: its own pace, or the crowd's where nothing is known; 0: of nobody. */
  paceOf(tab: Tab): number {
    return tab.pace > 0 ? tab.pace : this.meanPace;
  }

  /** What so many rows should take this tab. @param targetMs where nobody's pace is known */
  msFor(tab: Tab, rows: number, targetMs: number): number {
    const pace = this.paceOf(tab);
    return pace > 0 ? this.lateness.besideRowsMs + rows / pace : targetMs;
  }

  /** The tab has answered a whole claim of so many rows. */
  measure(tab: Tab, rows: number, ms: number): void {
    this.lateness.sawClaim(ms, rows, tab.isMeasured ? this.lateness.besideRowsMs + rows / tab.pace : null);
    const before = tab.measured.at(-1);
    if (before !== undefined) this.lateness.sawTwo(before, { rows, ms });
    tab.measured.push({ rows, ms });
    if (tab.measured.length > CLAIMS_PER_TAB) tab.measured.shift();
    if (tab.pace > 0) this.#count(-tab.pace, -1);
    tab.pace = usualPace(tab.measured);
    this.#count(tab.pace, 1);
  }

  #count(pace: number, tabs: number): void {
    this.#pacedTabs += tabs;
    this.#paceSum = this.#pacedTabs === 0 ? 0 : this.#paceSum + pace;
  }
}
