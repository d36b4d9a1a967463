import type { Piece } from "../session/session-status.ts";
import { Announcer } from "../ui/announcer.tsx";
import { volunteer as texts } from "../ui/texts.ts";
import type { SpokenActivity } from "./say-activity.ts";
import type { VolunteerTab } from "./volunteer-tab.ts";

interface ControlPanelProps {
  readonly tab: VolunteerTab;
  readonly spoken: SpokenActivity;
  readonly running: boolean;
}

export function ControlPanel({ tab, spoken, running }: ControlPanelProps) {
  const { activity, paused } = tab.status.value;
  const { buttons } = texts;
  const piece = activity.kind === "computing" ? activity.piece : activity.kind === "paused" ? activity.finishing : null;
  return (
    <section class={`panel control tone-${spoken.tone}`} aria-label={texts.statusLabel}>
      <h2 class="state">
        <span class="dot" aria-hidden="true" />
        {spoken.title}
      </h2>
      <p class="why" data-testid="why">
        {spoken.sentence}
      </p>
      <Announcer text={`${spoken.title}. ${spoken.sentence}`} />
      {piece !== null && <Now piece={piece} />}
      <div class="buttons">
        <button
          type="button"
          class="primary"
          disabled={running || tab.elsewhere.value}
          onClick={() => void tab.start()}
        >
          {buttons.start}
        </button>
        {paused ? (
          <button type="button" disabled={!running} onClick={tab.resume}>
            {buttons.resume}
          </button>
        ) : (
          <button type="button" disabled={!running} onClick={tab.pause}>
            {buttons.pause}
          </button>
        )}
        <button type="button" disabled={!running} onClick={tab.stop}>
          {buttons.stop}
        </button>
      </div>
      <p class="hint">{running ? texts.controlNote : texts.startNote}</p>
    </section>
  );
}

function Now({ piece }: { piece: Piece }) {
  const { now } = texts;
  const isTest = piece.kind === "probe";
  return (
    <dl class="now" aria-label={now.title}>
      <div>
        <dt>{now.job}</dt>
        <dd>{isTest ? now.test : piece.jobName}</dd>
      </div>
      <div>
        <dt>{now.submitter}</dt>
        <dd>{isTest ? now.testFor : piece.submitter}</dd>
      </div>
      {!isTest && (
        <div>
          <dt>{now.round}</dt>
          <dd>{now.roundText(piece.roundIndex, piece.rowCount)}</dd>
        </div>
      )}
    </dl>
  );
}
