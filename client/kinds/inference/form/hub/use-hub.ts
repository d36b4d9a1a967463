/** What becomes of a dropped folder, again whenever it or what is asked of it changes. */
import { useEffect, useState } from "preact/hooks";
import type { HubDrop } from "../../../../hub/hub-drop.ts";
import { hubWords as words } from "./hub-words.ts";
import type { HubAsked } from "./prepare-hub.ts";
import type { Prepared } from "./prepared.ts";

export type HubState =
  | { readonly kind: "nothing" }
  | { readonly kind: "reading"; readonly words: string }
  | { readonly kind: "there"; readonly prepared: Prepared }
  /** skippable: so many pictures cannot be read, and it would go on without them. */
  | { readonly kind: "failed"; readonly message: string; readonly skippable: number };

/** Between two words on how far it is. */
const SAY_EVERY_MS = 200;

export function useHub(drop: HubDrop | null, asked: HubAsked): HubState {
  const [state, setState] = useState<HubState>({ kind: "nothing" });
  const { column, pool, normalizes, truncates, skipsBroken } = asked;
  useEffect(() => {
    if (drop === null) {
      setState({ kind: "nothing" });
      return;
    }
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const tell = (next: HubState) => {
      if (!signal.aborted) setState(next);
    };
    let toldMs = Number.NEGATIVE_INFINITY;
    const onProgress = (told: string) => {
      const nowMs = performance.now();
      if (nowMs - toldMs < SAY_EVERY_MS) return;
      toldMs = nowMs;
      tell({ kind: "reading", words: told });
    };
    tell({ kind: "reading", words: words.begin });
    // Loaded with the first folder: it brings tokenizers, decoders and the model formats along.
    import("./prepare-hub.ts")
      .then(({ prepareHub }) =>
        prepareHub(drop, { column, pool, normalizes, truncates, skipsBroken }, { signal, onProgress }),
      )
      .then(
        (prepared) => tell({ kind: "there", prepared }),
        (error: Error) => tell({ kind: "failed", message: error.message, skippable: skippableIn(error) }),
      );
    return () => giveUp.abort();
  }, [drop, column, pool, normalizes, truncates, skipsBroken]);
  return state;
}

/** The error is known by what it has: its class is loaded with the first folder. */
function skippableIn(error: Error): number {
  return "skippable" in error && typeof error.skippable === "number" ? error.skippable : 0;
}
