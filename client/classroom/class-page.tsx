/** What a teacher projects: desks that light up, answers that come in, and thanks at the end. Nobody's name is on it. */
import { useEffect, useState } from "preact/hooks";
import type { ClassView } from "../../shared/protocol/seats-api.ts";
import { createScreenWake } from "../ui/screen-wake.ts";
import { usePolled } from "../ui/use-polled.ts";
import { classTexts as texts } from "./class-texts.ts";
import { DeskGrid } from "./desk-grid.tsx";
import { ClassFrame, FirstClass } from "./first-class.tsx";
import { JobBoard } from "./job-board.tsx";
import { JoinCard } from "./join-card.tsx";
import { Thanks } from "./thanks.tsx";

const POLL_MS = 1_000;

export function ClassPage() {
  const watchKey = useWatchKey();
  const path = watchKey === null ? null : `/api/classes/${encodeURIComponent(watchKey)}`;
  const { answer: view, failed, code } = usePolled<ClassView>(path, POLL_MS);
  const name = view?.name ?? texts.title;
  useEffect(keepScreenOn, []);
  useEffect(() => {
    document.title = `${name} · Paritab`;
  }, [name]);
  if (watchKey === null || code === "unknown-class") {
    return (
      <ClassFrame title={texts.title}>
        <p class="class-note">{watchKey === null ? texts.noKey : texts.unknown}</p>
      </ClassFrame>
    );
  }
  if (view === null) {
    if (!failed) return <FirstClass />;
    return (
      <ClassFrame title={texts.title}>
        <p class="class-note">{texts.unreachable}</p>
      </ClassFrame>
    );
  }
  return (
    <ClassFrame title={view.name}>
      {failed && (
        <p class="class-note warn" role="status">
          {texts.outOfDate}
        </p>
      )}
      {view.job?.state === "done" ? <Thanks seats={view.seats} job={view.job} /> : <AtWork view={view} />}
    </ClassFrame>
  );
}

function AtWork({ view: { seats, job } }: { view: ClassView }) {
  return (
    <div class="at-work">
      <DeskGrid seats={seats} />
      <div class="column">
        <JobBoard job={job} />
        <JoinCard />
      </div>
    </div>
  );
}

/** Nobody touches the projector's computer for an hour. @returns lets it go */
function keepScreenOn(): () => void {
  const wake = createScreenWake(navigator, document);
  wake.want(true);
  return () => wake.want(false);
}

/** After the `#`, so that it is in nobody's log. */
function useWatchKey(): string | null {
  const read = () => new URLSearchParams(location.hash.replace(/^#/, "")).get("watch");
  const [watchKey, setWatchKey] = useState(read);
  useEffect(() => {
    const onHashChange = () => setWatchKey(read());
    addEventListener("hashchange", onHashChange);
    return () => removeEventListener("hashchange", onHashChange);
  }, []);
  return watchKey === "" ? null : watchKey;
}
