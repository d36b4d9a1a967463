import type { ComponentChildren } from "preact";
import { SCHEME_NAMES, SCHEMES, type SchemeName } from "../../../../shared/coding/schemes/schemes.ts";
import { Field, TextField } from "../../../ui/field.tsx";
import { inferenceTexts } from "../inference-texts.ts";
import { AimFields, ModeChoice } from "./dial/aim-fields.tsx";
import { choose, workersFor } from "./submission-form.ts";
import type { FieldsProps } from "./submit-form.tsx";

const texts = inferenceTexts.form.scheme;

interface ProtectionProps extends FieldsProps {
  readonly tabsReady: number | null;
  /** What that will take, with the dial: whoever turns it need not know the numbers below it. */
  readonly children: ComponentChildren;
}

/** Which code, and what it must survive; or by when it must be done. */
export function ProtectionFields({ fields, change, tabsReady, children }: ProtectionProps) {
  return (
    <fieldset>
      <legend>{texts.legend}</legend>
      <div class="fields">
        <ModeChoice fields={fields} change={change} />
        {fields.mode === "aim" && <AimFields fields={fields} change={change} />}
        {children}
        {fields.mode === "code" && <SchemeFields fields={fields} change={change} tabsReady={tabsReady} />}
        <p class="hint">{texts.notPrivate}</p>
      </div>
    </fieldset>
  );
}

function SchemeFields({ fields, change, tabsReady }: FieldsProps & { tabsReady: number | null }) {
  const needs = workersFor(fields);
  return (
    <>
      <Field label={texts.name} hint={SCHEMES[fields.scheme].words.describe}>
        {(ids) => (
          <select
            {...ids}
            value={fields.scheme}
            onChange={({ currentTarget }) => change(choose(currentTarget.value as SchemeName, fields))}
          >
            {SCHEME_NAMES.toReversed().map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div class="fields row">
        <TextField
          label={texts.queriesPerGroup}
          hint={texts.queriesPerGroupHint}
          inputMode="numeric"
          value={fields.queriesPerGroup}
          onInput={(queriesPerGroup) => change({ queriesPerGroup })}
        />
        <TextField
          label={texts.stragglers}
          hint={texts.stragglersHint}
          inputMode="numeric"
          value={fields.stragglers}
          onInput={(stragglers) => change({ stragglers })}
        />
        <TextField
          label={texts.liars}
          hint={texts.liarsHint}
          inputMode="numeric"
          value={fields.liars}
          onInput={(liars) => change({ liars })}
        />
      </div>
      <TextField
        label={texts.groupsPerRound}
        hint={texts.groupsPerRoundHint}
        inputMode="numeric"
        value={fields.groupsPerRound}
        onInput={(groupsPerRound) => change({ groupsPerRound })}
      />
      <p class="note" role="status" data-testid="workers">
        {needs === null ? texts.noCode : `${texts.workers(needs.workers)} ${texts.overhead(needs.overhead)}`}
        {needs !== null &&
          tabsReady !== null &&
          tabsReady < needs.workers &&
          ` ${texts.tooFewTabs(tabsReady, SCHEMES[fields.scheme].needsDistinctVolunteers)}`}
      </p>
    </>
  );
}
