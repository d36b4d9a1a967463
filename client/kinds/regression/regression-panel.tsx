import { CodeFields, NameFields } from "../../coded/code-fields.tsx";
import { CodedPanel } from "../../coded/coded-panel.tsx";
import type { FormProps } from "../job-pages.ts";
import { DataFields, DescentFields } from "./regression-fields.tsx";
import { fieldsFor, readRegressionForm } from "./regression-form.ts";
import { REGRESSION_PLACES } from "./regression-places.ts";
import { REGRESSION_WORDS } from "./regression-receipt.ts";
import { regressionTexts } from "./regression-texts.ts";

const WORDS = { title: regressionTexts.title, lead: regressionTexts.lead, submit: regressionTexts.form.submit };
const AT_FIRST = fieldsFor("gisette-like");

/** The form of a regression. */
export function RegressionPanel({ dashboard, isShown }: FormProps) {
  const { client } = dashboard;
  return (
    <CodedPanel
      dashboard={dashboard}
      isShown={isShown}
      step={REGRESSION_WORDS.step}
      words={WORDS}
      fieldsAtFirst={AT_FIRST}
      fileFields={["features", "labels"]}
      places={REGRESSION_PLACES}
      read={readRegressionForm}
      ask={client.estimate}
      stepsOf={({ iterations = 0 }) => iterations}
      submit={(submission) => client.submitGradient(submission)}
    >
      {(props) => (
        <>
          <DataFields {...props} client={client} />
          <CodeFields {...props} privacy={regressionTexts.privacy} />
          <DescentFields {...props} />
          <NameFields {...props} nameAtFirst={regressionTexts.form.names[props.fields.source]} />
        </>
      )}
    </CodedPanel>
  );
}
