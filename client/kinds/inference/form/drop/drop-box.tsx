import { useId, useState } from "preact/hooks";
import { Problem } from "../../../../ui/problem.tsx";
import { dropTexts as texts } from "./drop-texts.ts";
import { droppedFiles, unzipped } from "./dropped-files.ts";
import { type SortedFiles, sortFiles } from "./sort-files.ts";

/** A place to drop whatever one has; it says what it took it for. */
export function DropBox({ onSorted }: { onSorted(sorted: SortedFiles): void }) {
  const [state, setState] = useState<{ sorted: SortedFiles | null; problem: string | null; isReading: boolean }>({
    sorted: null,
    problem: null,
    isReading: false,
  });
  const [isOver, setIsOver] = useState(false);
  const id = useId();

  async function take(found: Promise<File[]> | readonly File[]): Promise<void> {
    setState({ sorted: null, problem: null, isReading: true });
    try {
      const sorted = sortFiles(await unzipped(await found));
      setState({ sorted, problem: null, isReading: false });
      onSorted(sorted);
    } catch (error) {
      setState({ sorted: null, problem: (error as Error).message, isReading: false });
    }
  }

  const { sorted, problem, isReading } = state;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is for the mouse alone; the field inside does the same by keyboard
    <div
      class={isOver ? "drop-box over" : "drop-box"}
      data-testid="drop-box"
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        if (event.dataTransfer !== null) void take(droppedFiles(event.dataTransfer));
      }}
    >
      <label for={id}>{texts.label}</label>
      <input
        id={id}
        type="file"
        multiple
        aria-describedby={`${id}-hint`}
        onChange={({ currentTarget }) => void take([...(currentTarget.files ?? [])])}
      />
      <p class="hint" id={`${id}-hint`}>
        {texts.hint}
      </p>
      <div role="status">
        {isReading && <p class="hint">{texts.reading}</p>}
        {sorted !== null && <Taken sorted={sorted} />}
      </div>
      <Problem message={problem} />
    </div>
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
