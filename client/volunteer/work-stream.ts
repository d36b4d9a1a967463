/** The jobs at work, as the coordinator tells them while somebody looks: one connection for all that the page shows of them. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { WorkList, WorkView } from "../../shared/kinds/work-view.ts";
import { askJson } from "../../shared/sdk/requests.ts";
import { type Poll, pollWhileVisible } from "../ui/poll.ts";

/** Where there is no stream: a coordinator that has too many readers, or a proxy that keeps events back. */
const POLL_MS = 5_000;

const list = signal<WorkList | null>(null);
/** null: none has come yet. */
export const workList: ReadonlySignal<WorkList | null> = list;

/** @returns the job, as far as it is among those at work */
export function listedWork(jobId: string): WorkView | undefined {
  return list.value?.jobs.find((job) => job.jobId === jobId);
}

/** Listens while the page is seen, for as long as the page is open. */
export function followWork(): void {
  let events: EventSource | null = null;
  let poll: Poll | null = null;

  function listen(): void {
    if (document.visibilityState !== "visible") {
      events?.close();
      events = null;
      return;
    }
    if (events !== null || poll !== null) return;
    events = new EventSource("/api/work.sse");
    events.addEventListener("work", ({ data }: MessageEvent<string>) => {
      list.value = JSON.parse(data) as WorkList;
    });
    events.addEventListener("error", () => {
      // A connection that was lost is made again by the browser; one that was refused is not.
      if (events?.readyState === EventSource.CLOSED) ask();
    });
  }

  function ask(): void {
    events = null;
    poll ??= pollWhileVisible(
      () =>
        askJson<WorkList>({ baseUrl: location.origin, fetch }, "/api/work", {}).then(
          (answer) => {
            list.value = answer;
          },
          () => undefined,
        ),
      POLL_MS,
    );
  }

  document.addEventListener("visibilitychange", listen);
  listen();
}
