/**
 * Tables and figures that people typed from what a bench printed, each with why: the list is held to be complete, and to name nothing that
 * is gone. None of these tables is a headline.
 */

/** Pages whose sentences are looked through, by their names below docs. */
export const HEADLINE_PAGES = ["../README.md", "measured.md", "what-we-claim.md"] as const;

/** Pages beside those of docs/measured whose tables are looked through. */
export const PAGES_WITH_TABLES = [...HEADLINE_PAGES, "verification.md", "receipts.md"] as const;

interface TypedTable {
  readonly page: string;
  readonly heading: string;
  readonly why: string;
}

const REAL_TIME =
  "Real time and a real Chromium: counts and times differ from run to run, and a machine that does much else distorts them.";
const NO_FIGURES = "It says what things are: nothing in it was measured.";

export const STILL_TYPED_TABLES: readonly TypedTable[] = [
  { page: "../README.md", heading: "What an answer's mark means", why: "Its one number is a default." },
  { page: "../README.md", heading: "Beside other systems", why: "Its numbers are from other projects' documentation." },
  { page: "verification.md", heading: "Routes", why: "Formulas." },
  { page: "receipts.md", heading: "The form", why: NO_FIGURES },
  { page: "receipts.md", heading: "The files of an inference job", why: NO_FIGURES },
  { page: "receipts.md", heading: "What a coordinator that cheats can do, and what is found", why: NO_FIGURES },
  { page: "receipts.md", heading: "How each claim is shown", why: NO_FIGURES },
  { page: "measured/models.md", heading: "The zoo", why: REAL_TIME },
  { page: "measured/models.md", heading: "What is refused, and why", why: "Reasons, as the coordinator said them." },
  { page: "measured/models.md", heading: "Common shapes", why: REAL_TIME },
  {
    page: "measured/models.md",
    heading: "A trained sentence encoder",
    why: "The model is trained first, for eight minutes.",
  },
];

/** Numbers that nobody measured: versions, limits, sizes of data sets and crowds, confidences that are asked for. */
export const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  "../README.md": ["20.19", "10,000", "2.0"],
  "measured.md": ["95", "10,000"],
  "what-we-claim.md": ["95", "1e-3", "100,000", "1.5", ".9", "60", "90", "10,000"],
};
