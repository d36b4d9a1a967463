import { workerCountOf } from "../../../shared/coding/make-scheme.ts";
import { DEFAULT_SCHEME } from "../../../shared/coding/schemes/schemes.ts";
import { median } from "../../../shared/numbers/quantile.ts";
import type { SessionView, StatusView } from "../../../shared/protocol/crowd-api.ts";
import type { CellView, ServiceView } from "../../../shared/protocol/service-api.ts";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
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
  /** A line for each coordinator of a service, whose sums stand above; back-ends are those of the one that was asked. */
  readonly cells?: readonly ReturnType<typeof lineOf>[];
  readonly pausedBecause: string | null;
  readonly backends: readonly { backend: string; tabs: number; responseMsMedian: number | null }[];
}

export const capacity: ClientCommand = {
  name: "capacity",
  summary: "which tabs are ready to compute, and how fast they are",
  usage: "",
  about:
    "Tabs that are connected and ready, how many volunteers they belong to, by back-end with the median time of an answer; " +
    "jobs at work; and why nothing is sent out, if so. Of a service of several coordinators all tabs and jobs count, each coordinator has a line, " +
    "and back-ends are those of the one that answers.",
  flags: {},
  words: [0, 0],
  examples: [
    ["paritab capacity", "before submitting"],
    ["paritab capacity --json | jq .volunteersReady", "for a script"],
  ],
  async run({ terminal, client, json, url }) {
    const [status, sessions, service] = await Promise.all([
      client.status(terminal.signal),
      client.sessions(terminal.signal),
      client.service(terminal.signal).catch(ofFormerVersion),
    ]);
    const found = capacityOf(url, status, sessions, service);
    await terminal.out(json ? `${JSON.stringify(found)}\n` : outline(found));
    if (!json && found.tabsReady === 0 && status.whyNoTab !== null) terminal.say(`${status.whyNoTab}; ${lendOne(url)}`);
    return EXIT.ok;
  },
};

/** null: the coordinator does not know the request. */
function ofFormerVersion(error: unknown): null {
  if (error instanceof ParitabApiError && error.status === 404) return null;
  throw error;
}

/** @param service null, or of one coordinator: what this one says is all there is */
export function capacityOf(
  url: string,
  status: StatusView,
  sessions: readonly SessionView[],
  service: ServiceView | null,
): Capacity {
  const ready = sessions.filter(({ presence }) => presence === "here");
  const names = [...new Set(ready.map(({ backend }) => backend))].sort();
  const alone = {
    tabs: status.sessions,
    tabsReady: ready.length,
    volunteersReady: new Set(ready.map(({ volunteerId }) => volunteerId)).size,
    jobs: status.jobsActive,
  };
  const isShared = service !== null && service.cells.length > 1;
  const { tabs, tabsReady, volunteersReady, jobs } = isShared ? service.sums : alone;
  return {
    ...{ url, tabs, tabsReady, volunteersReady },
    volunteersOfDefaultCode: workerCountOf(DEFAULT_SCHEME, DEFAULT_CODE),
    jobsActive: jobs,
    ...(isShared ? { cells: service.cells.map(lineOf) } : {}),
    pausedBecause: status.pausedBecause,
    backends: names.map((backend) => {
      const tabs = ready.filter((session) => session.backend === backend);
      return { backend, tabs: tabs.length, responseMsMedian: medianOf(tabs) };
    }),
  };
}

function lineOf({ name, state, tabs, tabsReady, jobs, heardAgoMs }: CellView) {
  return { name, state, tabs, tabsReady, jobs, heardAgoMs };
}

function medianOf(tabs: readonly SessionView[]): number | null {
  const middle = median(tabs.flatMap(({ responseMsMedian }) => responseMsMedian ?? []));
  return middle === null ? null : Math.round(middle * 10) / 10;
}
