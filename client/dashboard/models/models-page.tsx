import { useState } from "preact/hooks";
import type { V1Model } from "../../../shared/protocol/v1-api.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { useAction } from "../../ui/jobs/use-action.ts";
import { Problem } from "../../ui/problem.tsx";
import { DataTable } from "../../ui/table.tsx";
import { dashboard } from "../../ui/texts.ts";
import { count } from "../../ui/units.ts";
import type { DashboardStore } from "../dashboard-store.ts";
import { PageHeading } from "../page-heading.tsx";
import { SnippetBox } from "../snippet-box.tsx";
import { AddModel } from "./add-model.tsx";
import { callSnippets } from "./call-snippets.ts";
import { modelsTexts as texts } from "./models-texts.ts";

/** The models that are asked for by name through /v1: which there are, how one gets its name, and how a program asks for it. */
export function ModelsPage({ store }: { store: DashboardStore }) {
  const models = store.models.value;
  const [last] = models?.toSorted((a, b) => b.created - a.created) ?? [];
  return (
    <>
      <div class="intro">
        <PageHeading title={texts.title}>{texts.title}</PageHeading>
        <p class="lead">{texts.lead}</p>
        <p class="hint">{texts.who}</p>
      </div>
      <div class="column">
        {models === null ? (
          <p class="hint">{dashboard.loading}</p>
        ) : (
          <Models client={store.client} models={models} onRemoved={store.refresh} />
        )}
        <AddModel client={store.client} onAdded={store.refresh} />
        {last !== undefined && (
          <section class="panel asked" aria-labelledby="call-model">
            <h2 id="call-model">{texts.call.title}</h2>
            <p class="hint">{texts.call.lead}</p>
            {callSnippets(last.id, location.origin).map(({ language, text }) => (
              <SnippetBox key={language} name={texts.call.languages[language]} text={text} />
            ))}
          </section>
        )}
      </div>
    </>
  );
}

interface ModelsProps {
  readonly client: ParitabClient;
  readonly models: readonly V1Model[];
  onRemoved(): void;
}

function Models({ client, models, onRemoved }: ModelsProps) {
  const { columns } = texts;
  return (
    <section class="panel" aria-labelledby="named-models">
      <h2 id="named-models">{texts.list}</h2>
      {models.length === 0 ? (
        <p class="hint">{texts.none}</p>
      ) : (
        <DataTable
          label={texts.list}
          rows={models}
          keyOf={({ id }) => id}
          columns={(of) => [
            of.head(columns.name, ({ id }) => id),
            of.number(columns.dimensions, ({ paritab }) => count(paritab.dimensions)),
            of.number(columns.tokens, ({ paritab }) =>
              paritab.tokens === null ? texts.noLimit : count(paritab.tokens),
            ),
            of.text(columns.of, ({ owned_by }) => owned_by),
            of.text(columns.since, ({ created }) => new Date(created * 1000).toLocaleDateString()),
            of.text(columns.remove, ({ id }) => <RemoveModel client={client} id={id} onRemoved={onRemoved} />),
          ]}
        />
      )}
    </section>
  );
}

/** Asked once more: programs may rely on the name. */
function RemoveModel({ client, id, onRemoved }: { client: ParitabClient; id: string; onRemoved(): void }) {
  const [isAsking, setIsAsking] = useState(false);
  const { busy, problem, act } = useAction(onRemoved);
  if (!isAsking) {
    return (
      <button type="button" class="small" aria-label={texts.removeNamed(id)} onClick={() => setIsAsking(true)}>
        {texts.remove}
      </button>
    );
  }
  return (
    <>
      <p role="status">{texts.ask(id)}</p>
      <div class="buttons">
        <button type="button" class="small" disabled={busy} onClick={() => act(() => client.removeNamedModel(id))}>
          {texts.yes}
        </button>
        <button type="button" class="small" onClick={() => setIsAsking(false)}>
          {texts.no}
        </button>
      </div>
      <Problem message={problem} />
    </>
  );
}
