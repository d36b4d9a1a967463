/** Beside Start, what one needs to know to press it: what it costs, who gains, how it stops. The rest is a link away. */
import { CONSENT_ID, openConsent } from "./consent-card.tsx";
import { costFigures, gainsText } from "./start-figures.ts";
import { volunteerTexts } from "./texts/texts.ts";
import type { VolunteerTab } from "./volunteer-tab.ts";
import { browserTells } from "./watch-page-device.ts";
import { workList } from "./work-stream.ts";

/** Tied to Start, so that it is read out with the button. */
export const START_LINES_ID = "start-lines";

export function StartLines({ tab }: { tab: VolunteerTab }) {
  const texts = volunteerTexts();
  const { atStart, startNote } = texts;
  const settings = tab.settings.value;
  const cores = navigator.hardwareConcurrency || 1;
  return (
    <>
      <dl class="start-lines" id={START_LINES_ID}>
        <div>
          <dt>{atStart.costs}</dt>
          <dd>{atStart.costsText(costFigures(settings, tab.threadsUnasked, cores, browserTells().power))}</dd>
        </div>
        <div class="who-gains">
          <dt>{atStart.gains}</dt>
          <dd>{gainsText(texts, workList.value, settings)}</dd>
        </div>
        <div>
          <dt>{atStart.stops}</dt>
          <dd>{atStart.stopsText(settings.goesOn)}</dd>
        </div>
      </dl>
      <p class="hint">
        {startNote.before}
        <a
          href={`#${CONSENT_ID}`}
          onClick={(event) => {
            event.preventDefault();
            openConsent();
          }}
        >
          {startNote.link}
        </a>
        {startNote.after}
      </p>
    </>
  );
}
