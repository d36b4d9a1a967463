/** What the address says is open. Pure. */
import { JOB_FILTERS, type JobFilter } from "../../shared/kinds/job-list.ts";
import { JOB_KINDS, type JobKind } from "../../shared/kinds/kinds.ts";
import { JOB_TABS, JOBS_HASH, type JobTab } from "../ui/jobs/job-address.ts";

/** Which jobs of the list are shown. */
export interface JobsShown {
  readonly show: JobFilter;
  readonly search: string;
  readonly offset: number;
}

export type Route =
  | ({ readonly page: "jobs" } & JobsShown)
  | { readonly page: "job"; readonly jobId: string; readonly tab: JobTab }
  /** kind null: the one that is offered first, or that was chosen last */
  | { readonly page: "new"; readonly kind: JobKind | null }
  | { readonly page: "crowd" }
  | { readonly page: "models" };

const ALL_JOBS: JobsShown = { show: "all", search: "", offset: 0 };

/** @param hash of the address. @returns null: it names no page of the dashboard, and what is open stays */
export function routeOf(hash: string): Route | null {
  const text = hash.replace(/^#/, "");
  if (text === "") return { page: "jobs", ...ALL_JOBS };
  const former = formerRoute(text);
  if (former !== null) return former;
  const [path = "", query = ""] = text.split("?", 2);
  const [page, first, second] = path.split("/").map(decoded);
  switch (page) {
    case "jobs":
      if (first === undefined || first === "") return { page, ...shownIn(query) };
      return { page: "job", jobId: first, tab: JOB_TABS.find((tab) => tab === second) ?? "answers" };
    case "new":
      return { page, kind: JOB_KINDS.find((kind) => kind === first) ?? null };
    case "crowd":
    case "models":
      return { page };
    default:
      return null;
  }
}

/** The list with that filter, search and page. */
export function jobsHash({ show, search, offset }: JobsShown): string {
  const query = new URLSearchParams();
  if (show !== ALL_JOBS.show) query.set("show", show);
  if (search !== "") query.set("search", search);
  if (offset > 0) query.set("from", String(offset));
  return query.size === 0 ? JOBS_HASH : `${JOBS_HASH}?${query}`;
}

function shownIn(query: string): JobsShown {
  const asked = new URLSearchParams(query);
  const offset = Number(asked.get("from") ?? 0);
  return {
    show: (Object.keys(JOB_FILTERS) as JobFilter[]).find((filter) => filter === asked.get("show")) ?? ALL_JOBS.show,
    search: asked.get("search") ?? "",
    offset: Number.isSafeInteger(offset) && offset > 0 ? offset : 0,
  };
}

/** As addresses were before: #job=ID, #receipt=ID. People have kept some. */
function formerRoute(text: string): Route | null {
  const named = new URLSearchParams(text);
  const [job, receipt] = [named.get("job"), named.get("receipt")];
  if (receipt !== null) return { page: "job", jobId: receipt, tab: "receipt" };
  return job === null ? null : { page: "job", jobId: job, tab: "answers" };
}

/** As it is where it cannot be decoded. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
