import type { BackupView, IntakeView, StorageView } from "../../shared/protocol/house-api.ts";
import { INTAKE_REASON_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import { useAction } from "../ui/jobs/use-action.ts";
import { useNow } from "../ui/now.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { Problem } from "../ui/problem.tsx";
import { DataTable } from "../ui/table.tsx";
import { ago, bytes, count } from "../ui/units.ts";
import { ReasonForm } from "./reason-form.tsx";

const texts = operatorTexts.house;

interface HousePanelProps {
  readonly intake: IntakeView;
  readonly storage: StorageView;
  /** @param pausedFor null: new jobs are taken */
  onIntake(pausedFor: string | null): Promise<void>;
  onBackup(): Promise<void>;
  onRemove(name: string): Promise<void>;
}

/** New jobs taken or not, what lies on the disk, and backups. */
export function HousePanel({ intake, storage, onIntake, onBackup, onRemove }: HousePanelProps) {
  return (
    <section class="panel house" aria-labelledby="house-title">
      <h2 id="house-title">{texts.title}</h2>
      <Intake intake={intake} onIntake={onIntake} />
      <Disk storage={storage} />
      <Backups storage={storage} onBackup={onBackup} onRemove={onRemove} />
    </section>
  );
}

function Intake({ intake: { pausedFor, sinceMs }, onIntake }: Pick<HousePanelProps, "intake" | "onIntake">) {
  const { busy, problem, act } = useAction();
  const nowMs = useNow(5_000);
  return (
    <div class="column">
      <h3>{texts.intake}</h3>
      <p role="status">{pausedFor === null ? texts.open : texts.paused(pausedFor, ago(sinceMs ?? nowMs, nowMs))}</p>
      {pausedFor === null ? (
        <ReasonForm
          label={texts.reason}
          hint={texts.reasonHint}
          button={texts.pause}
          lengthMax={INTAKE_REASON_LENGTH_MAX}
          say={texts.refused}
          onReason={onIntake}
        />
      ) : (
        <div class="buttons">
          <button type="button" disabled={busy} onClick={() => act(() => onIntake(null))}>
            {texts.resume}
          </button>
        </div>
      )}
      <Problem message={problem} say={texts.refused} />
    </div>
  );
}

function Disk({ storage }: { storage: StorageView }) {
  const { freeBytes, reservedBytes, databaseBytes, blobs, otherBytes } = storage;
  const facts = [
    [texts.free, freeBytes === null ? texts.noDisk : texts.freeText(bytes(freeBytes), bytes(reservedBytes))],
    [texts.database, bytes(databaseBytes)],
    [texts.blobs, texts.blobsText(bytes(blobs.bytes), blobs.files)],
    [texts.others, bytes(otherBytes)],
  ] as const;
  return (
    <div class="column">
      <h3>{texts.storage}</h3>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Backups({ storage, onBackup, onRemove }: Pick<HousePanelProps, "storage" | "onBackup" | "onRemove">) {
  const { backups, backupsDirectory, database, lastBackupMs, backupEveryMs, backupProblem } = storage;
  const { busy, problem, act } = useAction();
  const nowMs = useNow(5_000);
  const { columns } = texts;
  return (
    <div class="column">
      <h3>{texts.backups}</h3>
      <p>
        {texts.lastBackup(lastBackupMs === null ? null : ago(lastBackupMs, nowMs))} {texts.schedule(backupEveryMs)}
      </p>
      {backupProblem !== null && <p class="note warn">{texts.notMade(backupProblem)}</p>}
      <p class="hint">{texts.backupsHint(backupsDirectory, database)}</p>
      {backups.length > 0 && (
        <DataTable
          label={texts.backups}
          rows={backups}
          keyOf={({ name }) => name}
          columns={(of) => [
            of.text(columns.name, ({ name, isScheduled }: BackupView) => (
              <>
                <code class="block">{name}</code>
                {isScheduled && <span class="hint block">{texts.bySchedule}</span>}
                <button
                  type="button"
                  class="small"
                  disabled={busy}
                  aria-label={texts.removeOf(name)}
                  onClick={() => act(() => onRemove(name))}
                >
                  {texts.remove}
                </button>
              </>
            )),
            of.number(columns.files, ({ files }) => count(files)),
            of.number(columns.bytes, ({ bytes: size }) => bytes(size)),
          ]}
        />
      )}
      <div class="buttons">
        <button type="button" class="small" disabled={busy} onClick={() => act(onBackup)}>
          {busy ? texts.working : texts.backUp}
        </button>
      </div>
      <Problem message={problem} say={texts.refused} />
    </div>
  );
}
