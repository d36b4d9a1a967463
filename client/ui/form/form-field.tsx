import { Field, TextField } from "../field.tsx";
import type { ChoiceSpec, FieldSpecs, FormState, TextSpec } from "./field-specs.ts";

interface FormFieldProps<Fields> {
  readonly specs: FieldSpecs<Fields>;
  readonly name: keyof Fields & string;
  readonly state: FormState<Fields>;
}

/** A field as its list says, and nothing where it is not shown. */
export function FormField<Fields extends object>({ specs, name, state }: FormFieldProps<Fields>) {
  const spec = specs[name];
  // A slot draws the fields of files.
  if (spec === undefined || spec.sort === "file" || spec.shownIf?.(state.fields) === false) return null;
  switch (spec.sort) {
    case "radio":
      return <RadioChoice spec={spec} name={name} state={state} />;
    case "select":
      return <SelectChoice spec={spec} name={name} state={state} />;
    default:
      return <Typed spec={spec} name={name} state={state} />;
  }
}

interface OneProps<Fields, Spec> {
  readonly spec: Spec;
  readonly name: keyof Fields & string;
  readonly state: FormState<Fields>;
}

const INPUT_MODES = { whole: "numeric", number: "decimal", scale: "text", text: "text", lines: "text" } as const;

function Typed<Fields>({ spec, name, state: { fields, problems, change } }: OneProps<Fields, TextSpec<Fields>>) {
  const { sort, label, hint, maxLength, whenEmpty } = spec;
  const value = String(fields[name]);
  const onInput = (text: string) => change({ [name]: text } as Partial<Fields>);
  const words = { label, problem: problems[name], ...(hint === undefined ? {} : { hint }) };
  if (sort === "lines") {
    return (
      <Field {...words}>
        {(ids) => (
          <textarea
            {...ids}
            rows={3}
            maxLength={maxLength}
            value={value}
            onInput={({ currentTarget }) => onInput(currentTarget.value)}
          />
        )}
      </Field>
    );
  }
  const placeholder = sort === "text" && typeof whenEmpty === "function" ? String(whenEmpty(fields)) : undefined;
  return (
    <TextField
      {...words}
      inputMode={INPUT_MODES[sort]}
      value={value}
      {...(maxLength === undefined ? {} : { maxLength })}
      {...(placeholder === undefined ? {} : { placeholder })}
      onInput={onInput}
    />
  );
}

function picked<Fields>({ pick }: ChoiceSpec<Fields>, name: string, value: string, fields: Fields): Partial<Fields> {
  return { [name]: value, ...pick?.(value, fields) } as Partial<Fields>;
}

function SelectChoice<Fields>({ spec, name, state }: OneProps<Fields, ChoiceSpec<Fields>>) {
  const { fields, problems, change } = state;
  const hint = spec.hint?.(fields);
  return (
    <Field label={spec.label ?? ""} problem={problems[name]} {...(hint === undefined ? {} : { hint })}>
      {(ids) => (
        <select
          {...ids}
          value={String(fields[name])}
          onChange={({ currentTarget }) => change(picked(spec, name, currentTarget.value, fields))}
        >
          {spec.options.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function RadioChoice<Fields>({ spec, name, state: { fields, change } }: OneProps<Fields, ChoiceSpec<Fields>>) {
  const group = spec.label === undefined ? {} : { role: "radiogroup" as const, "aria-label": spec.label };
  return (
    <div {...group}>
      {spec.options.map(([value, words]) => (
        <label key={value} class="choice">
          <input
            type="radio"
            name={name}
            checked={fields[name] === value}
            onChange={() => change(picked(spec, name, value, fields))}
          />
          {words}
        </label>
      ))}
    </div>
  );
}
