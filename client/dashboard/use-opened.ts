import { useEffect, useState } from "preact/hooks";
import { type Opened, openedIn } from "../ui/jobs/job-address.ts";
import type { DashboardStore } from "./dashboard-store.ts";

/** What the address says is open; the store follows it. */
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
