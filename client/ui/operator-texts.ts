/** What the operator's page says. Sentences for people, as in texts.ts. */
import { plural } from "./plural.ts";
import { count, duration, percent } from "./units.ts";

export const operatorTexts = {
  title: "Operator",
  lead: "How this coordinator fares, who computes for it, who was quarantined and on what evidence, and what happened in each job.",
  outOfDate: (message: string) => `Out of date: ${message}`,
  loading: "Loading",
  queue: {
    title: "Queue",
    none: "No job has been submitted.",
    audit: "Rows recomputed to check tabs",
    auditText: (rows: number, share: number | null) =>
      share === null ? count(rows) : `${count(rows)}, ${percent(share)} of all queries`,
    failed: "Of them different",
    columns: { job: "Job", submitter: "For", state: "State", progress: "Done", audits: "Recomputed", log: "Log" },
    waiting: (reason: string) => `waits: ${reason}`,
    open: "Open",
    openOf: (name: string) => `Open the log of ${name}`,
  },
  backends: {
    title: "Back-ends and speeds",
    none: "No tab is connected.",
    columns: {
      backend: "Computes with",
      tabs: "Tabs",
      median: "Median answer",
      verified: "Verified",
      late: "Late",
    },
    name: (backend: string, precision: string | null) =>
      precision === null ? `${backend}, not measured` : `${backend}, ${precision}`,
    unmeasured: "–",
  },
  quarantine: {
    title: "Quarantined volunteers",
    none: "Nobody is quarantined, and nobody ever was.",
    isIn: "quarantined",
    isOut: "released",
    found: (when: string, round: number, job: string) => `Found ${when}, in round ${count(round + 1)} of ${job}.`,
    record: (passed: number, failed: number) =>
      `Record: ${plural(passed, "audited row", "audited rows")} right, ${count(failed)} wrong.`,
    released: (when: string, reason: string) => `Released ${when}: “${reason}”`,
    evidence: "Evidence",
    noEvidence:
      "The numbers themselves were not kept: a product is checked without knowing the right one, and the log of a job does not grow without end.",
    evidenceOf: (worker: number, round: number) => `Worker index ${count(worker)} of round ${count(round + 1)}`,
    columns: { row: "Row", received: "Sent", expected: "Expected", deviation: "Off by" },
    deviationText: (deviation: number) => `${deviation.toPrecision(3)} of its rms`,
    reason: "Why it may work again",
    reasonHint:
      "Kept with the volunteer and in the audit log. It begins as a newcomer; what was done again stays done again.",
    release: "Release",
    byJob: (named: number, job: string) => `${count(named)} volunteers are quarantined by ${job}.`,
    releaseAll: "Release all of them",
    refused: (message: string) => `Not released: ${message}`,
  },
  log: {
    title: "What happened in a job",
    choose: "Job",
    none: "Choose one",
    fetching: "Fetching the log",
    failed: (message: string) => `No log: ${message}`,
    cut: "The log grew beyond what is kept of one job; what came later is missing.",
    what: "What",
    everything: "everything",
    volunteer: "Volunteer",
    everybody: "everybody",
    round: "Round",
    position: (at: number, all: number) => `Entry ${count(at)} of ${count(all)}`,
    nothing: "No entry fits.",
    first: "First",
    back: "Back",
    forward: "Forward",
    last: "Last",
    steps: "Step through the log",
    download: "Download as JSON",
    columns: { at: "After", what: "What", round: "Round", worker: "Index", volunteer: "Volunteer", detail: "More" },
    at: (ms: number) => duration(ms),
    roundText: (round: number, generation: number | undefined) =>
      generation === undefined || generation === 0
        ? count(round + 1)
        : `${count(round + 1)}, again ${count(generation)}`,
    standing: {
      title: "At this moment",
      out: "Batches out",
      answered: "Answered",
      passed: "Checks passed",
      failed: "Checks failed",
      published: "Rounds with answers",
      withdrawn: "Withdrawals",
    },
  },
};
