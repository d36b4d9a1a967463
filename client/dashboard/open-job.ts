/** Which job's details are open stands in the address (#job=<id>), so that it can be linked to and survives a reload. */
import { useEffect, useState } from "preact/hooks";
import type { DashboardStore } from "./dashboard-store.ts";

export function jobIdOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("job");
}

export function hashOf(jobId: string): string {
  return `#${new URLSearchParams({ job: jobId })}`;
}

export function useOpenJob(store: DashboardStore): string | null {
  const [jobId, setJobId] = useState(() => jobIdOf(location.hash));
  useEffect(() => {
    const onHashChange = () => setJobId(jobIdOf(location.hash));
    addEventListener("hashchange", onHashChange);
    return () => removeEventListener("hashchange", onHashChange);
  }, []);
  useEffect(() => store.open(jobId), [store, jobId]);
  return jobId;
}
