import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "./problem.tsx";
import { dashboard as texts } from "./texts.ts";

type Part<Props> = (props: Props) => ComponentChild;

/** A part of the page whose scripts come when it is first shown: whoever looks at the list loads no form. */
export function loadedLater<Props extends object>(load: () => Promise<Part<Props>>): Part<Props> {
  let loaded: Part<Props> | null = null;
  return function LoadedLater(props: Props) {
    const [state, setState] = useState<{ part: Part<Props> | null; problem: string | null }>({
      part: loaded,
      problem: null,
    });
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        (part) => {
          loaded = part;
          setState({ part, problem: null });
        },
        (error: unknown) => setState({ part: null, problem: (error as Error).message }),
      );
    }, []);
    const { part: Shown, problem } = state;
    if (Shown !== null) return <Shown {...props} />;
    return problem === null ? <p class="hint">{texts.loading}</p> : <Problem message={problem} say={texts.notLoaded} />;
  };
}
