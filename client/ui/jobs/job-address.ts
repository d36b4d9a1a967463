/**
 * What is open stands in the address, so that it can be linked to and survives a reload: #job=<id> the details of a job,
 * #receipt=<id> its receipt as a page.
 */
export interface Opened {
  readonly job: string | null;
  readonly receipt: string | null;
}

export function openedIn(hash: string): Opened {
  const named = new URLSearchParams(hash.replace(/^#/, ""));
  return { job: named.get("job"), receipt: named.get("receipt") };
}

export function hashOf(jobId: string): string {
  return `#${new URLSearchParams({ job: jobId })}`;
}

export function receiptHashOf(jobId: string): string {
  return `#${new URLSearchParams({ receipt: jobId })}`;
}
