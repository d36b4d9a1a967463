import { useEffect, useState } from "preact/hooks";
import type { StatusView } from "../../shared/protocol/crowd-api.ts";
import { askJson } from "../../shared/sdk/requests.ts";
import { Terms } from "../ui/terms.tsx";
import { volunteer } from "../ui/texts.ts";

const texts = volunteer.consent;

/** Who runs this, what runs here, what leaves: what pressing Start agrees to. Folded away once that is done. */
export function ConsentCard({ host, isAgreed }: { host: string; isAgreed: boolean }) {
  const operatedBy = useOperator();
  const list = <Terms rows={texts.items(host, operatedBy).map(({ term, text }) => [term, text])} />;
  return (
    <section class="panel consent" aria-labelledby="consent-title">
      {isAgreed ? (
        <details>
          <summary>
            <h2 id="consent-title">{texts.title}</h2>
          </summary>
          {list}
        </details>
      ) : (
        <>
          <h2 id="consent-title">{texts.title}</h2>
          {list}
        </>
      )}
    </section>
  );
}

/** Who runs the coordinator, in their own words; null: not said, or not known yet. */
function useOperator(): string | null {
  const [operatedBy, setOperatedBy] = useState<string | null>(null);
  useEffect(() => {
    askJson<StatusView>({ baseUrl: location.origin, fetch }, "/api/status", {}).then(
      (status) => setOperatedBy(status.operatedBy),
      // Without a network the address alone stands there.
      () => undefined,
    );
  }, []);
  return operatedBy;
}
