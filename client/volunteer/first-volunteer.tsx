import { PageFrame } from "../ui/page-frame.tsx";
import { LanguageBox } from "./language-box.tsx";
import type { VolunteerTexts } from "./texts/texts.ts";

type IntroTexts = Pick<VolunteerTexts, "title" | "lead">;

/** What the page is for. */
export function Intro({ texts }: { texts: IntroTexts }) {
  return (
    <div class="intro">
      <h1>{texts.title}</h1>
      <p class="lead">{texts.lead}</p>
    </div>
  );
}

/** The volunteer's page until its scripts and texts are read. */
export function FirstVolunteer({ texts }: { texts: IntroTexts & Pick<VolunteerTexts, "frame" | "language"> }) {
  return (
    <PageFrame page="volunteer" texts={texts.frame} aside={<LanguageBox label={texts.language.label} chosen="en" />}>
      <Intro texts={texts} />
    </PageFrame>
  );
}
