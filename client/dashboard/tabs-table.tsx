import type { SessionView } from "../../shared/protocol/crowd-api.ts";
import { LendTab } from "../ui/jobs/lend-tab.tsx";
import { DataTable } from "../ui/table.tsx";
import { dashboard } from "../ui/texts.ts";
import { duration } from "../ui/units.ts";

const texts = dashboard.tabs;
const NOTHING = "–";

/** The connected tabs and what they did last. */
export function TabsTable({ sessions }: { sessions: readonly SessionView[] | null }) {
  const { columns } = texts;
  return (
    <section class="panel tabs" aria-labelledby="tabs-title">
      <h2 id="tabs-title">{texts.title}</h2>
      {sessions === null && <p class="hint">{dashboard.loading}</p>}
      {sessions?.length === 0 && (
        <p class="hint">
          {texts.none} <LendTab />
        </p>
      )}
      {sessions !== null && sessions.length > 0 && (
        <DataTable
          label={texts.title}
          rows={sessions}
          keyOf={({ sessionId }) => sessionId}
          columns={(of) => [
            of.text(
              columns.volunteer,
              ({ nickname }) => nickname,
              ({ volunteerId }) => volunteerId,
            ),
            of.text(columns.backend, ({ backend, precision }) => texts.backendText(backend, precision)),
            of.text(columns.state, ({ state, presence }) => (
              <span class={`tag session-${state}`}>{texts.stateText(state, presence)}</span>
            )),
            of.text(columns.recent, ({ recent }) => <Recent recent={recent} />),
            of.number(columns.median, ({ responseMsMedian: ms }) => (ms === null ? NOTHING : duration(ms))),
            of.number(columns.verified, (tab) => texts.verifiedText(tab.verifiedAssignments, tab.lateAssignments)),
          ]}
        />
      )}
    </section>
  );
}

/** One small square an assignment, the latest last; the words are in its title, and read out as a list. */
function Recent({ recent }: { recent: SessionView["recent"] }) {
  if (recent.length === 0) return <span class="hint">{texts.noRecent}</span>;
  return (
    <ul class="recent">
      {recent.map(({ jobId, roundIndex, workerIndex, outcome, ms }, i) => {
        const words = texts.recent(outcome, duration(ms));
        return (
          <li key={`${jobId} ${roundIndex} ${workerIndex} ${i}`} class={`recent-${kindOf(outcome)}`} title={words}>
            <span class="visually-hidden">{words}</span>
          </li>
        );
      })}
    </ul>
  );
}

function kindOf(outcome: string): "good" | "late" | "unneeded" | "bad" {
  if (outcome === "late") return "late";
  if (outcome === "not needed") return "unneeded";
  return outcome === "answered" || outcome === "verified" ? "good" : "bad";
}
