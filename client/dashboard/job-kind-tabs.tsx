import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { JobKind } from "../../shared/kinds/kinds.ts";
import type { Dashboard } from "../kinds/job-pages.ts";
import { newJobHash } from "../ui/jobs/job-address.ts";
import { dashboard as texts } from "../ui/texts.ts";
import { JOB_FORMS } from "./loaded-kinds.ts";

interface JobKindTabsProps {
  readonly dashboard: Dashboard;
  /** By the address; null: it says none. */
  readonly asked: JobKind | null;
  readonly isShown: boolean;
}

/** Which kind of job to submit. What was typed for the others stays. */
export function JobKindTabs({ dashboard, asked, isShown }: JobKindTabsProps) {
  const [kind, setKind] = useState<JobKind>(asked ?? JOB_FORMS[0]!.name);
  const [seen, setSeen] = useState<ReadonlySet<JobKind>>(new Set([kind]));
  const id = useId();
  const tabs = useRef<Partial<Record<JobKind, HTMLButtonElement | null>>>({});

  useEffect(() => {
    if (asked === null) return;
    setKind(asked);
    setSeen((before) => new Set([...before, asked]));
  }, [asked]);

  /** Into the address, and not into the history: going back leaves the form. */
  const choose = (next: JobKind) => location.replace(newJobHash(next));

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const at = JOB_FORMS.findIndex(({ name }) => name === kind);
    const next = JOB_FORMS.at((at + step) % JOB_FORMS.length)!.name;
    choose(next);
    tabs.current[next]?.focus();
  }

  return (
    <div class="column">
      <div class="kinds" role="tablist" aria-label={texts.kinds} onKeyDown={onKeyDown}>
        {JOB_FORMS.map(({ name, label }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-tab-${name}`}
            aria-controls={`${id}-panel-${name}`}
            aria-selected={kind === name}
            tabIndex={kind === name ? 0 : -1}
            ref={(button) => {
              tabs.current[name] = button;
            }}
            onClick={() => choose(name)}
          >
            {label}
          </button>
        ))}
      </div>
      {JOB_FORMS.map(({ name, Form }) => (
        <div
          key={name}
          class="column"
          role="tabpanel"
          id={`${id}-panel-${name}`}
          aria-labelledby={`${id}-tab-${name}`}
          hidden={kind !== name}
        >
          {seen.has(name) && <Form dashboard={dashboard} isShown={isShown && kind === name} />}
        </div>
      ))}
    </div>
  );
}
