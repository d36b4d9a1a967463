/** The volunteer's own history in this browser: a bar a day, and what they add up to. */
import { dayOf } from "../session/schedule.ts";
import { type Contributions, totalsOf } from "./contributions.ts";
import { energyWh } from "./measures.ts";
import { volunteerTexts } from "./texts/texts.ts";

const DAYS_SHOWN = 28;

interface DaysProps {
  readonly contributions: Contributions;
  readonly wattsPerThread: number;
  readonly nowMs: number;
}

export function Days({ contributions, wattsPerThread, nowMs }: DaysProps) {
  const texts = volunteerTexts().days;
  const { days } = contributions;
  if (!days.some(({ macs }) => macs > 0)) return null;
  const shown = latestDays(nowMs).map((day) => totalsOf(contributions, day));
  const most = Math.max(1, ...shown.map(({ macs }) => macs));
  const macs = days.reduce((sum, day) => sum + day.macs, 0);
  const computedMs = days.reduce((sum, day) => sum + day.computedMs, 0);
  return (
    <section class="panel" aria-labelledby="days-title">
      <h2 id="days-title">{texts.title}</h2>
      <ol class="days" aria-label={texts.chart(DAYS_SHOWN)}>
        {shown.map(({ day, macs, batches, computedMs }) => {
          const words = texts.day(day, macs, batches, computedMs);
          return (
            <li key={day} title={words}>
              <svg class="day" viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <rect x="0" y={100 - (100 * macs) / most} width="10" height={(100 * macs) / most} />
              </svg>
              <span class="visually-hidden">{words}</span>
            </li>
          );
        })}
      </ol>
      <p class="days-axis" aria-hidden="true">
        <span>{texts.shortDay(shown[0]!.day)}</span>
        <span>{texts.today}</span>
      </p>
      <p class="hint" data-testid="days-sum">
        {texts.sum(days.length, macs, computedMs, energyWh(computedMs, wattsPerThread))}
      </p>
    </section>
  );
}

function latestDays(nowMs: number): string[] {
  const now = new Date(nowMs);
  return Array.from({ length: DAYS_SHOWN }, (_, i) =>
    dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - (DAYS_SHOWN - 1 - i)).getTime()),
  );
}
