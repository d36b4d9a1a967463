/** What a button sets off: one thing at a time, and why it did not work. */
import { useState } from "preact/hooks";
import type { DashboardStore } from "../../dashboard/dashboard-store.ts";

export function useAction(store: DashboardStore) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function act(action: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await action();
    } catch (error) {
      setProblem((error as Error).message);
    }
    store.refresh();
    setBusy(false);
  }

  return { busy, problem, act: (action: () => Promise<unknown>) => void act(action) };
}
