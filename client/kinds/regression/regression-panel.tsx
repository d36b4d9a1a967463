import { CodeFields, NameFields } from "../../coded/code-fields.tsx";
import { CodedPanel } from "../../coded/coded-panel.tsx";
import type { DashboardStore } from "../../dashboard/dashboard-store.ts";
import { training } from "../../ui/training-texts.ts";
import { DataFields, DescentFields } from "./regression-fields.tsx";
import { fieldsFor, readTrainingForm } from "./regression-form.ts";
import { TRAINING_PLACES } from "./regression-places.ts";

const WORDS = { title: training.title, lead: training.lead, submit: training.form.submit };
const AT_FIRST = fieldsFor("gisette-like");

/** The form of a gradient job. */
export function TrainingPanel({ store, isShown }: { store: DashboardStore; isShown: boolean }) {
  const { client } = store;
  return (
    <CodedPanel
      store={store}
      isShown={isShown}
      words={WORDS}
      fieldsAtFirst={AT_FIRST}
      fileFields={["features", "labels"]}
      places={TRAINING_PLACES}
      read={readTrainingForm}
      ask={client.estimate}
      stepsOf={({ iterations = 0 }) => iterations}
      submit={(submission) => client.submitGradient(submission)}
    >
      {(props) => (
        <>
          <DataFields {...props} client={client} />
          <CodeFields {...props} privacy={training.privacy} />
          <DescentFields {...props} />
          <NameFields {...props} nameAtFirst={training.form.names.defaults[props.fields.source]} />
        </>
      )}
    </CodedPanel>
  );
}
