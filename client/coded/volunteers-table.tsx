import type { CodedVolunteerView } from "../../shared/coded/run-view.ts";
import { Scroll } from "../ui/scroll.tsx";
import { TableHead } from "../ui/table-head.tsx";
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
      <h4>{texts.title}</h4>
      <Scroll label={texts.title}>
        <table>
          <TableHead
            columns={[
              columns.volunteer,
              columns.state,
              { numbers: columns.shards },
              { numbers: columns.results },
              { numbers: columns.points },
            ]}
          />
          <tbody>
            {taking.map((volunteer) => (
              <tr key={volunteer.volunteerId}>
                <td title={volunteer.volunteerId}>{volunteer.nickname}</td>
                <td>
                  <StandingTag standing={standingOf(volunteer, hasEnded)} />
                </td>
                <td class="number">{count(volunteer.shards)}</td>
                <td class="number">{count(volunteer.acceptedResults)}</td>
                <td class="number">{count(volunteer.pointsIssued)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
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
