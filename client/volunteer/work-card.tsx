/**
 * What is computed now: which job, for whom, what for, how far along, and what goes in and out. It is there from Start on with
 * all its rows, so that nothing below it moves when the first batch comes.
 */
import { useRef } from "preact/hooks";
import type { WorkView } from "../../shared/kinds/work-view.ts";
import type { AssignmentView } from "../session/assignment-view.ts";
import type { RefusedJob } from "../session/volunteer-settings.ts";
import { assignmentWords, progressWords } from "./assignment-words.ts";
import { type ShownWork, shownWork } from "./shown-work.ts";
import { volunteerTexts } from "./texts/texts.ts";
import { useLatestWork } from "./use-work.ts";

interface WorkCardProps {
  /** What is under way; undefined: nothing. */
  readonly current: AssignmentView | undefined;
  readonly refusedJobs: readonly RefusedJob[];
  readonly nowMs: number;
  onRefuse(job: RefusedJob): void;
}

export function WorkCard({ current, refusedJobs, nowMs, onRefuse }: WorkCardProps) {
  const all = volunteerTexts();
  const texts = all.now;
  const shown = useRef<ShownWork | null>(null);
  const refused = refusedJobs.map(({ jobId }) => jobId);
  shown.current = shownWork(shown.current, current, refused, nowMs);
  const { assignment, isOn } = shown.current ?? { assignment: null, isOn: false };
  const isTest = assignment?.kind === "probe";
  const { work } = useLatestWork(assignment === null || isTest ? null : assignment.jobId);
  return (
    <div class={isOn ? "now" : "now not-on"}>
      <dl aria-label={texts.title}>
        <div>
          <dt>{isOn || assignment === null ? texts.job : texts.latestJob}</dt>
          <dd>{assignment === null ? texts.noJob : isTest ? texts.test : assignment.jobName}</dd>
        </div>
        <div>
          <dt>{texts.submitter}</dt>
          <dd>{assignment === null ? texts.nothing : isTest ? texts.testFor : assignment.submitter}</dd>
        </div>
        <div>
          <dt>{texts.batch}</dt>
          <dd>{assignment === null ? texts.nothing : texts.batchText(assignment.rowCount)}</dd>
        </div>
        <div class="wide-fact">
          <dt>{texts.what}</dt>
          <dd>{assignment === null ? texts.nothing : assignmentWords(all, assignment).what}</dd>
        </div>
        <div class="wide-fact">
          <dt>{texts.purpose}</dt>
          <dd>
            {isTest ? texts.testPurpose : work?.purpose === undefined ? texts.nothing : texts.purposeText(work.purpose)}
          </dd>
        </div>
        <div class="wide-fact">
          <dt>{texts.data}</dt>
          <dd>
            {assignment === null ? texts.nothing : texts.dataText(assignment.receivedBytes, assignment.sentBytes)}
          </dd>
        </div>
      </dl>
      <Progress assignment={isTest ? null : assignment} work={work} isOn={isOn} onRefuse={onRefuse} />
    </div>
  );
}

interface ProgressProps extends Pick<WorkCardProps, "onRefuse"> {
  /** null: none of a job. */
  readonly assignment: AssignmentView | null;
  readonly work: WorkView | null;
  readonly isOn: boolean;
}

function Progress({ assignment, work, isOn, onRefuse }: ProgressProps) {
  const page = volunteerTexts();
  const texts = page.now;
  const { done, all } = work?.progress ?? { done: 0, all: 1 };
  return (
    <div class="work-progress">
      <progress value={done} max={all} aria-label={texts.progress} />
      <span data-testid={work === null ? undefined : "progress"}>{work !== null && progressWords(page, work)}</span>
      {assignment !== null && <a href={`/dashboard#jobs/${encodeURIComponent(assignment.jobId)}`}>{texts.follow}</a>}
      {/* Whoever came for a job presses Stop. */}
      {assignment !== null && isOn && work?.isByInvitation !== true && (
        <button
          type="button"
          class="small"
          onClick={() => onRefuse({ jobId: assignment.jobId, name: assignment.jobName })}
        >
          {texts.refuse}
        </button>
      )}
    </div>
  );
}
