import { useEffect, useMemo, useState } from "preact/hooks";
import type { JobView } from "../../shared/kinds/kinds.ts";
import type { SessionView } from "../../shared/protocol/crowd-api.ts";
import type { JobLogEntry, JobLogView } from "../../shared/protocol/operator-api.ts";
import { Field, TextField } from "../ui/field.tsx";
import { saveFile } from "../ui/jobs/save-file.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { Problem } from "../ui/problem.tsx";
import { DataTable } from "../ui/table.tsx";
import { Terms } from "../ui/terms.tsx";
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
      <Problem message={open.kind === "failed" ? open.problem : null} say={texts.failed} />
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
        {(
          [
            [texts.first, 0],
            [texts.back, at - 1],
            [texts.forward, at + 1],
            [texts.last, shown.length - 1],
          ] as const
        ).map(([words, to], i) => (
          <button
            key={words}
            type="button"
            class="small"
            disabled={i < 2 ? at <= 0 : at >= shown.length - 1}
            onClick={() => step(to)}
          >
            {words}
          </button>
        ))}
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
      <Terms
        class="facts standing"
        label={texts.standing.title}
        areFigures
        rows={[
          [texts.standing.out, count(standing.out)],
          [texts.standing.answered, count(standing.answered)],
          [texts.standing.passed, count(standing.checksPassed)],
          [texts.standing.failed, count(standing.checksFailed)],
          [texts.standing.published, count(standing.roundsPublished)],
          [texts.standing.withdrawn, count(standing.withdrawn)],
        ]}
      />
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
    <DataTable
      label={texts.title}
      class="entries"
      rows={entries}
      isCurrent={(_entry, i) => i === entries.length - 1}
      columns={(of) => [
        of.number(columns.at, ({ atMs }) => texts.at(atMs - startMs)),
        of.text(columns.what, ({ what }) => what),
        of.number(columns.round, ({ roundIndex, generation }) =>
          roundIndex === undefined ? "" : texts.roundText(roundIndex, generation),
        ),
        of.number(columns.worker, ({ workerIndex }) => workerIndex ?? ""),
        of.text(
          columns.volunteer,
          ({ volunteerId }) => (volunteerId === undefined ? "" : nameOf(volunteerId)),
          ({ volunteerId }) => volunteerId,
        ),
        of.text(columns.detail, ({ detail }) => detail ?? ""),
      ]}
    />
  );
}
