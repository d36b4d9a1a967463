import type { DayHours } from "../session/volunteer-settings.ts";
import { volunteerTexts } from "./texts/texts.ts";

const WHOLE_DAY: DayHours = { from: 0, to: 24 };
const NIGHT: DayHours = { from: 22, to: 7 };
const EVENING: DayHours = { from: 18, to: 24 };

const everyDay = (hours: DayHours) => Array.from({ length: 7 }, () => hours);

/** Monday first. */
const PRESETS = {
  always: everyDay(WHOLE_DAY),
  nights: everyDay(NIGHT),
  evenings: [...everyDay(EVENING).slice(0, 5), WHOLE_DAY, WHOLE_DAY],
} as const;

type Days = readonly (DayHours | null)[];

/** Seven days, each with its hours or none. */
export function ScheduleEditor({ days, onChange }: { days: Days; onChange(days: Days): void }) {
  const texts = volunteerTexts().rules;
  const change = (day: number, hours: DayHours | null) => onChange(days.map((old, i) => (i === day ? hours : old)));
  return (
    <div class="rule-detail schedule">
      <p class="hint">{texts.scheduleHint}</p>
      {texts.weekdays().map((name, day) => (
        <Day key={name} name={name} hours={days[day] ?? null} onChange={(hours) => change(day, hours)} />
      ))}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset groups what is entered, these are commands */}
      <div class="presets" role="group" aria-label={texts.presets.label}>
        <span aria-hidden="true">{texts.presets.label}</span>
        {(["always", "nights", "evenings"] as const).map((preset) => (
          <button type="button" class="link" key={preset} onClick={() => onChange(PRESETS[preset])}>
            {texts.presets[preset]}
          </button>
        ))}
      </div>
    </div>
  );
}

interface DayProps {
  readonly name: string;
  readonly hours: DayHours | null;
  onChange(hours: DayHours | null): void;
}

function Day({ name, hours, onChange }: DayProps) {
  const texts = volunteerTexts().rules;
  return (
    <div class="schedule-day">
      <label>
        <input
          type="checkbox"
          checked={hours !== null}
          onChange={(event) => onChange(event.currentTarget.checked ? WHOLE_DAY : null)}
        />
        {name}
      </label>
      {hours !== null && (
        <span class="schedule-hours">
          <Hour
            label={texts.from(name)}
            first={0}
            value={hours.from}
            onChange={(from) => onChange({ ...hours, from })}
          />
          <span aria-hidden="true">–</span>
          <Hour label={texts.to(name)} first={1} value={hours.to} onChange={(to) => onChange({ ...hours, to })} />
        </span>
      )}
    </div>
  );
}

interface HourProps {
  readonly label: string;
  readonly first: 0 | 1;
  readonly value: number;
  onChange(hour: number): void;
}

function Hour({ label, first, value, onChange }: HourProps) {
  const texts = volunteerTexts().rules;
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(Number(event.currentTarget.value))}>
      {Array.from({ length: 24 }, (_, i) => i + first).map((hour) => (
        <option key={hour} value={hour}>
          {texts.hour(hour)}
        </option>
      ))}
    </select>
  );
}
