import { useId, useRef, useState } from "preact/hooks";
import { SubmitForm } from "../kinds/inference/form/submit-form.tsx";
import { SampleButton } from "../kinds/inference/sample-button.tsx";
import { MatmulPanel } from "../kinds/matmul/matmul-panel.tsx";
import { TrainingPanel } from "../kinds/regression/regression-panel.tsx";
import { training } from "../ui/texts.ts";
import type { DashboardStore } from "./dashboard-store.ts";

const texts = training.choice;
const KINDS = ["inference", "training", "matmul"] as const;
type Kind = (typeof KINDS)[number];

/** Which kind of job to submit. What was typed for the others stays. */
export function JobKindTabs({ store }: { store: DashboardStore }) {
  const [kind, setKind] = useState<Kind>("inference");
  const [seen, setSeen] = useState<ReadonlySet<Kind>>(new Set([kind]));
  const id = useId();
  const tabs = useRef<Partial<Record<Kind, HTMLButtonElement | null>>>({});

  function choose(next: Kind): void {
    setKind(next);
    setSeen((before) => new Set([...before, next]));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = KINDS[(KINDS.indexOf(kind) + step + KINDS.length) % KINDS.length]!;
    choose(next);
    tabs.current[next]?.focus();
  }

  return (
    <div class="column">
      <div class="kinds" role="tablist" aria-label={texts.label} onKeyDown={onKeyDown}>
        {KINDS.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`${id}-tab-${one}`}
            aria-controls={`${id}-panel-${one}`}
            aria-selected={kind === one}
            tabIndex={kind === one ? 0 : -1}
            ref={(button) => {
              tabs.current[one] = button;
            }}
            onClick={() => choose(one)}
          >
            {texts[one]}
          </button>
        ))}
      </div>
      {KINDS.map((one) => (
        <div
          key={one}
          class="column"
          role="tabpanel"
          id={`${id}-panel-${one}`}
          aria-labelledby={`${id}-tab-${one}`}
          hidden={kind !== one}
        >
          {seen.has(one) && <KindPanel kind={one} store={store} isShown={kind === one} />}
        </div>
      ))}
    </div>
  );
}

function KindPanel({ kind, ...props }: { kind: Kind; store: DashboardStore; isShown: boolean }) {
  if (kind === "training") return <TrainingPanel {...props} />;
  if (kind === "matmul") return <MatmulPanel {...props} />;
  return (
    <>
      <SampleButton store={props.store} />
      <SubmitForm {...props} />
    </>
  );
}
