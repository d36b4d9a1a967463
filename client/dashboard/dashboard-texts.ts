/** What the dashboard's own pages say. Sentences for people, as in client/ui/texts.ts. */
import type { JobFilter } from "../../shared/kinds/job-list.ts";
import { plural } from "../ui/plural.ts";
import { count } from "../ui/units.ts";

export const pageTexts = {
  parts: { label: "Dashboard", jobs: "Jobs", new: "New job", models: "Models", crowd: "Tabs" },
  titled: (page: string) => `${page} – Paritab dashboard`,
  jobs: {
    title: "Jobs",
    lead: "Submit a model and queries, watch the crowd answer, and fetch the answers, each with a mark that says how far to trust it.",
    new: "New job",
    none: "No jobs yet. Run the sample or submit your own.",
    noneSuch: "No job fits.",
    search: "Search",
    searchHint: "Name, submitter or the beginning of an id",
    show: "Show",
    filters: {
      all: "all",
      active: "running",
      ended: "ended",
      done: "done",
      failed: "failed",
      cancelled: "cancelled",
    } satisfies Record<JobFilter, string>,
    range: (from: number, to: number, all: number) => `${count(from)} to ${count(to)} of ${plural(all, "job", "jobs")}`,
    previous: "Newer",
    next: "Older",
    progressOf: (name: string) => `Progress of ${name}`,
    progressUnknown: "not known",
    submitted: (when: string) => `submitted ${when}`,
    ended: (when: string, took: string) => `ended ${when}, took ${took}`,
    for: (submitter: string) => `for ${submitter}`,
  },
  deletion: {
    button: "Delete",
    buttonOf: (name: string) => `Delete ${name}`,
    ask: (name: string) => `Delete “${name}” with its answers, queries and receipt? Nobody can bring them back.`,
    yes: "Delete for good",
    no: "Keep it",
  },
  share: {
    button: "Share",
    buttonOf: (name: string) => `Share ${name}`,
    title: (name: string) => `A link to ${name}`,
    reads:
      "Anybody with this link can read the job, its answers and its receipt, and can change nothing. The link is shown only once; a new link ends this one.",
    open: "This coordinator needs no tokens: anybody who can reach it can open this address, and change the job too.",
    address: "Address",
    copy: "Copy",
    copied: "Copied",
    close: "Close",
    end: "End the link",
    looking: (submitter: string) => `You look at a job of ${submitter} by a link, and can change nothing.`,
  },
  job: {
    all: "All jobs",
    parts: "Parts of this job",
    tabs: { answers: "Answers", progress: "Progress", receipt: "Receipt", asked: "How it was asked" },
    missing: (message: string) => `There is nothing to show: ${message}.`,
    missingHint: "It may have been deleted, or belong to another submitter.",
    submitted: (name: string) => `Submitted: ${name}.`,
  },
  receipt: {
    notYet: "The receipt is written when the job has ended. It says who computed what, and how it was checked.",
  },
  new: {
    title: "New job",
    lead: "Choose the data first. What the job will take is shown before anything is sent.",
  },
  crowd: {
    title: "Tabs",
    lead: "Volunteers who compute now, and volunteers who were shut out for wrong answers.",
  },
};
