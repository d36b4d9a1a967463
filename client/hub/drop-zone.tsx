import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { chosenFiles, droppedFiles } from "./dropped-files.ts";

interface DropZoneProps {
  readonly label: string;
  readonly hint: string;
  /** Beside the field that takes a folder. */
  readonly folder: string;
  /** Of folders with their paths. */
  onFiles(files: Promise<File[]>): void;
  /** What came of it. */
  readonly children?: ComponentChildren;
}

/** A place for files and folders: by the mouse they are dropped, by keyboard chosen. */
export function DropZone({ label, hint, folder, onFiles, children }: DropZoneProps) {
  const [isOver, setIsOver] = useState(false);
  const id = useId();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is for the mouse alone; the fields inside do the same by keyboard
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
        if (event.dataTransfer !== null) onFiles(droppedFiles(event.dataTransfer));
      }}
    >
      <label for={id}>{label}</label>
      <input
        id={id}
        type="file"
        multiple
        aria-describedby={`${id}-hint`}
        onChange={({ currentTarget }) => onFiles(Promise.resolve(chosenFiles(currentTarget.files)))}
      />
      <label for={`${id}-folder`}>{folder}</label>
      <input
        id={`${id}-folder`}
        type="file"
        multiple
        {...{ webkitdirectory: true }}
        onChange={({ currentTarget }) => onFiles(Promise.resolve(chosenFiles(currentTarget.files)))}
      />
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
      {children}
    </div>
  );
}
