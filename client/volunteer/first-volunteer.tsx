import { PageFrame } from "../ui/page-frame.tsx";
import { volunteer as texts } from "../ui/texts.ts";

/** What the page is for. */
export function Intro() {
  return (
    <div class="intro">
      <h1>{texts.title}</h1>
      <p class="lead">{texts.lead}</p>
    </div>
  );
}

/** The volunteer's page until its scripts are read. */
export function FirstVolunteer() {
  return (
    <PageFrame page="volunteer">
      <Intro />
    </PageFrame>
  );
}
