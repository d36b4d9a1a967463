/** Every English word that the pages show, in one place. Sentences for people: no jargon that is not explained nearby. */
import type { AnswerMark, JobState } from "../../shared/protocol/api.ts";
import { count, duration, inWords } from "./units.ts";

const plural = (n: number, one: string, many: string) => `${count(n)} ${n === 1 ? one : many}`;

export const common = {
  name: "Paritab",
  nav: { label: "Pages", volunteer: "Give compute", dashboard: "Dashboard" },
  skip: "Skip to the content",
  footer: (version: number, build: string) => `Protocol ${version}, build ${build}. Free software under Apache-2.0.`,
};

export const volunteer = {
  title: "Lend this tab to somebody’s computation",
  lead:
    "Paritab spreads machine-learning work over browser tabs and checks what comes back. Press Start, and this tab " +
    "answers small batches of questions for the people who submitted them. It stops the moment you say so.",
  buttons: { start: "Start", pause: "Pause", resume: "Resume", stop: "Stop" },
  startNote:
    "Nothing is computed before you press Start. Pressing it means you agree to what stands under “Before you start”.",
  controlNote: "Pause finishes the batch in hand and takes no more. Stop ends everything at once.",
  statusLabel: "What this tab is doing",
  resumedAfterUpdate: "The page was updated and went on by itself.",
  forcedBackend: (backend: string) => `This address allows just one back-end: ${backend}.`,

  activity: {
    notStarted: { title: "Not running", sentence: "Press Start to lend this tab. Until then it does nothing." },
    stopped: {
      title: "Stopped",
      sentence: "The connection is closed and nothing is computed. Start again whenever you like.",
    },
    calibrating: {
      title: "Getting ready",
      sentence: "Trying which part of your device computes fastest, and whether it computes correctly.",
    },
    connecting: {
      title: "Connecting",
      sentence: "Opening a connection to the coordinator and proving this browser’s key.",
    },
    reconnecting: (why: string, inMs: number) => ({
      title: "Reconnecting",
      sentence: `${why} ${inMs < 1_000 ? "Trying again now." : `Trying again in ${Math.ceil(inMs / 1_000)} s.`}`,
    }),
    waiting: {
      title: "Waiting for work",
      sentence: "Idle because no job has a batch for this tab right now. The next one starts by itself.",
    },
    probe: { title: "Taking the entrance test", sentence: "Answering a question whose answer the coordinator knows." },
    computing: { title: "Computing", sentence: "This tab is working on a batch for the job below." },
    finishing: { title: "Pausing", sentence: "Finishing the batch in hand. No new one is taken." },
    paused: { title: "Paused", sentence: "Idle because you paused it. The connection stays open." },
    updating: { title: "Updating", sentence: "The coordinator serves a newer version of this page. Reloading." },
    pleaseReload: {
      title: "Please reload",
      sentence:
        "The coordinator serves another version of this page, and reloading once did not bring it. Reload again, past the cache.",
    },
    elsewhere: {
      title: "Already running in another tab",
      sentence:
        "One tab of a browser does the work, for two would only share the same processor. Stop it there to start here.",
    },
  },
  losses: {
    unreachable: "The coordinator cannot be reached.",
    lost: "The connection was lost.",
    "no-welcome": "The coordinator did not answer the greeting.",
    overloaded: "The coordinator has as many tabs as it can serve.",
    unresponsive: "The coordinator did not hear from this tab in time.",
    "shutting-down": "The coordinator is restarting.",
    other: "The coordinator closed the connection.",
  },
  refusals: {
    "wrong-answers": {
      title: "Turned away: wrong answers",
      sentence: "Recomputed answers of this device differ from what they should be.",
    },
    "too-many-sessions": {
      title: "Turned away: too many tabs",
      sentence: "Too many tabs with this browser’s key are connected. Close one and start again.",
    },
    other: { title: "Turned away", sentence: "The coordinator does not accept this tab." },
  },
  breakages: {
    "insecure-context": {
      title: "This address is not secure",
      sentence:
        "Browsers allow keys and locks on https:// addresses and on localhost only. Ask whoever runs this coordinator for " +
        "its https:// address; a reverse proxy such as Caddy adds one in a minute.",
    },
    "no-identity": {
      title: "No key",
      sentence: "This browser could not make or keep a key. Private windows of some browsers forbid it.",
    },
    "no-back-end": {
      title: "Cannot compute here",
      sentence: "No part of this browser computes the test question correctly.",
    },
    "compute-thread": {
      title: "Stopped after errors",
      sentence: "The computing part ended again and again. Start anew to try once more.",
    },
  },
  saysCoordinator: (message: string) => `The coordinator says: “${message}”`,

  now: {
    title: "Working on",
    job: "Job",
    submitter: "For",
    round: "Round",
    roundText: (round: number, rows: number) => `${count(round + 1)}, ${plural(rows, "row", "rows")}`,
    test: "Entrance test",
    testFor: "the coordinator",
  },
  facts: {
    title: "So far",
    credit: "Verified work",
    creditUnit: "multiply-adds",
    creditText: (macs: number) => inWords(macs),
    creditNote: "Credit of your key over all visits, counted once answers have been checked.",
    done: "Batches this visit",
    doneNote: (late: number, failed: number, cancelled: number) => {
      const parts = [
        late > 0 ? `${count(late)} late` : "",
        cancelled > 0 ? `${count(cancelled)} no longer needed` : "",
        failed > 0 ? `${count(failed)} failed` : "",
      ].filter((part) => part !== "");
      return parts.length === 0 ? "Sent in time." : `Besides: ${parts.join(", ")}.`;
    },
    backend: "Computes with",
    backends: { webgl: "WebGL", wasm: "WebAssembly", cpu: "JavaScript" },
    noBackend: "not chosen yet",
    candidateTime: (name: string, ms: number) => `${name} ${duration(ms)}`,
    candidateOut: (name: string) => `${name} not usable`,
    key: "Your key",
    noKey: "made at the first Start",
    lastError: "Last problem",
  },
  history: {
    title: "Latest batches",
    columns: { job: "Job", submitter: "For", round: "Round", time: "Time", outcome: "Outcome" },
    outcomes: { answered: "sent", late: "came late", cancelled: "not needed", failed: "failed" },
  },
  how: {
    title: "How it works",
    steps: [
      "A job’s questions go out in small batches: some as they are, some as mixtures of several.",
      "If a tab is slow or closes, the mixtures stand in for its answers, so nobody waits for it.",
      "Secret samples are recomputed. A tab that lies is found, and its work is done again by others.",
    ],
    picture:
      "Five tabs: four hold questions, one a mixture of them. One answer is missing, and the mixture fills it in.",
  },
  consent: {
    title: "Before you start",
    items: (host: string): { term: string; text: string }[] => [
      {
        term: "Who runs it",
        text: `The coordinator at ${host}. Whoever operates it chooses the jobs. While you work on one, this page names it and who submitted it.`,
      },
      {
        term: "What runs here",
        text: "Only the code of this page: fixed numerical routines in a background thread. Jobs bring models as data (numbers and a list of known layers), never code. No coins are mined.",
      },
      {
        term: "What leaves your device",
        text: "The answers computed from the job’s own rows, how long they took, which back-end computed them, and a public key. Nothing of your files, history or other tabs.",
      },
      {
        term: "Who you are",
        text: "No account. A key made in this browser proves that earlier work was yours; its secret half cannot leave the browser. Clearing this site’s data forgets it.",
      },
      {
        term: "What it costs you",
        text: "Processor time, electricity and some traffic. A laptop may get warm.",
      },
      {
        term: "Trust goes both ways",
        text: "Answers are checked against secret recomputed samples. Wrong ones are found and redone, and their key gets no more work.",
      },
    ],
  },
  tabTitle: (title: string, active: boolean) => `${active ? "● " : ""}${title} · Paritab`,
};

const marks: Record<AnswerMark, { name: string; means: string }> = {
  exact: { name: "exact", means: "checked, or computed by the coordinator itself" },
  audited: {
    name: "audited",
    means: "its batch passed secret recomputed samples; the bound on a mistake stands beside it",
  },
  estimated: { name: "estimated", means: "decoded from other results, with a measured confidence" },
  unchecked: { name: "unchecked", means: "a volunteer’s word that nothing has checked" },
  missing: { name: "missing", means: "not answered yet" },
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
  title: "Jobs and tabs",
  lead: "Submit a model and queries, watch the crowd answer, and fetch the answers, each with a mark that says how far to trust it.",
  unreachable: (message: string) => `Out of date: ${message}`,
  loading: "Loading",
  status: {
    label: "The coordinator now",
    tabs: "Tabs ready",
    tabsText: (ready: number, all: number) => (ready === all ? count(ready) : `${count(ready)} of ${count(all)}`),
    jobs: "Jobs active",
    numerics: "Sums waiting",
    inFlight: "Under way",
    inFlightText: (bytes: number) => (bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`),
    paused: (reason: string) => `No work is sent out: ${reason}`,
    faults: "Fault injection is allowed on this coordinator. It is meant for tests.",
  },
  sample: {
    title: "Try it",
    text: "400 handwritten digits, a small trained model, and everything else at its default.",
    button: "Run the MNIST sample",
  },
  form: {
    title: "Submit a job",
    source: {
      legend: "Data",
      sample: "Built-in MNIST sample",
      sampleHint: "A small trained model and up to 10,000 test digits with labels.",
      uploads: "My own model and queries",
      queryCount: "Number of digits",
      queryStart: "First digit",
      model: "Model",
      modelHint: "A TensorFlow.js model: model.json and its weight files, chosen together.",
      queries: "Queries (.npy)",
      queriesHint: "One query a row: shape (queries, …input shape), float32 or uint8.",
      labels: "Labels (.npy, optional)",
      labelsHint: "One whole number a query. Used to show the accuracy, never sent to tabs.",
      inputScale: "Input scale",
      inputScaleHint: "Queries are multiplied by this first. Write 1/255 for 8-bit images.",
    },
    scheme: {
      legend: "Scheme",
      name: "Code",
      names: { systematic: "systematic", approxifer: "approxifer", replication: "replication", uncoded: "uncoded" },
      describe: {
        systematic:
          "Tabs get the queries themselves; spare tabs get mixtures that stand in for lost answers. Audits find liars.",
        approxifer: "Every tab gets a mixture, and answers are interpolated: estimates, unchecked.",
        replication: "Every query goes to several tabs, and the majority counts.",
        uncoded: "Every query goes to one tab. Waits for all, believes all.",
      },
      queriesPerGroup: "K",
      queriesPerGroupHint: "queries coded together",
      stragglers: "S",
      stragglersHint: "tabs that may be slow",
      liars: "E",
      liarsHint: "tabs that may lie",
      groupsPerRound: "Groups in a round",
      groupsPerRoundHint: "Rows that a tab gets at a time.",
      noCode: "There is no code with these numbers.",
      workers: (n: number) => `${plural(n, "tab works", "tabs work")} on each round.`,
      overhead: (ratio: number) => `That is ${ratio.toFixed(2).replace(/\.?0+$/, "")} times the bare work.`,
      tooFewTabs: (ready: number, mustDiffer: boolean) =>
        mustDiffer
          ? `Now ready: ${count(ready)}. The job waits until enough have joined.`
          : `Now ready: ${count(ready)}. With fewer tabs each takes several turns.`,
      notPrivate: "Mixing queries does not hide them: treat what you submit as seen by the tabs that compute it.",
    },
    finish: {
      legend: "Finish",
      completion: "Answers",
      exact: "Exact: estimates first, replaced as lost queries are redone",
      fast: "Fast: estimates stay",
      name: "Job name",
      submitter: "Your name",
      submitterHint: "Volunteers see both while they compute.",
    },
    defaultNames: { sample: "MNIST sample", uploads: "untitled", submitter: "anonymous" },
    submit: "Submit",
    uploading: {
      model: "Uploading the model",
      queries: "Uploading the queries",
      labels: "Uploading the labels",
      job: "Submitting",
    },
    submitted: (name: string) => `Submitted: ${name}.`,
    failed: "Not submitted",
    problems: {
      noModel: "Choose model.json together with its weight files.",
      noModelJson: "One of the model’s files must be named model.json.",
      noQueries: "Choose a .npy file with the queries.",
      scale: "The input scale must be a positive number, such as 1 or 1/255.",
      whole: (what: string, least: number, most: number) =>
        `${what} must be a whole number from ${count(least)} to ${count(most)}.`,
    },
  },
  jobs: {
    title: "Jobs",
    none: "No jobs yet. Run the sample or submit your own.",
    by: (submitter: string) => `for ${submitter}`,
    settings: (scheme: string, k: number, s: number, e: number, n: number) =>
      `${scheme}, K = ${k}, S = ${s}, E = ${e}, ${plural(n, "tab", "tabs")} a round`,
    progress: (final: number, all: number) => `${count(final)} of ${count(all)} answers final`,
    progressLabel: (name: string) => `Answers of ${name}`,
    accuracy: (share: string) => `${share} right by the labels`,
    audits: (rows: number, failed: number) =>
      `${plural(rows, "row", "rows")} recomputed${failed > 0 ? `, ${count(failed)} found wrong` : ""}`,
    took: (ms: number) => `took ${duration(ms)}`,
    started: (when: string) => `submitted ${when}`,
    waiting: (reason: string) => `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`,
    open: "Details",
    close: "Hide details",
    cancel: "Cancel",
    cancelNamed: (name: string) => `Cancel ${name}`,
    download: "Answers:",
    downloadNamed: (name: string, format: string) => `Answers of ${name} as ${format}`,
    marks,
    states: jobStates,
    more: (shown: number, all: number) => `The latest ${count(shown)} of ${count(all)} jobs.`,
  },
  detail: {
    rounds: {
      title: "Rounds",
      caption: (shown: number, all: number) => `The latest ${count(shown)} of ${plural(all, "round", "rounds")}`,
      columns: {
        round: "Round",
        phase: "Phase",
        first: "First answers",
        exact: "All verified",
        estimated: "Estimated at first",
        again: "Sent again",
      },
      none: "No round has been opened yet.",
    },
    answers: {
      title: "Answers",
      caption: (from: number, to: number, all: number) => `Answers ${count(from)} to ${count(to)} of ${count(all)}`,
      columns: { index: "Query", label: "Answer", mark: "Mark", trust: "Trust", first: "Was first" },
      bound: (chance: string) => `chance of error ≤ ${chance}`,
      confidence: (share: string) => `agrees with the model ≥ ${share}`,
      notFinal: "not final",
      none: "No answers yet.",
      previous: "Previous",
      next: "Next",
    },
  },
  tabs: {
    title: "Tabs",
    none: "No tab is connected. Open the page “Give compute” in one, or in many.",
    columns: {
      volunteer: "Volunteer",
      backend: "Back-end",
      state: "State",
      median: "Median",
      verified: "Verified / late",
      recent: "Recent work",
    },
    recent: (round: number, outcome: string, ms: string) => `round ${count(round + 1)}: ${outcome}, ${ms}`,
    verifiedText: (verified: number, late: number) => `${count(verified)} / ${count(late)}`,
    noRecent: "none yet",
    backendText: (backend: string, precision: string | null) =>
      precision === null ? backend : `${backend}, ${precision}`,
  },
  quarantined: {
    title: "Quarantined volunteers",
    none: "Nobody. A volunteer whose answers fail an audit appears here, and all its work is redone.",
    columns: { volunteer: "Volunteer", when: "When", where: "Found in", reason: "Why", audits: "Audited rows" },
    where: (round: number) => `round ${count(round + 1)}`,
    audits: (passed: number, failed: number) => `${count(passed)} right, ${count(failed)} wrong`,
  },
};
