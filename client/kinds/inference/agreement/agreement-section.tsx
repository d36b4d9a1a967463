import type { TimelineRound } from "../../../../shared/protocol/timeline-api.ts";
import { AgreementPicture } from "./agreement-picture.tsx";
import { agreementTexts as texts } from "./agreement-texts.ts";

/** What the first answers of a job were worth. */
export function AgreementSection({ rounds }: { rounds: readonly TimelineRound[] }) {
  return (
    <section aria-label={texts.title}>
      <h2>{texts.title}</h2>
      <AgreementPicture rounds={rounds} />
    </section>
  );
}
