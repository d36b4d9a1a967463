import { useState } from "preact/hooks";
import { DropZone } from "../../../../hub/drop-zone.tsx";
import { unpacked } from "../../../../hub/dropped-files.ts";
import { type HubDrop, hubDrop } from "../../../../hub/hub-drop.ts";
import { Problem } from "../../../../ui/problem.tsx";
import { dropTexts as texts } from "./drop-texts.ts";
import { modelTogether, type SortedFiles, sortFiles } from "./sort-files.ts";

interface DropBoxProps {
  /** What was dropped before, where it was a Hugging Face folder. */
  readonly hub: HubDrop | null;
  /** Of a model of another kind, as far as they were chosen. */
  readonly modelFiles: readonly File[];
  /** null: what was dropped now is a model of another kind. */
  onHub(drop: HubDrop | null): void;
  onSorted(sorted: SortedFiles): void;
}

/** A place to drop whatever one has; it says what it took it for. */
export function DropBox({ hub, modelFiles, onHub, onSorted }: DropBoxProps) {
  const [state, setState] = useState<{ sorted: SortedFiles | null; problem: string | null; isReading: boolean }>({
    sorted: null,
    problem: null,
    isReading: false,
  });
  async function take(found: Promise<File[]>): Promise<void> {
    setState({ sorted: null, problem: null, isReading: true });
    try {
      const files = await unpacked(await found);
      const drop = hubDrop(files, hub);
      const sorted = drop === null ? withModelBefore(sortFiles(files)) : null;
      setState({ sorted, problem: null, isReading: false });
      if (drop !== null) return onHub(drop);
      if (sorted!.model.length > 0) onHub(null);
      onSorted(sorted!);
    } catch (error) {
      setState({ sorted: null, problem: (error as Error).message, isReading: false });
    }
  }

  function withModelBefore(sorted: SortedFiles): SortedFiles {
    return sorted.model.length === 0 ? sorted : { ...sorted, model: modelTogether(sorted.model, modelFiles) };
  }

  const { sorted, problem, isReading } = state;
  return (
    <DropZone label={texts.label} hint={texts.hint} folder={texts.folder} onFiles={(found) => void take(found)}>
      <div role="status">
        {isReading && <p class="hint">{texts.reading}</p>}
        {sorted !== null && <Taken sorted={sorted} />}
      </div>
      <Problem message={problem} />
    </DropZone>
  );
}

function Taken({ sorted: { model, queries, labels, refused } }: { sorted: SortedFiles }) {
  const [first] = queries;
  const taken = [
    model.length > 0 ? texts.tookModel(model.map(({ name }) => name)) : null,
    queries.length > 1
      ? texts.tookPictures(queries.length)
      : first === undefined
        ? null
        : texts.tookQueries(first.name),
    labels === null ? null : texts.tookLabels(labels.name),
  ].filter((words) => words !== null);
  return (
    <>
      {taken.length === 0 ? <p class="note warn">{texts.nothing}</p> : <p>{`${texts.took} ${taken.join("; ")}.`}</p>}
      {refused.length > 0 && (
        <ul class="note warn">
          {refused.map(({ name, say }) => (
            <li key={name}>{texts.refused(name, say)}</li>
          ))}
        </ul>
      )}
    </>
  );
}
