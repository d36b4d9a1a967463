import { useEffect, useState } from "preact/hooks";
import type { StatusView } from "../../shared/protocol/crowd-api.ts";
import { askJson } from "../../shared/sdk/requests.ts";
import { Terms } from "../ui/terms.tsx";
import { volunteerTexts } from "./texts/texts.ts";

export const CONSENT_ID = "consent";

/** Who runs this, what runs here, what leaves: what pressing Start agrees to. Folded away; the note at Start leads here. */
export function ConsentCard({ host }: { host: string }) {
  const texts = volunteerTexts().consent;
  const operatedBy = useOperator();
  return (
    <section class="panel consent" aria-labelledby="consent-title">
      <details id={CONSENT_ID}>
        <summary>
          <h2 id="consent-title">{texts.title}</h2>
        </summary>
        <Terms rows={texts.items(host, operatedBy).map(({ term, text }) => [term, text])} />
      </details>
    </section>
  );
}

/** Unfolds it and goes there, for keyboards and screen readers too. */
export function openConsent(): void {
  const card = document.getElementById(CONSENT_ID) as HTMLDetailsElement | null;
  if (card === null) return;
  card.open = true;
  card.querySelector("summary")?.focus();
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
