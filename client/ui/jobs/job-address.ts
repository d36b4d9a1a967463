/**
 * Addresses inside the dashboard, behind the #: they can be linked to and survive a reload. `jobs/ID/TAB` is one job, `jobs` the
 * list, `new/KIND` the form, `crowd` the tabs,
 * `models` those with names. Pure.
 */
export const JOB_TABS = ["answers", "progress", "receipt", "asked"] as const;
export type JobTab = (typeof JOB_TABS)[number];

export const JOBS_HASH = "#jobs";
export const NEW_JOB_HASH = "#new";
export const CROWD_HASH = "#crowd";
export const MODELS_HASH = "#models";

export function jobHash(jobId: string, tab: JobTab = "answers"): string {
  const job = `${JOBS_HASH}/${encodeURIComponent(jobId)}`;
  return tab === "answers" ? job : `${job}/${tab}`;
}

/** @param kind the name of a kind of job */
export function newJobHash(kind: string): string {
  return `${NEW_JOB_HASH}/${encodeURIComponent(kind)}`;
}

const SHARED = /^#shared\/([^/]+)\/([^/]+)$/;

/** A link to one job, for whoever has no token: what stands behind the # is sent to nobody. */
export function sharedHash(jobId: string, token: string): string {
  return `#shared/${encodeURIComponent(jobId)}/${encodeURIComponent(token)}`;
}

/** @returns null: it is no such link */
export function sharedIn(hash: string): { readonly jobId: string; readonly token: string } | null {
  const [, jobId, token] = SHARED.exec(hash) ?? [];
  return jobId === undefined || token === undefined
    ? null
    : { jobId: decodeURIComponent(jobId), token: decodeURIComponent(token) };
}
