/**
 * What is open stands in the address, so that it can be linked to and survives a reload: #job=<id> the details of a job,
 * #receipt=<id> its receipt as a page.
 */
import { useEffect, useState } from "preact/hooks";
import type { DashboardStore } from "./dashboard-store.ts";

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

export function useOpened(store: DashboardStore): Opened {
  const [opened, setOpened] = useState(() => openedIn(location.hash));
  useEffect(() => {
    const onHashChange = () => setOpened(openedIn(location.hash));
    addEventListener("hashchange", onHashChange);
    return () => removeEventListener("hashchange", onHashChange);
  }, []);
  useEffect(() => store.open(opened.job), [store, opened.job]);
  return opened;
}
