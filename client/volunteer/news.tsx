/** News of jobs that the volunteer helped with and that ended meanwhile. Told once. */
import { useEffect, useState } from "preact/hooks";
import type { WorkView } from "../../shared/kinds/work-view.ts";
import { ParitabApiError } from "../../shared/sdk/paritab-api-error.ts";
import { askJson } from "../../shared/sdk/requests.ts";
import { endWord, progressWords } from "./assignment-words.ts";
import { HelpedJobLink } from "./helped-job-link.tsx";
import type { HelpedJob, HelpedJobs } from "./helped-jobs.ts";
import { volunteerTexts } from "./texts/texts.ts";

/** More than a few lines nobody reads; the next visits tell the rest. */
const NEWS_MAX = 5;

interface Piece {
  readonly job: HelpedJob;
  /** null: the coordinator no longer knows the job. */
  readonly work: WorkView | null;
}

export function News({ helped }: { helped: HelpedJobs }) {
  const texts = volunteerTexts();
  const news = useNews(helped);
  if (news.length === 0) return null;
  return (
    <section class="panel news" aria-labelledby="news-title" data-testid="news">
      <h2 id="news-title">{texts.news.title}</h2>
      <ul>
        {news.map(({ job, work }) => (
          <li key={job.jobId}>
            {work === null ? job.name : <HelpedJobLink job={job} />} {texts.choose.forWhom(job.submitter)}:{" "}
            {work === null
              ? texts.news.gone
              : texts.news.ended(
                  endWord(texts, work) ?? "",
                  progressWords(texts, work),
                  texts.kinds[work.kind].own(job),
                )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Asked once the page is seen, and told then. */
function useNews({ untold, tell }: HelpedJobs): readonly Piece[] {
  const [news, setNews] = useState<readonly Piece[]>([]);
  useEffect(() => {
    let isAsked = false;
    async function ask(): Promise<void> {
      if (isAsked || document.visibilityState !== "visible") return;
      isAsked = true;
      const found = (await Promise.all(untold.map(becameOf))).flatMap((piece) => piece ?? []).slice(0, NEWS_MAX);
      setNews(found);
      for (const { job } of found) tell(job.jobId);
    }
    void ask();
    document.addEventListener("visibilitychange", ask);
    return () => document.removeEventListener("visibilitychange", ask);
  }, []);
  return news;
}

const HAS_ENDED: ReadonlySet<string> = new Set(["done", "failed", "cancelled"]);
const NOT_FOUND = 404;

/** @returns null: it has not ended, or nobody answers */
async function becameOf(job: HelpedJob): Promise<Piece | null> {
  try {
    const path = `/api/work/${encodeURIComponent(job.jobId)}`;
    const work = await askJson<WorkView>({ baseUrl: location.origin, fetch }, path, {});
    return HAS_ENDED.has(work.state) ? { job, work } : null;
  } catch (error) {
    return error instanceof ParitabApiError && error.status === NOT_FOUND ? { job, work: null } : null;
  }
}
