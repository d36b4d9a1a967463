import { useEffect, useState } from "preact/hooks";
import { StatusStrip } from "../dashboard/status-strip.tsx";
import { TabsTable } from "../dashboard/tabs-table.tsx";
import { Later } from "../ui/later.tsx";
import { operatorTexts as texts } from "../ui/operator-texts.ts";
import { Problem } from "../ui/problem.tsx";
import { AuditorsTable } from "./auditors-table.tsx";
import { BackendsTable } from "./backends-table.tsx";
import { BansPanel } from "./bans-panel.tsx";
import { CellsTable } from "./cells-table.tsx";
import { HousePanel } from "./house-panel.tsx";
import { JobReplay } from "./job-replay.tsx";
import type { OperatorStore } from "./operator-store.ts";
import { PrintedSheet } from "./printed-sheet.tsx";
import { QuarantineList } from "./quarantine-list.tsx";
import { QueueTable } from "./queue-table.tsx";
import { printedSheet } from "./seat-address.ts";
import { SeatsPanel } from "./seats-panel.tsx";
import { TokensPanel } from "./tokens-panel.tsx";

/** Which sheet the address wants; null: none, the operator's page. */
function usePrintedSheet(): string | null {
  const [sheetId, setSheetId] = useState(() => printedSheet(location.hash));
  useEffect(() => {
    const onHashChange = () => setSheetId(printedSheet(location.hash));
    addEventListener("hashchange", onHashChange);
    return () => removeEventListener("hashchange", onHashChange);
  }, []);
  return sheetId;
}

export function OperatorPage({ store }: { store: OperatorStore }) {
  const overview = store.overview.value;
  const problem = store.problem.value;
  const sheetId = usePrintedSheet();
  if (sheetId !== null) return <PrintedSheet sheetId={sheetId} sheets={overview?.seatSheets ?? null} />;
  return (
    <div class="column">
      <Problem message={problem} say={texts.outOfDate} />
      {overview === null && problem === null && <p class="hint">{texts.loading}</p>}
      {overview !== null && (
        <>
          <StatusStrip status={overview.status} />
          {overview.cells.length > 1 && <CellsTable cells={overview.cells} />}
          <div class="columns">
            <div class="column">
              <QueueTable
                jobs={overview.jobs}
                quarantines={overview.quarantines}
                onLog={(jobId) => void store.openLog(jobId)}
              />
              <QuarantineList
                quarantines={overview.quarantines}
                jobs={overview.jobs}
                onRelease={store.release}
                onReleaseAll={store.releaseNamedBy}
                onLog={(jobId) => void store.openLog(jobId)}
              />
            </div>
            <div class="column">
              <BackendsTable sessions={overview.sessions} />
              {overview.auditors.length > 0 && <AuditorsTable auditors={overview.auditors} />}
            </div>
          </div>
          {/* As wide as the page, for its columns are many. */}
          <TabsTable sessions={overview.sessions} />
          <Later>
            <HousePanel
              intake={overview.intake}
              storage={overview.storage}
              onIntake={store.setIntake}
              onBackup={store.makeBackup}
              onRemove={store.removeBackup}
            />
          </Later>
          <Later>
            <SeatsPanel
              sheets={overview.seatSheets}
              onMake={store.makeSeats}
              onEnd={store.endSeats}
              onRevoke={store.endSeat}
            />
          </Later>
          <Later>
            <BansPanel bans={overview.bans} sessions={overview.sessions} onBan={store.ban} onLift={store.liftBan} />
            <TokensPanel tokens={overview.tokens} onMake={store.makeToken} onRevoke={store.revokeToken} />
          </Later>
          <Later>
            <JobReplay
              jobs={overview.jobs}
              sessions={overview.sessions}
              open={store.log.value}
              onChoose={(jobId) => void store.openLog(jobId)}
            />
          </Later>
        </>
      )}
    </div>
  );
}
