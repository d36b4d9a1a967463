import { useState } from "preact/hooks";
import type { Pool } from "../../../shared/hub/pooling.ts";
import { modelNameProblem } from "../../../shared/protocol/model-name.ts";
import type { V1Model } from "../../../shared/protocol/v1-api.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { DropZone } from "../../hub/drop-zone.tsx";
import { unpacked } from "../../hub/dropped-files.ts";
import { type HubDrop, hubDrop } from "../../hub/hub-drop.ts";
import { PoolingChoice } from "../../hub/pooling-choice.tsx";
import { TextField } from "../../ui/field.tsx";
import { useAction } from "../../ui/jobs/use-action.ts";
import { Problem } from "../../ui/problem.tsx";
import { useAsked } from "../../ui/use-asked.ts";
import { modelsTexts } from "./models-texts.ts";

const texts = modelsTexts.add;

interface Chosen {
  readonly drop: HubDrop | null;
  readonly name: string;
  readonly pool: Pool | null;
  readonly normalizes: boolean | null;
}

const NOTHING: Chosen = { drop: null, name: "", pool: null, normalizes: null };

/** A folder gets a name. What is wrong with it is told before anything is sent. */
export function AddModel({ client, onAdded }: { client: ParitabClient; onAdded(): void }) {
  const [chosen, setChosen] = useState<Chosen>(NOTHING);
  const [added, setAdded] = useState<V1Model | null>(null);
  const dropping = useAction();
  const { busy, problem, act } = useAction(onAdded);
  const { drop, name, pool, normalizes } = chosen;
  const looked = useAsked(drop === null ? null : [drop, pool, normalizes], async () => {
    const { lookAtModel } = await import("./look-at-model.ts");
    return lookAtModel(drop!, pool, normalizes);
  });

  const nameProblem = name.trim() === "" ? null : modelNameProblem(name.trim());

  async function take(found: Promise<File[]>): Promise<void> {
    setAdded(null);
    const next = hubDrop(await unpacked(await found), null);
    setChosen((before) => ({ ...before, drop: next, name: next?.name ?? before.name }));
    if (next === null) throw new Error(texts.noFolder);
  }

  async function add(): Promise<void> {
    if (looked.kind !== "there") return;
    const settings = { pool: pool ?? undefined, normalize: normalizes ?? undefined };
    setAdded(await client.addNamedModel(name.trim(), looked.value.files, settings));
    setChosen(NOTHING);
  }

  return (
    <section class="panel" aria-labelledby="add-model">
      <h2 id="add-model">{texts.title}</h2>
      <form
        class="fields"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          act(add);
        }}
      >
        <DropZone
          label={texts.drop}
          hint={texts.hint}
          folder={texts.folder}
          onFiles={(found) => dropping.act(() => take(found))}
        >
          <div role="status">
            {looked.kind === "asking" && <p class="hint">{texts.looking}</p>}
            {drop !== null && looked.kind === "there" && <p>{[...drop.files.keys()].join(", ")}</p>}
          </div>
          <Problem message={dropping.problem ?? (looked.kind === "failed" ? looked.message : null)} />
        </DropZone>
        <TextField
          label={texts.name}
          hint={texts.nameHint}
          problem={nameProblem ?? undefined}
          value={name}
          onInput={(typed) => setChosen((before) => ({ ...before, name: typed }))}
        />
        <PoolingChoice
          pool={pool}
          normalizes={normalizes}
          choose={(changes) => setChosen((before) => ({ ...before, ...changes }))}
        />
        <button
          type="submit"
          class="primary"
          disabled={busy || looked.kind !== "there" || name.trim() === "" || nameProblem !== null}
        >
          {busy ? texts.adding : texts.button}
        </button>
        <p role="status">{added !== null && texts.added(added.id, added.paritab.dimensions)}</p>
        <Problem message={problem} />
      </form>
    </section>
  );
}
