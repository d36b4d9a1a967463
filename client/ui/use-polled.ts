import { useEffect, useState } from "preact/hooks";
import { askJson } from "../../shared/sdk/requests.ts";
import { pollWhileVisible } from "./poll.ts";

interface Polled<Answer> {
  /** The latest; null: none has come yet. */
  readonly answer: Answer | null;
  /** The last question was not answered. */
  readonly failed: boolean;
}

/** What the coordinator answers, asked for again while somebody looks. @param path null: nothing is asked */
export function usePolled<Answer>(path: string | null, everyMs: number): Polled<Answer> {
  const [polled, setPolled] = useState<Polled<Answer>>({ answer: null, failed: false });
  useEffect(() => {
    if (path === null) return;
    const ask = () =>
      askJson<Answer>({ baseUrl: location.origin, fetch }, path, {}).then(
        (answer) => setPolled({ answer, failed: false }),
        () => setPolled(({ answer }) => ({ answer, failed: true })),
      );
    const poll = pollWhileVisible(ask, everyMs);
    return () => poll.stop();
  }, [path, everyMs]);
  return polled;
}
