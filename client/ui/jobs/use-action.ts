/** What a button sets off: one thing at a time, and why it did not work. */
import { useState } from "preact/hooks";

export interface Action {
  readonly busy: boolean;
  readonly problem: string | null;
  act(action: () => Promise<unknown>): void;
}

/** @param refresh called after each action, whether it worked or not */
export function useAction(refresh?: () => void): Action {
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
    refresh?.();
    setBusy(false);
  }

  return { busy, problem, act: (action) => void act(action) };
}
