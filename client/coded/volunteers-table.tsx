import type { CodedVolunteerView } from "../../shared/coded/run-view.ts";
import { DataTable } from "../ui/table.tsx";
import { count } from "../ui/units.ts";
import { codedTexts } from "./coded-texts.ts";

const texts = codedTexts.volunteers;
type Standing = keyof typeof texts.states;

/** Everybody who ever worked on the job: what they hold, what was taken from them, and how they stand. */
export function VolunteersTable({
  volunteers,
  hasEnded,
}: {
  volunteers: readonly CodedVolunteerView[];
  /** Nobody is at work then, and that somebody has gone says nothing. */
  hasEnded: boolean;
}) {
  const { columns } = texts;
  // Whoever is connected might join; who never got anything of the data has no part in it.
  const taking = volunteers.filter(({ pointsIssued }) => pointsIssued > 0);
  if (taking.length === 0) return <p class="hint">{texts.none}</p>;
  return (
    <section aria-label={texts.title}>
      <h2>{texts.title}</h2>
      <DataTable
        label={texts.title}
        rows={taking}
        keyOf={({ volunteerId }) => volunteerId}
        columns={(of) => [
          of.text(
            columns.volunteer,
            ({ nickname }) => nickname,
            ({ volunteerId }) => volunteerId,
          ),
          of.text(columns.state, (volunteer) => <StandingTag standing={standingOf(volunteer, hasEnded)} />),
          of.number(columns.shards, ({ shards }) => count(shards)),
          of.number(columns.results, ({ acceptedResults }) => count(acceptedResults)),
          of.number(columns.points, ({ pointsIssued }) => count(pointsIssued)),
        ]}
      />
    </section>
  );
}

function StandingTag({ standing }: { standing: Standing }) {
  return <span class={`tag standing-${standing}`}>{texts.states[standing]}</span>;
}

function standingOf({ isLiar, isPresent, isSlow }: CodedVolunteerView, hasEnded: boolean): Standing {
  if (isLiar) return "liar";
  if (!isPresent && !hasEnded) return "gone";
  return isSlow ? "slow" : "prompt";
}
