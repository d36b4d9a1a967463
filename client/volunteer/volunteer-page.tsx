import { useEffect } from "preact/hooks";
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import type { InvitationStanding } from "../../shared/protocol/messages.ts";
import { hasEnded } from "../session/session-status.ts";
import { Later } from "../ui/later.tsx";
import { useNow } from "../ui/now.ts";
import { PageFrame } from "../ui/page-frame.tsx";
import { volunteer as texts } from "../ui/texts.ts";
import { BringPhone } from "./bring-phone.tsx";
import { ConsentCard } from "./consent-card.tsx";
import { ControlPanel } from "./control-panel.tsx";
import { Days } from "./days.tsx";
import { Facts } from "./facts.tsx";
import { Intro } from "./first-volunteer.tsx";
import { HelpedJobs } from "./helped-jobs-list.tsx";
import { History } from "./history.tsx";
import { HowItWorks } from "./how-it-works.tsx";
import { Leaderboard } from "./leaderboard.tsx";
import { RulesPanel } from "./rules-panel.tsx";
import { ELSEWHERE, sayActivity } from "./say-activity.ts";
import { Teams } from "./teams.tsx";
import type { VolunteerTab } from "./volunteer-tab.ts";
import { browserTells } from "./watch-page-device.ts";
import { WorkChoicePanel } from "./work-choice.tsx";

interface VolunteerPageProps {
  readonly tab: VolunteerTab;
  readonly forcedBackend: BackendName | null;
  readonly isInvited: boolean;
}

/** Not welcome yet: what pressing Start does with it. */
function InvitationNote({ standing }: { standing: InvitationStanding | null }) {
  const isRefused = standing !== null && standing !== "yours";
  return (
    <p class={isRefused ? "note warn" : "note"} role="status" data-testid="invitation">
      {standing === null ? texts.invited : texts.invitation[standing]}
    </p>
  );
}

export function VolunteerPage({ tab, forcedBackend, isInvited }: VolunteerPageProps) {
  const status = tab.status.value;
  const { activity } = status;
  const countsDown = activity.kind === "reconnecting" || activity.kind === "resting";
  const nowMs = useNow(countsDown ? 250 : 1_000, !hasEnded(activity));
  const spoken = tab.elsewhere.value ? ELSEWHERE : sayActivity(activity, nowMs, tab.reloadsItself.value);
  const hasStarted = !(activity.kind === "off" && activity.why === "not-started");
  const consent = <ConsentCard host={location.host} isAgreed={hasStarted} />;

  useEffect(() => {
    document.title = texts.tabTitle(spoken.title, spoken.tone === "working");
  }, [spoken.title, spoken.tone]);

  return (
    <PageFrame page="volunteer">
      {!hasStarted && <Intro />}
      {hasStarted && <h1 class="visually-hidden">{texts.title}</h1>}
      <div class="columns">
        <div class="column">
          <ControlPanel tab={tab} spoken={spoken} nowMs={nowMs} />
          {forcedBackend !== null && <p class="note">{texts.forcedBackend(forcedBackend)}</p>}
          {isInvited && <InvitationNote standing={status.invitation} />}
          {tab.wentOn !== null && hasStarted && <p class="note">{texts.wentOn[tab.wentOn]}</p>}
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
            <HelpedJobs jobs={tab.helped.value} />
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
