/** Whom the operator takes no work from, by a decision of their own; and undoing that. */
import { useState } from "preact/hooks";
import type { BanRequest, BanView } from "../../shared/protocol/bans-api.ts";
import type { SessionView } from "../../shared/protocol/crowd-api.ts";
import { BAN_REASON_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import { Field, TextField } from "../ui/field.tsx";
import { useAction } from "../ui/jobs/use-action.ts";
import { useNow } from "../ui/now.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { Problem } from "../ui/problem.tsx";
import { DataTable } from "../ui/table.tsx";
import { ago } from "../ui/units.ts";

const texts = operatorTexts.bans;
const NETWORK = "network";
const DAYS = [null, 1 / 24, 1, 7, 30] as const;

interface BansPanelProps {
  readonly bans: readonly BanView[];
  readonly sessions: readonly SessionView[];
  onBan(request: BanRequest): Promise<void>;
  onLift(banId: string): Promise<void>;
}

export function BansPanel({ bans, sessions, onBan, onLift }: BansPanelProps) {
  const { busy, problem, act } = useAction();
  const nowMs = useNow(5_000);
  const { columns } = texts;
  return (
    <section class="panel bans" aria-labelledby="bans-title">
      <h2 id="bans-title">{texts.title}</h2>
      <p class="hint">{texts.note}</p>
      {bans.length === 0 ? (
        <p>{texts.none}</p>
      ) : (
        <DataTable
          label={texts.title}
          rows={bans}
          keyOf={({ banId }) => banId}
          columns={(of) => [
            of.text(columns.who, ({ banId, who }: BanView) => (
              <>
                <code class="block">{nameOf(who, sessions)}</code>
                <button
                  type="button"
                  class="small"
                  disabled={busy}
                  aria-label={texts.liftOf(nameOf(who, sessions))}
                  onClick={() => act(() => onLift(banId))}
                >
                  {texts.lift}
                </button>
              </>
            )),
            of.text(columns.reason, ({ reason }) => reason),
            of.text(columns.since, ({ sinceMs }) => ago(sinceMs, nowMs)),
            of.text(columns.until, ({ untilMs }) => (untilMs === null ? texts.forGood : texts.untilText(untilMs))),
          ]}
        />
      )}
      <Problem message={problem} say={texts.refused} />
      <BanForm sessions={sessions} onBan={onBan} />
    </section>
  );
}

function nameOf(who: BanView["who"], sessions: readonly SessionView[]): string {
  if (who.kind === "addresses") return who.prefix;
  const { nickname } = sessions.find(({ volunteerId }) => volunteerId === who.volunteerId) ?? {};
  return nickname === undefined ? who.volunteerId.slice(0, 12) : `${nickname} (${who.volunteerId.slice(0, 12)})`;
}

function BanForm({ sessions, onBan }: Pick<BansPanelProps, "sessions" | "onBan">) {
  const [who, setWho] = useState(NETWORK);
  const [prefix, setPrefix] = useState("");
  const [reason, setReason] = useState("");
  const [days, setDays] = useState("");
  const { busy, problem, act } = useAction();
  const volunteers = new Map(sessions.map(({ volunteerId, nickname }) => [volunteerId, nickname]));
  const request: BanRequest = {
    who: who === NETWORK ? { kind: "addresses", prefix: prefix.trim() } : { kind: "volunteer", volunteerId: who },
    reason: reason.trim(),
    days: days === "" ? null : Number(days),
  };
  const isWhole = reason.trim() !== "" && (who !== NETWORK || prefix.trim() !== "");
  return (
    <form
      class="reason-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        act(async () => {
          await onBan(request);
          setWho(NETWORK);
          setReason("");
          setPrefix("");
        });
      }}
    >
      <Field label={texts.who}>
        {(ids) => (
          <select {...ids} value={who} onChange={(event) => setWho(event.currentTarget.value)}>
            <option value={NETWORK}>{texts.network}</option>
            {[...volunteers].map(([volunteerId, nickname]) => (
              <option key={volunteerId} value={volunteerId}>
                {nickname} ({volunteerId.slice(0, 12)})
              </option>
            ))}
          </select>
        )}
      </Field>
      {who === NETWORK && (
        <TextField label={texts.prefix} hint={texts.prefixHint} value={prefix} maxLength={64} onInput={setPrefix} />
      )}
      <TextField
        label={texts.reason}
        hint={texts.reasonHint}
        value={reason}
        maxLength={BAN_REASON_LENGTH_MAX}
        onInput={setReason}
      />
      <Field label={texts.howLong}>
        {(ids) => (
          <select {...ids} value={days} onChange={(event) => setDays(event.currentTarget.value)}>
            {DAYS.map((option) => (
              <option key={option} value={option ?? ""}>
                {texts.days(option)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <button type="submit" disabled={busy || !isWhole}>
        {texts.ban}
      </button>
      <Problem message={problem} say={texts.refused} />
    </form>
  );
}
