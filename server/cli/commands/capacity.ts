import { workerCountOf } from "../../../shared/coding/make-scheme.ts";
import { DEFAULT_SCHEME } from "../../../shared/coding/schemes/schemes.ts";
import { median } from "../../../shared/numbers/quantile.ts";
import type { SessionView, StatusView } from "../../../shared/protocol/crowd-api.ts";
import type { ClientCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { outline } from "../outputs/outline.ts";
import { lendOne } from "../outputs/waits-in-words.ts";

/** K, S and E of a submission that says nothing of them. */
const DEFAULT_CODE = { queryCount: 4, stragglerCount: 2, liarCount: 1 };

export interface Capacity {
  readonly url: string;
  readonly tabs: number;
  readonly tabsReady: number;
  /** Distinct ones: a round wants different volunteers. */
  readonly volunteersReady: number;
  /** Of the default code; with fewer, jobs wait or volunteers take several parts. */
  readonly volunteersOfDefaultCode: number;
  readonly jobsActive: number;
  readonly pausedBecause: string | null;
  readonly backends: readonly { backend: string; tabs: number; responseMsMedian: number | null }[];
}

export const capacity: ClientCommand = {
  name: "capacity",
  summary: "which tabs are ready to compute, and how fast they are",
  usage: "",
  about:
    "Tabs that are connected and ready, how many volunteers they belong to, by back-end with the median time of an answer; " +
    "jobs at work; and why nothing is sent out, if so.",
  flags: {},
  words: [0, 0],
  examples: [
    ["paritab capacity", "before submitting"],
    ["paritab capacity --json | jq .volunteersReady", "for a script"],
  ],
  async run({ terminal, client, json, url }) {
    const [status, sessions] = await Promise.all([client.status(terminal.signal), client.sessions(terminal.signal)]);
    const found = capacityOf(url, status, sessions);
    await terminal.out(json ? `${JSON.stringify(found)}\n` : outline(found));
    if (!json && status.whyNoTab !== null) terminal.say(`${status.whyNoTab}; ${lendOne(url)}`);
    return EXIT.ok;
  },
};

export function capacityOf(url: string, status: StatusView, sessions: readonly SessionView[]): Capacity {
  const ready = sessions.filter(({ presence }) => presence === "here");
  const names = [...new Set(ready.map(({ backend }) => backend))].sort();
  return {
    url,
    tabs: status.sessions,
    tabsReady: ready.length,
    volunteersReady: new Set(ready.map(({ volunteerId }) => volunteerId)).size,
    volunteersOfDefaultCode: workerCountOf(DEFAULT_SCHEME, DEFAULT_CODE),
    jobsActive: status.jobsActive,
    pausedBecause: status.pausedBecause,
    backends: names.map((backend) => {
      const tabs = ready.filter((session) => session.backend === backend);
      return { backend, tabs: tabs.length, responseMsMedian: medianOf(tabs) };
    }),
  };
}

function medianOf(tabs: readonly SessionView[]): number | null {
  const middle = median(tabs.flatMap(({ responseMsMedian }) => responseMsMedian ?? []));
  return middle === null ? null : Math.round(middle * 10) / 10;
}
