import { useId } from "preact/hooks";
import { TAB_INTENSITY_MIN } from "../../shared/protocol/limits.ts";
import { volunteerTexts } from "./texts/texts.ts";
import type { VolunteerTab } from "./volunteer-tab.ts";

const STEP_PERCENT = 5;

/** The duty cycle. Holds at once, also for the batch after the one in hand. */
export function IntensitySlider({ tab }: { tab: VolunteerTab }) {
  const texts = volunteerTexts().intensity;
  const id = useId();
  const { intensity } = tab.settings.value;
  const percentage = Math.round(intensity * 100);
  return (
    <div class="intensity">
      <div class="intensity-label">
        <label for={id}>{texts.label}</label>
        <output for={id}>{texts.value(intensity)}</output>
      </div>
      <input
        id={id}
        type="range"
        min={Math.round(TAB_INTENSITY_MIN * 100)}
        max={100}
        step={STEP_PERCENT}
        value={percentage}
        aria-valuetext={texts.hint(intensity)}
        onInput={(event) => tab.change({ intensity: event.currentTarget.valueAsNumber / 100 })}
      />
      <p class="hint">{texts.hint(intensity)}</p>
    </div>
  );
}
