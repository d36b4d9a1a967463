/**
 * Tables and figures that people typed from what a bench printed, each with why: the list is held to be complete, and to name nothing that
 * is gone. None of these tables is a headline.
 */

/** Pages that are looked through beside those of docs/measured, by their names below docs. */
export const PAGES = ["../README.md", "measured.md", "what-we-claim.md", "verification.md", "receipts.md"] as const;

interface TypedTable {
  readonly page: string;
  readonly heading: string;
  readonly why: string;
}

const NO_FIGURES = "It says what things are: nothing in it was measured.";

export const STILL_TYPED_TABLES: readonly TypedTable[] = [
  { page: "../README.md", heading: "What an answer's mark means", why: "Its one number is a default." },
  {
    page: "../README.md",
    heading: "Compared with other systems",
    why: "Its numbers are from other projects' documentation.",
  },
  { page: "receipts.md", heading: "The form", why: NO_FIGURES },
  { page: "receipts.md", heading: "The files of an inference job", why: NO_FIGURES },
  { page: "receipts.md", heading: "The authors of rows", why: NO_FIGURES },
  { page: "receipts.md", heading: "Jobs that ended in rounds", why: NO_FIGURES },
  { page: "receipts.md", heading: "What a coordinator that cheats can do, and what is found", why: NO_FIGURES },
  { page: "receipts.md", heading: "How each claim is shown", why: NO_FIGURES },
  {
    page: "measured/models.md",
    heading: "A trained sentence encoder",
    why: "The model is trained first, for eight minutes.",
  },
];

/**
 * Numbers in sentences that nobody here measured: versions, limits, sizes of data sets and crowds, confidences and bounds that are asked for,
 * what formulas give, and what the authors of papers report.
 */
export const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  "../README.md": ["20.19", "10,000", "20,000", "2.0"],
  "measured.md": ["95", "10,000"],
  "what-we-claim.md": ["95", ".05", "3,000", "20,000", ".9", "60"],
  "receipts.md": ["2.1", "1.0", "25,000"],
  "verification.md": [
    ...["1,000", "64", "4,096", "1e-3", "1e-2", "5e-2", "1e-4", "3e-4", "3e-5", "10,000"],
    // What an account's first rows cost: ln(1 + eps M) / eps.
    ...["2,400", "4,300", "70,000"],
  ],
  "measured/accuracy.md": ["95", "1,000", "4,000", ".9", ".683"],
  "measured/costs.md": ["20,000", "95"],
  "measured/demo.md": ["2,400", "95"],
  "measured/gradients.md": ["6,000", "5,000", "95", "4.2", "5.1", "7.6", "12.1"],
  "measured/liars.md": ["95", "1,500", "5", "6,000", "10,000", "12,000", "40,000", "1e-2", "1e-3"],
  "measured/volunteers.md": ["100"],
  "measured/waiting.md": ["4,000", "2,000", ".75", "1.5", "95", ".9", "90", "3.5"],
};

/** Pages with figures in sentences that were typed, each with why. */
export const STILL_TYPED_PAGES: Readonly<Record<string, string>> = {
  "measured/models.md": "Its tables are typed too: what its sentences say is read from them.",
};
