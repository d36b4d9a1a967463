import type { DayHours } from "../session/volunteer-settings.ts";

export const WHOLE_DAY: DayHours = { from: 0, to: 24 };
const NIGHT: DayHours = { from: 22, to: 7 };
const EVENING: DayHours = { from: 18, to: 24 };

const everyDay = (hours: DayHours) => Array.from({ length: 7 }, () => hours);

/** Monday first. */
export const PRESETS = {
  always: everyDay(WHOLE_DAY),
  nights: everyDay(NIGHT),
  evenings: [...everyDay(EVENING).slice(0, 5), WHOLE_DAY, WHOLE_DAY],
} as const;
