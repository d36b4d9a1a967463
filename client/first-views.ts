/** What each page shows until its scripts are read, by the page's file; vite.config.ts writes it there. */
import { h } from "preact";
import { FirstClass } from "./classroom/first-class.tsx";
import { FirstDashboard } from "./dashboard/first-dashboard.tsx";
import { FirstOperator } from "./operator/first-operator.tsx";
import { staticHtml } from "./ui/static-html.ts";
import { FirstVolunteer } from "./volunteer/first-volunteer.tsx";
import { english } from "./volunteer/texts/en.ts";
import { formatsIn } from "./volunteer/texts/formats.ts";

const texts = english.texts(formatsIn("en", english.clock));

export const FIRST_VIEWS: Readonly<Record<string, string>> = {
  "index.html": staticHtml(h(FirstVolunteer, { texts })),
  "dashboard.html": staticHtml(h(FirstDashboard, null)),
  "class.html": staticHtml(h(FirstClass, null)),
  "operator.html": staticHtml(h(FirstOperator, null)),
};
