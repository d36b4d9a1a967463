import { CodeFields, NameFields } from "../../coded/code-fields.tsx";
import { CodedPanel } from "../../coded/coded-panel.tsx";
import type { FormProps } from "../job-pages.ts";
import { MatrixFields } from "./matmul-fields.tsx";
import { MATMUL_AT_FIRST, MATMUL_PLACES, readMatmulForm } from "./matmul-form.ts";
import { MATMUL_WORDS } from "./matmul-receipt.ts";
import { matmulTexts as matmul } from "./matmul-texts.ts";

const WORDS = { title: matmul.title, lead: matmul.lead, submit: matmul.form.submit };

/** The form of a matrix job. */
export function MatmulPanel({ dashboard, isShown }: FormProps) {
  const { client } = dashboard;
  return (
    <CodedPanel
      dashboard={dashboard}
      isShown={isShown}
      step={MATMUL_WORDS.step}
      words={WORDS}
      fieldsAtFirst={MATMUL_AT_FIRST}
      fileFields={["left", "right"]}
      places={MATMUL_PLACES}
      read={readMatmulForm}
      ask={client.estimateMatmul}
      // A slice is a round.
      stepsOf={(_submission, { rounds }) => rounds}
      submit={(submission) => client.submitMatmul(submission)}
    >
      {(props) => (
        <>
          <MatrixFields {...props} client={client} />
          <CodeFields {...props} privacy={matmul.privacy} />
          <NameFields {...props} nameAtFirst={matmul.form.nameAtFirst} />
        </>
      )}
    </CodedPanel>
  );
}
