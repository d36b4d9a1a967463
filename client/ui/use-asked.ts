/** What is asked about something that people change: a moment after it has changed, and only the latest question counts. */
import { useEffect, useState } from "preact/hooks";

export type Asked<Answer> =
  /** There is nothing to ask about. */
  | { readonly kind: "nothing" }
  | { readonly kind: "asking" }
  /** isStale: another one is being asked for */
  | { readonly kind: "there"; readonly value: Answer; readonly isStale: boolean }
  | { readonly kind: "failed"; readonly message: string };

interface AskedOptions {
  /** How long the question must stay the same before it is asked. */
  readonly settleMs?: number;
  /** The answer stays while the next is asked for, so that the page does not flicker. */
  readonly keeps?: boolean;
}

/**
 * @param question compared part by part; asked anew where one differs. null: there is none
 * @param ask gets a signal that is aborted once the answer is not wanted any more
 */
export function useAsked<Answer>(
  question: readonly unknown[] | null,
  ask: (signal: AbortSignal) => Promise<Answer>,
  { settleMs = 0, keeps = false }: AskedOptions = {},
): Asked<Answer> {
  const [asked, setAsked] = useState<Asked<Answer>>({ kind: "nothing" });
  useEffect(() => {
    if (question === null) {
      setAsked({ kind: "nothing" });
      return;
    }
    const giveUp = new AbortController();
    const answer = async () => {
      try {
        const value = await ask(giveUp.signal);
        if (!giveUp.signal.aborted) setAsked({ kind: "there", value, isStale: false });
      } catch (error) {
        if (!giveUp.signal.aborted) setAsked({ kind: "failed", message: (error as Error).message });
      }
    };
    const timer = setTimeout(answer, settleMs);
    setAsked((before) => (keeps && before.kind === "there" ? { ...before, isStale: true } : { kind: "asking" }));
    return () => {
      clearTimeout(timer);
      giveUp.abort();
    };
  }, [question === null, ...(question ?? [])]);
  return asked;
}
