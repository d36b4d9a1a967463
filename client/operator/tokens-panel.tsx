import { useState } from "preact/hooks";
import type { TokenView } from "../../shared/protocol/access-api.ts";
import { Field } from "../ui/field.tsx";
import { useAction } from "../ui/jobs/use-action.ts";
import { useNow } from "../ui/now.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { Problem } from "../ui/problem.tsx";
import { DataTable } from "../ui/table.tsx";
import { ago, dateTime } from "../ui/units.ts";

const texts = operatorTexts.tokens;

interface TokensPanelProps {
  /** null: this coordinator needs none. */
  readonly tokens: readonly TokenView[] | null;
  /** @returns the token, told this once */
  onMake(submitter: string, days: number | null): Promise<string>;
  onRevoke(tokenId: string): Promise<void>;
}

/** Who may submit: tokens made, revoked, and when they were used last. */
export function TokensPanel({ tokens, onMake, onRevoke }: TokensPanelProps) {
  const nowMs = useNow(5_000);
  const { busy, problem, act } = useAction();
  const { columns } = texts;
  return (
    <section class="panel tokens" aria-labelledby="tokens-title">
      <h2 id="tokens-title">{texts.title}</h2>
      {tokens === null && <p class="hint">{texts.none}</p>}
      {tokens !== null && (
        <>
          <DataTable
            label={texts.title}
            rows={tokens.toSorted((a, b) => b.createdMs - a.createdMs)}
            keyOf={({ tokenId }) => tokenId}
            columns={(of) => [
              of.text(columns.submitter, ({ submitter, tokenId, revokedMs }) => (
                <>
                  <span class="block">{submitter}</span>
                  {revokedMs === null && (
                    <button
                      type="button"
                      class="small"
                      disabled={busy}
                      aria-label={texts.revokeOf(submitter, tokenId)}
                      onClick={() => act(() => onRevoke(tokenId))}
                    >
                      {texts.revoke}
                    </button>
                  )}
                </>
              )),
              of.text(columns.scopes, ({ scopes, jobId }) => (jobId === null ? scopes.join(", ") : texts.link)),
              of.text(columns.made, ({ createdMs }) => dateTime(createdMs)),
              of.text(columns.state, (token) => stateOf(token, nowMs)),
              of.text(columns.used, ({ lastUsedMs }) =>
                lastUsedMs === null ? texts.neverUsed : ago(lastUsedMs, nowMs),
              ),
            ]}
          />
          <Problem message={problem} say={texts.refused} />
          <TokenForm onMake={onMake} />
        </>
      )}
    </section>
  );
}

function stateOf({ revokedMs, expiresMs }: TokenView, nowMs: number): string {
  if (revokedMs !== null) return texts.revoked;
  if (expiresMs === null) return texts.forEver;
  return expiresMs <= nowMs ? texts.expired : texts.until(dateTime(expiresMs));
}

function TokenForm({ onMake }: Pick<TokensPanelProps, "onMake">) {
  const [submitter, setSubmitter] = useState("");
  const [days, setDays] = useState("");
  const [made, setMade] = useState<string | null>(null);
  const { busy, problem, act } = useAction();
  const daysNumber = days.trim() === "" ? null : Number(days);
  const areDaysWrong = daysNumber !== null && !(Number.isInteger(daysNumber) && daysNumber > 0);
  return (
    <form
      class="fields"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        act(async () => {
          setMade(await onMake(submitter.trim(), daysNumber));
          setSubmitter("");
        });
      }}
    >
      <div class="fields row">
        <Field label={texts.submitter} hint={texts.scopes}>
          {(ids) => (
            <input
              {...ids}
              type="text"
              value={submitter}
              onInput={(event) => setSubmitter(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label={texts.days} problem={areDaysWrong ? texts.daysWrong : undefined}>
          {(ids) => (
            <input
              {...ids}
              type="text"
              inputMode="numeric"
              value={days}
              onInput={(event) => setDays(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
      <div class="buttons">
        <button type="submit" class="small" disabled={busy || submitter.trim() === "" || areDaysWrong}>
          {texts.make}
        </button>
      </div>
      <Problem message={problem} say={texts.refused} />
      <div role="status">
        {made !== null && (
          <p class="note">
            {texts.made} <output>{made}</output>
          </p>
        )}
      </div>
    </form>
  );
}
