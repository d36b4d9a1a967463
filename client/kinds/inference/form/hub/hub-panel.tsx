import type { HubDrop } from "../../../../hub/hub-drop.ts";
import { takesTexts } from "../../../../hub/hub-drop.ts";
import { PoolingChoice } from "../../../../hub/pooling-choice.tsx";
import { TextField } from "../../../../ui/field.tsx";
import { Problem } from "../../../../ui/problem.tsx";
import { hubWords as words } from "./hub-words.ts";
import type { HubAsked } from "./prepare-hub.ts";
import type { Prepared, PreparedTexts } from "./prepared.ts";
import type { HubState } from "./use-hub.ts";

interface HubPanelProps {
  readonly drop: HubDrop;
  readonly state: HubState;
  readonly asked: HubAsked;
  ask(changes: Partial<HubAsked>): void;
  forget(): void;
}

const TEXTS_SHOWN = 5;
const LETTERS_SHOWN = 160;

/** What a dropped folder was taken for, what becomes of its pictures or texts, and what may be asked of those. */
export function HubPanel({ drop, state, asked, ask, forget }: HubPanelProps) {
  return (
    <section class="preview" aria-label={words.title} data-testid="hub">
      <div role="status">
        {state.kind === "reading" && <p class="hint">{state.words}</p>}
        {state.kind === "there" && <About prepared={state.prepared} />}
      </div>
      {!takesTexts(drop) && drop.others.length > 0 && <p class="hint">{words.others(drop.others)}</p>}
      <Problem message={state.kind === "failed" ? state.message : null} />
      {takesTexts(drop) && <TextSettings asked={asked} ask={ask} />}
      {state.kind === "there" && state.prepared.kind === "texts" && <FirstTexts prepared={state.prepared} />}
      <div class="buttons">
        {state.kind === "failed" && state.skippable > 0 && (
          <button type="button" class="small" onClick={() => ask({ skipsBroken: true })}>
            {words.goOnWithout(state.skippable)}
          </button>
        )}
        <button type="button" class="small" onClick={forget}>
          {words.forget}
        </button>
      </div>
    </section>
  );
}

function About({ prepared }: { prepared: Prepared }) {
  if (prepared.kind === "pictures") {
    const { names, labels, skipped = [] } = prepared.brought;
    const { height, width } = prepared.size;
    return (
      <>
        <p>{words.pictures(prepared.name, names.length, height, width, labels?.names.length ?? null)}</p>
        {skipped.length > 0 && <p data-testid="skipped">{words.skipped(skipped.map(({ file }) => file))}</p>}
      </>
    );
  }
  const { texts, ids, buckets, cutCount, task } = prepared.corpus;
  const tokens = ids.reduce((sum, { length }) => sum + length, 0);
  return (
    <>
      <p>{words.texts(prepared.name, texts.length, tokens, task.gives)}</p>
      {task.gives === "vectors" && <p>{words.pooled(task.pool, task.normalizes)}</p>}
      <p>{words.buckets(buckets.map(({ length, places }) => [places.length, length] as const))}</p>
      {cutCount > 0 && <p>{words.cut(cutCount)}</p>}
    </>
  );
}

function FirstTexts({ prepared: { corpus } }: { prepared: PreparedTexts }) {
  return (
    <ol class="first-texts" aria-label={words.first}>
      {corpus.texts.slice(0, TEXTS_SHOWN).map((text, place) => (
        <li key={place}>{text.length > LETTERS_SHOWN ? `${text.slice(0, LETTERS_SHOWN)}…` : text}</li>
      ))}
    </ol>
  );
}

function TextSettings({ asked, ask }: Pick<HubPanelProps, "asked" | "ask">) {
  return (
    <>
      <TextField
        label={words.column}
        hint={words.columnHint}
        value={asked.column ?? ""}
        onInput={(column) => ask({ column: column.trim() === "" ? null : column.trim() })}
      />
      <PoolingChoice pool={asked.pool} normalizes={asked.normalizes} choose={ask} />
      <label class="choice">
        <input
          type="checkbox"
          checked={asked.truncates}
          onChange={({ currentTarget }) => ask({ truncates: currentTarget.checked })}
        />
        {words.truncate}
      </label>
    </>
  );
}
