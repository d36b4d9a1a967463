/**
 * The English words that the pages show, whatever the kind of job; each kind has its own in client/kinds, and what two share
 * stands in client/coded. Sentences for people: no jargon that is not explained nearby.
 */
import type { JobState } from "../../shared/protocol/job-api.ts";
import { jobEnds } from "./job-ends.ts";
import { count } from "./units.ts";

export const common = {
  name: "Paritab",
  nav: { label: "Pages", volunteer: "Give compute", dashboard: "Dashboard", operator: "Operator" },
  skip: "Skip to the content",
  footer: (version: number, build: string) => `Protocol ${version}, build ${build}. Free software under Apache-2.0.`,
};

const jobStates: Record<JobState, string> = {
  accepting: "accepting",
  preparing: "preparing",
  running: "running",
  auditing: "auditing",
  finishing: "finishing",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
};

export const dashboard = {
  kinds: "Kind of job",
  unreachable: (message: string) => `Out of date: ${message}`,
  loading: "Loading",
  notLoaded: (message: string) => `This part could not be loaded; open the page again. (${message})`,
  status: {
    label: "The coordinator now",
    tabs: "Tabs ready",
    tabsText: (ready: number, all: number) => (ready === all ? count(ready) : `${count(ready)} of ${count(all)}`),
    jobs: "Jobs active",
    numerics: "Checks in hand",
    inFlight: "Data under way",
    inFlightText: (bytes: number) => (bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`),
    paused: (reason: string) => `No work is sent out: ${reason}`,
    faults: "Fault injection is allowed on this coordinator. It is meant for tests.",
  },
  jobs: {
    by: (submitter: string) => `for ${submitter}`,
    ended: (when: string, took: string) => `ended ${when}, took ${took}`,
    purpose: (text: string) => `What for: ${text}`,
    started: (when: string) => `submitted ${when}`,
    sentence: (reason: string) =>
      `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${reason.endsWith(".") ? "" : "."}`,
    cancel: "Cancel",
    cancelNamed: (name: string) => `Cancel ${name}`,
    receipt: "Receipt (.json)",
    receiptNamed: (name: string) => `Receipt of ${name}: who computed what, and how it was checked`,
    readReceipt: "Read receipt",
    readReceiptNamed: (name: string) => `Read receipt: ${name}`,
    states: jobStates,
    ends: jobEnds,
  },
  tabs: {
    title: "Tabs",
    none: "No tab is connected, so no job can be computed yet.",
    openOne: "Give compute with a tab of this browser",
    columns: {
      volunteer: "Volunteer",
      backend: "Back-end",
      state: "State",
      median: "Median",
      verified: "Verified / late",
      recent: "Recent work",
    },
    recent: (outcome: string, ms: string) => `${outcome}, ${ms}`,
    verifiedText: (verified: number, late: number) => `${count(verified)} / ${count(late)}`,
    noRecent: "none yet",
    stateText: (state: string, presence: string) =>
      state === "paused" && presence !== "paused" ? `${state}: ${presence}` : state,
    backendText: (backend: string, precision: string | null) =>
      precision === null ? backend : `${backend}, ${precision}`,
  },
  quarantined: {
    title: "Quarantined volunteers",
    none: "Nobody. A volunteer whose answers fail an audit appears here, and all its work is redone.",
    columns: { volunteer: "Volunteer", when: "When", where: "Found in", reason: "Why", audits: "Audited rows" },
    /** -1: of a job that has none. */
    where: (round: number) => (round < 0 ? "its rows" : `round ${count(round + 1)}`),
    audits: (passed: number, failed: number) => `${count(passed)} right, ${count(failed)} wrong`,
  },
};
