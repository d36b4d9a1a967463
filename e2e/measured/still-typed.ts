/**
 * Tables and figures that people typed from what a bench printed, each with why: the list is held to be complete, and to name nothing that
 * is gone. None of these tables is a headline. `docs/measured/asked-once.md` holds what was asked once, of benches that are gone.
 */

/** Pages whose sentences are looked through, by their names below docs. */
export const HEADLINE_PAGES = ["../README.md", "measured.md", "what-we-claim.md"] as const;

interface TypedTable {
  readonly page: string;
  readonly heading: string;
  readonly why: string;
}

const ASKED_ONCE = "Its bench is gone: the table says which commit has it.";
const REAL_TIME =
  "Real time and a real Chromium: counts and times differ from run to run, and a machine that does much else distorts them.";

export const STILL_TYPED_TABLES: readonly TypedTable[] = [
  { page: "../README.md", heading: "What an answer's mark means", why: "Its one number is a default." },
  { page: "../README.md", heading: "Beside other systems", why: "Its numbers are from other projects' documentation." },
  {
    page: "measured/accuracy.md",
    heading: "Calibration",
    why: "An hour of one core, as a part of the bench `inference`.",
  },
  { page: "measured/asked-once.md", heading: "Which locator", why: ASKED_ONCE },
  { page: "measured/asked-once.md", heading: "How much smoothing", why: ASKED_ONCE },
  { page: "measured/asked-once.md", heading: "Field kernels in a browser", why: ASKED_ONCE },
  { page: "measured/costs.md", heading: "Beside a slow stranger", why: REAL_TIME },
  { page: "measured/costs.md", heading: "Receipts", why: "A million answers, and three whole runs of a coordinator." },
  { page: "measured/costs.md", heading: "A tab's own loop", why: REAL_TIME },
  { page: "measured/false-alarms.md", heading: "False alarms", why: REAL_TIME },
  { page: "measured/false-alarms.md", heading: "All models at once", why: REAL_TIME },
  { page: "measured/false-alarms.md", heading: "Ill-conditioned models", why: REAL_TIME },
  {
    page: "measured/gradients.md",
    heading: "Coded gradients",
    why: "The master's time is measured: it wants a machine with nothing else at work. The curve below it is written.",
  },
  { page: "measured/models.md", heading: "The zoo", why: REAL_TIME },
  { page: "measured/models.md", heading: "What is refused, and why", why: "Reasons, as the coordinator said them." },
  { page: "measured/models.md", heading: "Common shapes", why: REAL_TIME },
  {
    page: "measured/models.md",
    heading: "A trained sentence encoder",
    why: "The model is trained first, for eight minutes.",
  },
  { page: "measured/volunteers.md", heading: "A newcomer's first unit", why: REAL_TIME },
  { page: "measured/volunteers.md", heading: "A hidden tab", why: REAL_TIME },
];

/** Numbers that nobody measured: versions, limits, sizes of data sets and crowds, confidences that are asked for. */
export const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  "../README.md": ["20.19", "10,000", "2.0"],
  "measured.md": ["95", "10,000"],
  "what-we-claim.md": ["95", "1.5", ".9", "60", "90", "10,000", "120,000"],
};

/** Of `waiting-liars`, whose rules change, and of `false-alarms`, which takes an hour and a browser. */
export const STILL_TYPED_FIGURES: Readonly<Record<string, readonly string[]>> = {
  "measured.md": ["127,290"],
  "what-we-claim.md": [".53", ".66", ".28", ".48", "12,000", ".76", "101,537", ".7", "5.8"],
};
