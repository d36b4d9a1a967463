/** The words of a receipt as a page: for somebody who was not there. */

export const receiptPage = {
  title: (name: string) => `Receipt: ${name}`,
  print: "Print",
  save: "Save as JSON",
  loading: "Fetching the receipt",
  failed: (message: string) => `There is no receipt to show: ${message}`,
  lead: "Who computed this, how it was checked, and what that is worth.",
  handOn:
    "Everybody who may read the job can open this page. To hand the receipt on, print or save it: it lists SHA-256 hashes, so anyone holding the files can verify them.",
  job: {
    title: "The job",
    id: "Job",
    submitter: "For",
    purpose: "Purpose",
    ended: "Ended",
    endedText: (state: string, when: string) => `${state}, ${when}`,
    took: "Took",
  },
  checks: {
    title: "Checked in this browser",
    check: "Check it here",
    checking: "Checking signatures, hashes and draws",
    failed: (message: string) => `It could not be checked: ${message}`,
    unsigned: "This job ended before receipts were signed: the text below is only the coordinator's word.",
    signs: {
      holds: { sign: "✓", name: "holds" },
      broken: { sign: "✗", name: "does not hold" },
      open: { sign: "?", name: "not checked" },
    },
    saveSigned: "Save the signed receipt",
    saveBadge: "Save a badge",
    elsewhere:
      "This page comes from the coordinator that is being checked. If you doubt this page, keep the files with `paritab receipt JOB --out DIR` and check them with `paritab verify`.",
  },
  hashes: {
    title: "Fingerprints (sha-256)",
    file: "Is a file one of these?",
    fileHint: "The file is looked at here and goes nowhere.",
    matches: (name: string) => `Yes: it is ${name}.`,
    foreign: "No: it is none of these files.",
    noHashing: "This address is not secure (https), so the browser cannot compute SHA-256 hashes here.",
  },
};
