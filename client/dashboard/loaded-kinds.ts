/** What the dashboard shows of every kind of job; the dashboard is drawn once all of it is here. */
import type { JobKind, JobView } from "../../shared/kinds/kinds.ts";
import type { JobPages } from "../kinds/job-pages.ts";
import { PAGE_KINDS } from "../kinds/kinds.ts";

const NAMES = Object.keys(PAGE_KINDS) as JobKind[];
const pages = new Map(await Promise.all(NAMES.map(async (name) => [name, await pagesOfKind(name)] as const)));

async function pagesOfKind(name: JobKind): Promise<JobPages<JobView>> {
  return (await PAGE_KINDS[name].pages()) as JobPages<never> as JobPages<JobView>;
}

/** Each with its forms, in the order in which people are offered them. */
export const JOB_FORMS = NAMES.map((name) => ({ name, label: PAGE_KINDS[name].name, Form: pages.get(name)!.Form }));

export function pagesOf({ kind }: { readonly kind: JobKind }): JobPages<JobView> {
  return pages.get(kind)!;
}

/** First jobs in one click, of the kinds that have one. */
export const FIRST_STEPS = NAMES.flatMap((name) => pages.get(name)!.FirstStep ?? []);
