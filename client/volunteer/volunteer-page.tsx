import { useEffect } from "preact/hooks";
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import { hasEnded } from "../session/session-status.ts";
import { Later } from "../ui/later.tsx";
import { useNow } from "../ui/now.ts";
import { PageFrame } from "../ui/page-frame.tsx";
import { BringPhone } from "./bring-phone.tsx";
import { ConsentCard } from "./consent-card.tsx";
import { ControlPanel } from "./control-panel.tsx";
import { Days } from "./days.tsx";
import { Facts } from "./facts.tsx";
import { Intro } from "./first-volunteer.tsx";
import { HelpedJobsList } from "./helped-jobs-list.tsx";
import { History } from "./history.tsx";
import { HowItWorks } from "./how-it-works.tsx";
import { LanguageChoice } from "./language-choice.tsx";
import { Leaderboard } from "./leaderboard.tsx";
import { News } from "./news.tsx";
import { invitationNote, seatNote, wentOnNote } from "./page-notes.ts";
import { RulesPanel } from "./rules-panel.tsx";
import { type SpokenActivity, sayActivity } from "./say-activity.ts";
import { SeatCode } from "./seat-code.tsx";
import { Teams } from "./teams.tsx";
import { volunteerTexts } from "./texts/texts.ts";
import type { VolunteerTab } from "./volunteer-tab.ts";
import { browserTells } from "./watch-page-device.ts";
import { WorkChoicePanel } from "./work-choice.tsx";

interface VolunteerPageProps {
  readonly tab: VolunteerTab;
  readonly forcedBackend: BackendName | null;
  readonly isInvited: boolean;
}

export function VolunteerPage({ tab, forcedBackend, isInvited }: VolunteerPageProps) {
  const status = tab.status.value;
  const { activity } = status;
  const countsDown = activity.kind === "reconnecting" || activity.kind === "resting";
  const nowMs = useNow(countsDown ? 250 : 1_000, !hasEnded(activity));
  const texts = volunteerTexts();
  const spoken: SpokenActivity = tab.elsewhere.value
    ? { ...texts.activity.elsewhere, tone: "idle" }
    : sayActivity(texts, activity, nowMs, tab.reloadsItself.value);
  const hasStarted = !(activity.kind === "off" && activity.why === "not-started");
  const state = { status, wentOn: tab.wentOn.value, isInvited, hasSeatCode: tab.seatCode.value !== null };
  const [invitation, wentOn] = [invitationNote(texts, state), wentOnNote(texts, state)];
  const seat = seatNote(texts, state);
  const consent = (
    <>
      <SeatCode tab={tab} />
      <ConsentCard host={location.host} />
    </>
  );

  useEffect(() => {
    document.title = texts.tabTitle(spoken.title, spoken.tone === "working");
  }, [texts, spoken.title, spoken.tone]);

  return (
    <PageFrame page="volunteer" texts={texts.frame} aside={<LanguageChoice />}>
      {!hasStarted && <Intro texts={texts} />}
      {hasStarted && <h1 class="visually-hidden">{texts.title}</h1>}
      <div class="columns">
        <div class="column">
          <ControlPanel tab={tab} spoken={spoken} nowMs={nowMs} />
          {forcedBackend !== null && <p class="note">{texts.forcedBackend(forcedBackend)}</p>}
          {invitation !== null && (
            <p class={invitation.isWarning ? "note warn" : "note"} role="status" data-testid="invitation">
              {invitation.text}
            </p>
          )}
          {seat !== null && (
            <p class={seat.isWarning ? "note warn" : "note"} role="status" data-testid="seat">
              {seat.text}
            </p>
          )}
          {wentOn !== null && <p class="note">{wentOn}</p>}
          <Later>
            <News helped={tab.helped} />
          </Later>
          {hasStarted && (
            <Later>
              <Facts tab={tab} nowMs={nowMs} />
            </Later>
          )}
          <WorkChoicePanel tab={tab} />
          {!hasStarted && <Later>{consent}</Later>}
          <Later>
            <Days
              contributions={tab.contributions.value}
              wattsPerThread={tab.settings.value.wattsPerThread}
              nowMs={nowMs}
            />
            <HelpedJobsList helped={tab.helped} />
            <History assignments={status.history} />
          </Later>
          {!hasStarted && (
            <Later>
              <Leaderboard volunteerId={null} />
              <Teams team={tab.settings.value.team} />
            </Later>
          )}
          {!hasStarted && (
            <Later>
              <BringPhone owner={status.owner} />
            </Later>
          )}
        </div>
        <div class="column">
          {!hasStarted && (
            <Later>
              <HowItWorks />
            </Later>
          )}
          <Later>
            <RulesPanel tab={tab} tells={browserTells()} />
          </Later>
          {hasStarted && (
            <Later>
              <Leaderboard volunteerId={status.volunteerId} />
              <Teams team={tab.settings.value.team} />
            </Later>
          )}
          {hasStarted && (
            <Later>
              <BringPhone owner={status.owner} />
              {consent}
            </Later>
          )}
        </div>
      </div>
    </PageFrame>
  );
}
