import { CodeFields, NameFields } from "../../coded/code-fields.tsx";
import { CodedPanel } from "../../coded/coded-panel.tsx";
import type { DashboardStore } from "../../dashboard/dashboard-store.ts";
import { MatrixFields } from "./matmul-fields.tsx";
import { MATMUL_AT_FIRST, MATMUL_PLACES, readMatmulForm } from "./matmul-form.ts";
import { matmul } from "./matmul-texts.ts";

const WORDS = { title: matmul.title, lead: matmul.lead, submit: matmul.form.submit };

/** The form of a matrix job. */
export function MatmulPanel({ store, isShown }: { store: DashboardStore; isShown: boolean }) {
  const { client } = store;
  return (
    <CodedPanel
      store={store}
      isShown={isShown}
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
