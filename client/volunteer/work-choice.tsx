/** What this browser works for: the jobs that are at work, before Start and after; for whom; and a no to each of them. */

import { useEffect } from "preact/hooks";
import type { WorkView } from "../../shared/kinds/work-view.ts";
import { CHOSEN_PROJECTS_MAX } from "../../shared/protocol/limits.ts";
import { progressWords } from "./assignment-words.ts";
import { isTaken, projectsOf, refusalsAtWork } from "./choices.ts";
import { volunteerTexts } from "./texts/texts.ts";
import type { VolunteerTab } from "./volunteer-tab.ts";
import { workList } from "./work-stream.ts";

export function WorkChoicePanel({ tab }: { tab: VolunteerTab }) {
  const texts = volunteerTexts().choose;
  const { projects, refusedJobs } = tab.settings.value;
  const list = workList.value;

  useEffect(() => {
    const stillThere = list === null ? refusedJobs : refusalsAtWork(refusedJobs, list);
    if (stillThere.length < refusedJobs.length) tab.change({ refusedJobs: stillThere });
  }, [list]);

  const known = projectsOf(list?.jobs ?? [], projects ?? []);
  const isChoosing = projects !== null || refusedJobs.length > 0;
  return (
    <section class="panel work-choice" aria-labelledby="choose-title">
      <h2 id="choose-title">{texts.title}</h2>
      <ul class="work-list" aria-label={texts.atWork}>
        {list?.jobs.map((job) => (
          <Job key={job.jobId} tab={tab} job={job} />
        ))}
        {list === null && <li class="hint">{texts.asking}</li>}
        {list?.jobs.length === 0 && <li class="hint">{isChoosing ? texts.none : `${texts.none} ${texts.takesAny}`}</li>}
        {list !== null && list.more > 0 && <li class="hint">{texts.more(list.more)}</li>}
      </ul>
      <fieldset>
        <legend>{texts.projects}</legend>
        <label>
          <input
            type="radio"
            name="projects"
            checked={projects === null}
            onChange={() => tab.change({ projects: null })}
          />
          {texts.all}
        </label>
        <label>
          <input
            type="radio"
            name="projects"
            checked={projects !== null}
            disabled={known.length === 0}
            onChange={() => tab.change({ projects: known.slice(0, CHOSEN_PROJECTS_MAX) })}
          />
          {texts.these}
        </label>
        {projects !== null && (
          <div class="chosen-projects">
            {known.map((name) => (
              <label key={name}>
                <input
                  type="checkbox"
                  checked={projects.includes(name)}
                  onChange={(event) =>
                    tab.change({ projects: withProject(projects, name, event.currentTarget.checked) })
                  }
                />
                {name}
              </label>
            ))}
            {projects.length === 0 && <p class="note warn">{texts.noProject}</p>}
          </div>
        )}
      </fieldset>
      <p class="hint">{isChoosing ? texts.doesNotCheck : texts.checksToo}</p>
    </section>
  );
}

function withProject(projects: readonly string[], name: string, isChosen: boolean): string[] {
  const others = projects.filter((other) => other !== name);
  return isChosen ? [...others, name].slice(0, CHOSEN_PROJECTS_MAX) : others;
}

function Job({ tab, job }: { tab: VolunteerTab; job: WorkView }) {
  const all = volunteerTexts();
  const texts = all.choose;
  const { jobId, name, submitter, purpose, progress } = job;
  const { projects, refusedJobs } = tab.settings.value;
  const isRefused = refusedJobs.some((refused) => refused.jobId === jobId);
  const takeAgain = () => tab.change({ refusedJobs: refusedJobs.filter((refused) => refused.jobId !== jobId) });
  return (
    <li class={isTaken(job, projects, refusedJobs) ? "" : "not-taken"}>
      <div>
        <strong>{name}</strong> <span class="hint">{texts.forWhom(submitter)}</span>
        {purpose !== undefined && <p>{all.now.purposeText(purpose)}</p>}
        <p class="hint">
          {texts.what(all.kinds[job.kind].name)} {progressWords(all, job)}
          {progress.done < progress.all && texts.left(progress.done / Math.max(1, progress.all))}.
          {!isTaken(job, projects, refusedJobs) && ` ${isRefused ? texts.refused : texts.otherProject}`}
        </p>
      </div>
      <button
        type="button"
        class="small"
        aria-label={isRefused ? texts.takeNamed(name) : texts.refuseNamed(name)}
        onClick={isRefused ? takeAgain : () => tab.refuse({ jobId, name })}
      >
        {isRefused ? texts.take : texts.refuse}
      </button>
    </li>
  );
}
