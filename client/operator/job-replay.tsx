import { useEffect, useMemo, useState } from "preact/hooks";
import type { JobView } from "../../shared/kinds/kinds.ts";
import type { SessionView } from "../../shared/protocol/crowd-api.ts";
import type { JobLogEntry, JobLogView } from "../../shared/protocol/operator-api.ts";
import { Field, TextField } from "../ui/field.tsx";
import { saveFile } from "../ui/jobs/save-file.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { Scroll } from "../ui/scroll.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { count } from "../ui/units.ts";
import type { OpenLog } from "./operator-store.ts";
import { filtered, type LogFilter, NO_FILTER, standingAfter, valuesOf } from "./replay.ts";

const texts = operatorTexts.log;
/** Entries in sight, the one that is looked at the last of them. */
const ENTRIES_SHOWN = 20;

interface JobReplayProps {
  readonly jobs: readonly JobView[];
  readonly sessions: readonly SessionView[];
  readonly open: OpenLog;
  onChoose(jobId: string | null): void;
}

/** The log of a job: chosen, filtered, and gone through one entry after the other. */
export function JobReplay({ jobs, sessions, open, onChoose }: JobReplayProps) {
  const chosen = open.kind === "none" ? "" : open.kind === "open" ? open.log.jobId : open.jobId;
  return (
    <section class="panel replay" aria-labelledby="replay-title">
      <h2 id="replay-title">{texts.title}</h2>
      <Field label={texts.choose}>
        {(ids) => (
          <select {...ids} value={chosen} onChange={(event) => onChoose(event.currentTarget.value || null)}>
            <option value="">{texts.none}</option>
            {jobs.map(({ jobId, name }) => (
              <option key={jobId} value={jobId}>
                {`${name} (${jobId.slice(0, 8)})`}
              </option>
            ))}
          </select>
        )}
      </Field>
      {open.kind === "fetching" && <p class="hint">{texts.fetching}</p>}
      {open.kind === "failed" && (
        <p class="note error" role="alert">
          {texts.failed(open.problem)}
        </p>
      )}
      {open.kind === "open" && <Replay key={open.log.jobId} log={open.log} sessions={sessions} />}
    </section>
  );
}

function Replay({ log, sessions }: { log: JobLogView; sessions: readonly SessionView[] }) {
  const [filter, setFilter] = useState<LogFilter>(NO_FILTER);
  const shown = useMemo(() => filtered(log.entries, filter), [log, filter]);
  const [at, setAt] = useState(shown.length - 1);
  useEffect(() => setAt(shown.length - 1), [shown]);
  const current = shown[at];
  const standing = useMemo(
    () => standingAfter(log.entries, current === undefined ? 0 : log.entries.indexOf(current) + 1),
    [log, current],
  );
  const nameOf = (volunteerId: string) =>
    sessions.find((session) => session.volunteerId === volunteerId)?.nickname ?? volunteerId.slice(0, 12);
  const change = (changes: Partial<LogFilter>) => setFilter({ ...filter, ...changes });
  const step = (to: number) => setAt(Math.min(shown.length - 1, Math.max(0, to)));

  return (
    <>
      {log.isCut && <p class="note warn">{texts.cut}</p>}
      <div class="fields row">
        <Choose label={texts.what} all={texts.everything} value={filter.what} onChange={(what) => change({ what })}>
          {valuesOf(log.entries, "what")}
        </Choose>
        <Choose
          label={texts.volunteer}
          all={texts.everybody}
          value={filter.volunteerId}
          nameOf={nameOf}
          onChange={(volunteerId) => change({ volunteerId })}
        >
          {valuesOf(log.entries, "volunteerId")}
        </Choose>
        <TextField
          label={texts.round}
          inputMode="numeric"
          value={filter.roundIndex === null ? "" : String(filter.roundIndex + 1)}
          onInput={(text) => change({ roundIndex: /^[1-9]\d{0,8}$/.test(text) ? Number(text) - 1 : null })}
        />
      </div>
      <div class="buttons">
        <button type="button" class="small" disabled={at <= 0} onClick={() => step(0)}>
          {texts.first}
        </button>
        <button type="button" class="small" disabled={at <= 0} onClick={() => step(at - 1)}>
          {texts.back}
        </button>
        <button type="button" class="small" disabled={at >= shown.length - 1} onClick={() => step(at + 1)}>
          {texts.forward}
        </button>
        <button type="button" class="small" disabled={at >= shown.length - 1} onClick={() => step(shown.length - 1)}>
          {texts.last}
        </button>
        <button
          type="button"
          class="small"
          onClick={() =>
            saveFile(new Blob([JSON.stringify(log)], { type: "application/json" }), `${log.jobId}-log.json`)
          }
        >
          {texts.download}
        </button>
      </div>
      {shown.length > 0 && (
        <input
          type="range"
          class="steps"
          aria-label={texts.steps}
          min={0}
          max={shown.length - 1}
          value={at}
          onInput={(event) => step(event.currentTarget.valueAsNumber)}
        />
      )}
      <p class="hint" data-testid="position">
        {shown.length === 0 ? texts.nothing : texts.position(at + 1, shown.length)}
      </p>
      <dl class="facts standing" aria-label={texts.standing.title}>
        {(
          [
            [texts.standing.out, standing.out],
            [texts.standing.answered, standing.answered],
            [texts.standing.passed, standing.checksPassed],
            [texts.standing.failed, standing.checksFailed],
            [texts.standing.published, standing.roundsPublished],
            [texts.standing.withdrawn, standing.withdrawn],
          ] as const
        ).map(([term, figure]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd class="figure">{count(figure)}</dd>
          </div>
        ))}
      </dl>
      {shown.length > 0 && (
        <Entries
          entries={shown.slice(Math.max(0, at + 1 - ENTRIES_SHOWN), at + 1)}
          startMs={log.entries[0]!.atMs}
          nameOf={nameOf}
        />
      )}
    </>
  );
}

interface ChooseProps {
  readonly label: string;
  readonly all: string;
  readonly value: string;
  readonly children: readonly string[];
  nameOf?(value: string): string;
  onChange(value: string): void;
}

function Choose({ label, all, value, children, nameOf = (text) => text, onChange }: ChooseProps) {
  return (
    <Field label={label}>
      {(ids) => (
        <select {...ids} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          <option value="">{all}</option>
          {children.map((one) => (
            <option key={one} value={one}>
              {nameOf(one)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface EntriesProps {
  readonly entries: readonly JobLogEntry[];
  /** When the job began: times are told from there. */
  readonly startMs: number;
  nameOf(volunteerId: string): string;
}

function Entries({ entries, startMs, nameOf }: EntriesProps) {
  const { columns } = texts;
  return (
    <Scroll label={texts.title}>
      <table class="entries">
        <TableHead
          columns={[
            { numbers: columns.at },
            columns.what,
            { numbers: columns.round },
            { numbers: columns.worker },
            columns.volunteer,
            columns.detail,
          ]}
        />
        <tbody>
          {entries.map((entry, i) => (
            <tr key={i} aria-current={i === entries.length - 1 ? "step" : undefined}>
              <td class="number">{texts.at(entry.atMs - startMs)}</td>
              <td>{entry.what}</td>
              <td class="number">
                {entry.roundIndex === undefined ? "" : texts.roundText(entry.roundIndex, entry.generation)}
              </td>
              <td class="number">{entry.workerIndex ?? ""}</td>
              <td title={entry.volunteerId}>{entry.volunteerId === undefined ? "" : nameOf(entry.volunteerId)}</td>
              <td>{entry.detail ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
