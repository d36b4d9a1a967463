import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { HoldReason } from "../session/may-work.ts";
import { hasEnded } from "../session/session-status.ts";
import { idOfRule } from "./choice.tsx";
import { IntensitySlider } from "./intensity-slider.tsx";
import { easedNote } from "./page-notes.ts";
import { hoursFrom, PAUSE_HOURS, tomorrowMorning } from "./pause-until.ts";
import type { SpokenActivity } from "./say-activity.ts";
import { START_LINES_ID, StartLines } from "./start-lines.tsx";
import { volunteerTexts } from "./texts/texts.ts";
import type { VolunteerTab } from "./volunteer-tab.ts";
import { WorkCard } from "./work-card.tsx";

interface ControlPanelProps {
  readonly tab: VolunteerTab;
  readonly spoken: SpokenActivity;
  readonly nowMs: number;
}

export function ControlPanel({ tab, spoken, nowMs }: ControlPanelProps) {
  const texts = volunteerTexts();
  const status = tab.status.value;
  const { activity } = status;
  const eased = easedNote(texts, status);
  const running = !hasEnded(activity);
  const hasStarted = !(activity.kind === "off" && activity.why === "not-started");
  const assignment =
    activity.kind === "computing"
      ? activity.assignment
      : activity.kind === "held"
        ? activity.finishing?.assignment
        : undefined;
  // A countdown would be read out every second.
  const announced = activity.kind === "reconnecting" || activity.kind === "resting" ? "" : ` ${spoken.sentence}`;
  return (
    <section class={`panel control tone-${spoken.tone}`} aria-label={texts.statusLabel}>
      <div class="state-line">
        <h2 class="state">
          <span class="dot" aria-hidden="true" />
          {spoken.title}
        </h2>
        {status.held !== null && status.held.kind in RULES && <RuleLink rule={status.held.kind} />}
      </div>
      <p class="why" data-testid="why">
        {spoken.sentence}
      </p>
      <Announcer text={`${spoken.title}.${announced}`} />
      {eased !== null && (
        <p class="note warn" data-testid="eased">
          {eased}
        </p>
      )}
      {running ? (
        <RunningButtons tab={tab} nowMs={nowMs} />
      ) : (
        <div class="buttons" key="off">
          <Command
            primary
            disabled={tab.elsewhere.value}
            takesFocus={hasStarted}
            describedBy={START_LINES_ID}
            onCommand={() => void tab.start()}
          >
            {texts.buttons.start}
          </Command>
        </div>
      )}
      {!running && <StartLines tab={tab} />}
      <IntensitySlider tab={tab} />
      {running && (
        <WorkCard
          current={assignment}
          refusedJobs={tab.settings.value.refusedJobs}
          nowMs={nowMs}
          onRefuse={tab.refuse}
        />
      )}
    </section>
  );
}

function RunningButtons({ tab, nowMs }: { tab: VolunteerTab; nowMs: number }) {
  const { buttons } = volunteerTexts();
  const { held } = tab.status.value;
  const isFinishing = held?.kind === "finishing";
  const isPaused = held?.kind === "paused";
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset groups what is entered, these are commands */}
      <div class="buttons" role="group" aria-label={buttons.label} key="running">
        {!isFinishing && (
          <Command
            primary={isPaused || held === null}
            takesFocus
            onCommand={isPaused ? tab.resume : () => tab.pause({ untilMs: null })}
            key="pause"
          >
            {isPaused ? buttons.resume : buttons.pause}
          </Command>
        )}
        {!isFinishing && (
          <Command onCommand={tab.finishThenStop} key="finish">
            {buttons.finish}
          </Command>
        )}
        <Command onCommand={tab.stop} key="stop">
          {buttons.stop}
        </Command>
      </div>
      {!isPaused && !isFinishing && (
        // biome-ignore lint/a11y/useSemanticElements: as above
        <div class="pause-for" role="group" aria-label={buttons.pauseFor} key="pause-for">
          <span aria-hidden="true">{buttons.pauseFor}</span>
          {PAUSE_HOURS.map((hours) => (
            <button
              type="button"
              class="small"
              key={hours}
              onClick={() => tab.pause({ untilMs: hoursFrom(Date.now(), hours) })}
            >
              {buttons.pauseHours(hours)}
            </button>
          ))}
          <button type="button" class="small" onClick={() => tab.pause({ untilMs: tomorrowMorning(Date.now()) })}>
            {buttons.pauseUntilMorning(tomorrowMorning(nowMs), nowMs)}
          </button>
        </div>
      )}
    </>
  );
}

/** Of what holds work back, what is not a command of the volunteer's. */
const RULES: Partial<Record<HoldReason["kind"], true>> = {
  schedule: true,
  battery: true,
  "in-use": true,
  "save-data": true,
  cellular: true,
  "data-cap": true,
  pressure: true,
};

/** On a phone the rules are far below. */
function RuleLink({ rule }: { rule: HoldReason["kind"] }) {
  return (
    <a
      href={`#${idOfRule(rule)}`}
      onClick={(event) => {
        event.preventDefault();
        document.getElementById(idOfRule(rule))?.focus();
      }}
    >
      {volunteerTexts().holds.change}
    </a>
  );
}

interface CommandProps {
  readonly primary?: boolean;
  readonly disabled?: boolean;
  /** Takes over from the button that was pressed and is gone, so that a keyboard does not lose its place. */
  readonly takesFocus?: boolean;
  /** Id of what is read out with it. */
  readonly describedBy?: string;
  onCommand(): void;
  readonly children: ComponentChildren;
}

function Command({
  primary = false,
  disabled = false,
  takesFocus = false,
  describedBy,
  onCommand,
  children,
}: CommandProps) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (takesFocus && document.activeElement === document.body) button.current?.focus();
  }, [takesFocus]);
  return (
    <button
      type="button"
      class={primary ? "primary" : ""}
      disabled={disabled}
      aria-describedby={describedBy}
      ref={button}
      onClick={(event) => {
        // The second half of a double click would press whatever has taken the first button's place.
        if (event.detail <= 1) onCommand();
      }}
    >
      {children}
    </button>
  );
}

const QUIET_MS = 1_000;

/** Tells screen readers what stays true for a moment; what flickers by is not read out. */
function Announcer({ text }: { text: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), QUIET_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {said}
    </p>
  );
}
