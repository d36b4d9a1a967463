/** The words of plain and coded rows beside each other. Sentences for people, as in texts.ts. */
export const besideTexts = {
  title: "Plain and coded",
  columns: { first: "First answers", time: "All answers", work: "Work of the tabs" },
  plain: "plain",
  coded: "coded",
  none: "No code is worth a choice with these tabs: plain rows, and copies where tabs idle, are as soon done.",
  noTabs: "unknown: no tab is ready",
  work: (macs: string) => `${macs} multiply-adds`,
  compare: "Compare plain and coded",
  lead: "What the whole job would take with the tabs that are ready now, each row sent once, and with the soonest code.",
  asking: "Asking the coordinator",
  failed: (message: string) => `No prediction: ${message}`,
};
