import { useEffect, useState } from "preact/hooks";
import { ParitabApiError } from "../../shared/sdk/paritab-api-error.ts";
import { askJson } from "../../shared/sdk/requests.ts";
import { pollWhileVisible } from "./poll.ts";

interface Polled<Answer> {
  /** The latest; null: none has come yet. */
  readonly answer: Answer | null;
  /** The last question was not answered. */
  readonly failed: boolean;
  /** Why, as the coordinator calls it ("unknown-class", "unreachable"); null: it was answered. */
  readonly code: string | null;
}

/** What the coordinator answers, asked for again while somebody looks. @param path null: nothing is asked */
export function usePolled<Answer>(path: string | null, everyMs: number): Polled<Answer> {
  const [polled, setPolled] = useState<Polled<Answer>>({ answer: null, failed: false, code: null });
  useEffect(() => {
    if (path === null) return;
    const ask = () =>
      askJson<Answer>({ baseUrl: location.origin, fetch }, path, {}).then(
        (answer) => setPolled({ answer, failed: false, code: null }),
        (error: unknown) => {
          const code = error instanceof ParitabApiError ? error.code : "unreachable";
          setPolled(({ answer }) => ({ answer, failed: true, code }));
        },
      );
    const poll = pollWhileVisible(ask, everyMs);
    return () => poll.stop();
  }, [path, everyMs]);
  return polled;
}
