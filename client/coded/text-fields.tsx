import { TextField } from "../ui/field.tsx";
import type { FormProps, TypedField } from "./coded-form.ts";

/** Makes text fields whose value, problem and change are the form's. */
export function textFieldsOf<Fields extends object>({ fields, problems, change }: FormProps<Fields>) {
  return (
    name: TypedField<Fields> & string,
    label: string,
    hint?: string,
    inputMode: "numeric" | "decimal" | "text" = "numeric",
  ) => (
    <TextField
      key={name}
      label={label}
      {...(hint === undefined ? {} : { hint })}
      inputMode={inputMode}
      value={String(fields[name])}
      problem={problems[name]}
      onInput={(value) => change({ [name]: value } as Partial<Fields>)}
    />
  );
}
