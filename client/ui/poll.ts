/**
 * Asks again and again while somebody looks: one question at a time, none in a hidden page, and at once when the page is
 * shown again.
 * @returns asks now; `stop` ends it
 */
export interface Poll {
  now(): void;
  stop(): void;
}

/** @param visibility where "hidden" can be read and its change heard: the document */
export function pollWhileVisible(
  ask: () => Promise<void>,
  everyMs: number,
  visibility: Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener"> = document,
): Poll {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let askAgain = false;
  let stopped = false;

  async function run(): Promise<void> {
    clearTimeout(timer);
    if (asking) {
      askAgain = true;
      return;
    }
    asking = true;
    do {
      askAgain = false;
      await ask();
    } while (askAgain && !stopped);
    asking = false;
    if (!stopped && visibility.visibilityState === "visible") timer = setTimeout(run, everyMs);
  }

  function onVisibility(): void {
    if (visibility.visibilityState === "visible") void run();
    else clearTimeout(timer);
  }

  visibility.addEventListener("visibilitychange", onVisibility);
  void run();
  return {
    now: () => void run(),
    stop() {
      stopped = true;
      clearTimeout(timer);
      visibility.removeEventListener("visibilitychange", onVisibility);
    },
  };
}
