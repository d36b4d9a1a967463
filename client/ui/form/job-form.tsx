import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { FieldProblems, FieldSpecs, FoldedPart, FormPart, FormState, FormStep } from "./field-specs.ts";
import { FormField } from "./form-field.tsx";
import { formTexts as texts } from "./form-texts.ts";
import { type Hints, problemsByField } from "./problems-by-field.ts";
import type { FormReading } from "./read-form.ts";

type Progress =
  | { readonly kind: "idle" }
  | { readonly kind: "sending"; readonly words: string }
  /** By the coordinator, in its words; or by the form itself, whose problems stand beside the fields. */
  | { readonly kind: "failed"; readonly message: string | null };

interface JobFormProps<Fields, Submission, Job> {
  readonly words: { readonly title: string; readonly lead?: string; readonly submit: string };
  readonly specs: FieldSpecs<Fields>;
  readonly steps: readonly FormStep<Fields>[];
  /** Are its steps to be gone through in their order? */
  readonly isNumbered?: boolean;
  readonly fields: Fields;
  change(changes: Partial<Fields>): void;
  readonly reading: FormReading<Fields, Submission>;
  /** What the coordinator says against what stands in the form; null: nothing. */
  readonly objection?: string | null;
  /** Beside which field a sentence of the coordinator belongs that names none by its path. */
  readonly hints?: Hints<Fields>;
  /** @param onStep is told what goes up now. @returns what its page is told of it. @throws Error in the coordinator's words */
  submit(submission: Submission, onStep: (words: string) => void): Promise<Job>;
  /** The job's page opens. */
  onSubmitted(job: Job): void;
  /** What comes late: below the button, which nothing moves under a pointer. */
  readonly children?: ComponentChildren;
}

/** The form of a job, drawn from the list of its fields. What is wrong stands beside its field; once it was sent in vain, also below. */
export function JobForm<Fields extends object, Submission, Job>(props: JobFormProps<Fields, Submission, Job>) {
  const { words, specs, fields, reading } = props;
  const titleId = useId();
  const [progress, setProgress] = useState<Progress>({ kind: "idle" });
  const { problems, rest } = findings(props, progress);
  // What was wrong may have come right by itself, as an upload that has ended.
  const listed = [...rest, ...(progress.kind === "failed" ? Object.values(problems).map(String) : [])];

  function change(changes: Partial<Fields>): void {
    props.change(changes);
    if (progress.kind === "failed") setProgress({ kind: "idle" });
  }

  async function send(): Promise<void> {
    if ("problems" in reading) {
      setProgress({ kind: "failed", message: null });
      return;
    }
    setProgress({ kind: "sending", words: texts.submitting });
    try {
      const onStep = (step: string) => setProgress({ kind: "sending", words: step });
      const job = await props.submit(reading.submission, onStep);
      setProgress({ kind: "idle" });
      props.onSubmitted(job);
    } catch (error) {
      setProgress({ kind: "failed", message: (error as Error).message });
    }
  }

  const state: FormState<Fields> = { fields, problems, change };
  return (
    <section class="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>{words.title}</h2>
      {words.lead !== undefined && <p class="hint form-lead">{words.lead}</p>}
      <form
        class={props.isNumbered ? "steps" : undefined}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {props.steps.map(({ legend, parts }) => (
          <fieldset key={legend}>
            <legend>{legend}</legend>
            <div class="fields">
              {parts.map((part, i) => (
                <Part key={typeof part === "string" ? part : i} part={part} specs={specs} state={state} />
              ))}
            </div>
          </fieldset>
        ))}
        <button type="submit" class="primary wide" disabled={progress.kind === "sending"}>
          {progress.kind === "sending" ? progress.words : words.submit}
        </button>
        {listed.length > 0 && (
          <div class="note error" role="alert">
            {progress.kind === "failed" && <strong>{texts.failed}</strong>}
            <ul>
              {listed.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </div>
        )}
        {props.children}
      </form>
    </section>
  );
}

interface PartProps<Fields> {
  readonly part: FormPart<Fields>;
  readonly specs: FieldSpecs<Fields>;
  readonly state: FormState<Fields>;
}

function Part<Fields extends object>({ part, specs, state }: PartProps<Fields>) {
  if (typeof part === "function") return <>{part(state)}</>;
  if (typeof part === "string") return <FormField specs={specs} name={part} state={state} />;
  if (isFolded(part)) return <Folded part={part} specs={specs} state={state} />;
  const shown = part.filter((name) => specs[name]?.shownIf?.(state.fields) !== false);
  if (shown.length === 0) return null;
  return (
    <div class="fields row">
      {shown.map((name) => (
        <FormField key={name} specs={specs} name={name} state={state} />
      ))}
    </div>
  );
}

function isFolded<Fields>(part: FormPart<Fields>): part is FoldedPart<Fields> {
  return typeof part === "object" && "summary" in part;
}

function Folded<Fields extends object>({ part, specs, state }: PartProps<Fields> & { part: FoldedPart<Fields> }) {
  const { summary, parts } = part;
  if (part.shownIf?.(state.fields) === false) return null;
  const hasProblem = parts
    .flatMap((inner) => (typeof inner === "function" ? [] : inner))
    .some((name) => state.problems[name as keyof Fields & string] !== undefined);
  return (
    <details class="folded" open={hasProblem || undefined}>
      <summary>{summary}</summary>
      <div class="fields">
        {parts.map((inner, i) => (
          <Part key={typeof inner === "string" ? inner : i} part={inner} specs={specs} state={state} />
        ))}
      </div>
    </details>
  );
}

/** What is wrong and where: the form's own findings, else the coordinator's. */
function findings<Fields extends object, Submission, Job>(
  { specs, reading, objection = null, hints = [] }: JobFormProps<Fields, Submission, Job>,
  progress: Progress,
): { problems: FieldProblems<Fields>; rest: readonly string[] } {
  if ("problems" in reading) {
    // That no file was chosen is no mistake before somebody submits.
    const isShown = ([name]: [string, unknown]) =>
      progress.kind === "failed" || specs[name as keyof Fields & string]?.sort !== "file";
    return { problems: Object.fromEntries(Object.entries(reading.problems).filter(isShown)) as never, rest: [] };
  }
  const message = progress.kind === "failed" ? progress.message : objection;
  if (message === null) return { problems: {}, rest: [] };
  const { fields, rest } = problemsByField(message, specs, hints);
  return { problems: fields, rest };
}
