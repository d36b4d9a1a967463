import { useEffect } from "preact/hooks";
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import { hasEnded } from "../session/session-status.ts";
import { useNow } from "../ui/now.ts";
import { PageFrame } from "../ui/page-frame.tsx";
import { volunteer as texts } from "../ui/texts.ts";
import { ConsentCard } from "./consent-card.tsx";
import { ControlPanel } from "./control-panel.tsx";
import { Facts } from "./facts.tsx";
import { History } from "./history.tsx";
import { HowItWorks } from "./how-it-works.tsx";
import { ELSEWHERE, sayActivity } from "./say-activity.ts";
import type { VolunteerTab } from "./volunteer-tab.ts";

export function VolunteerPage({ tab, forcedBackend }: { tab: VolunteerTab; forcedBackend: BackendName | null }) {
  const status = tab.status.value;
  const { activity } = status;
  const nowMs = useNow(250, activity.kind === "reconnecting");
  const spoken = tab.elsewhere.value ? ELSEWHERE : sayActivity(activity, nowMs, tab.reloadsItself.value);

  const hasStarted = !(activity.kind === "off" && activity.why === "not-started");

  useEffect(() => {
    document.title = texts.tabTitle(spoken.title, spoken.tone === "working");
  }, [spoken.title, spoken.tone]);

  return (
    <PageFrame page="volunteer">
      <div class="intro">
        <h1>{texts.title}</h1>
        <p class="lead">{texts.lead}</p>
      </div>
      <div class="columns">
        <div class="column">
          <ControlPanel tab={tab} spoken={spoken} running={!hasEnded(activity)} />
          {forcedBackend !== null && <p class="note">{texts.forcedBackend(forcedBackend)}</p>}
          {tab.wentOn && <p class="note">{texts.resumedAfterUpdate}</p>}
          {hasStarted ? <Facts status={status} /> : <HowItWorks />}
          <History pieces={status.history} />
        </div>
        <ConsentCard host={location.host} />
      </div>
    </PageFrame>
  );
}
